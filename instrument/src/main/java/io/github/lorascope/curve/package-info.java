/** What the curves of a training say: plateaus, change points, steepest drops. */
package io.github.lorascope.curve;
