/** Programs to start from, each run with {@code examples/run NAME}. */
package io.github.lorascope.examples;
