/** Turns the files of a training run into one HTML page that needs nothing else. */
package io.github.lorascope.report;
