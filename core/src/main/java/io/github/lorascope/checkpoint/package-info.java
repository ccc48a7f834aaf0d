/**
 * Checkpoints: safetensors files read and written, config.json, sharded folders, weights stored in
 * 4 bits by bitsandbytes, and models in one GGUF file. Files are taken for hostile until they are
 * checked.
 */
package io.github.lorascope.checkpoint;
