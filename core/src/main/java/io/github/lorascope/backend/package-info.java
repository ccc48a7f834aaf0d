/**
 * The operations that a decoder and its training are made of, each with its gradient beside it: the
 * service provider interface that the Reference, oneDNN and CUDA backends implement.
 */
package io.github.lorascope.backend;
