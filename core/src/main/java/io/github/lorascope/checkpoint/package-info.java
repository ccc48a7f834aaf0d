/**
 * Hugging Face checkpoints: safetensors files read and written, config.json, sharded folders and
 * weights stored in 4 bits by bitsandbytes. Files are taken for hostile until they are checked.
 */
package io.github.lorascope.checkpoint;
