/**
 * Models by name: found in the cache that huggingface_hub keeps, or fetched into it from the
 * Hugging Face Hub or a server that speaks as it does. What a server says is checked before a byte
 * of it is written, and only inside the cache.
 */
package io.github.lorascope.hub;
