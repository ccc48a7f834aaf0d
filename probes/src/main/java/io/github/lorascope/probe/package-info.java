/**
 * Asks what hidden states hold and how they change: linear probes with cross-validation, control
 * tasks and intervals, principal components, and similarity of states. The only package that uses
 * ND4J.
 */
package io.github.lorascope.probe;
