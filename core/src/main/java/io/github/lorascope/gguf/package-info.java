/**
 * GGUF files, the format of llama.cpp: header, metadata, and tensors in floating point or in
 * quantized blocks, which are dequantized when they are read. Files are taken for hostile until
 * they are checked.
 */
package io.github.lorascope.gguf;
