/**
 * The yardstick: every operation in plain Java, written like its formula, computed in double
 * precision and stored as float32. Runs anywhere, slowly.
 */
package io.github.lorascope.backend.reference;
