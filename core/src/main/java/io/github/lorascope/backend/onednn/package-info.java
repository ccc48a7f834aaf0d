/**
 * The CPU backend on oneDNN: products by its kernels, each run on one thread, over row ranges that
 * Java threads share out; the cheap rest in plain Java.
 */
package io.github.lorascope.backend.onednn;
