/**
 * Text to token ids and back to places in the text, as a model's {@code tokenizer.json} or GGUF
 * file says. Runs Hugging Face's tokenizers through DJL's native library, offline.
 */
package io.github.lorascope.tokenizer;
