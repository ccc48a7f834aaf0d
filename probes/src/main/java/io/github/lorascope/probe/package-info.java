/**
 * Asks what a hidden state holds: linear probes with cross-validation, control tasks and intervals.
 * The only package that uses ND4J.
 */
package io.github.lorascope.probe;
