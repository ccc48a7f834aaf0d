/**
 * LoRA adapters: which linear layers they are put on, their parameters in one buffer, and PEFT's
 * files in both directions. The classification head is part of an adapter and is saved with it.
 * {@link io.github.lorascope.lora.Merge} makes one model of base and adapter.
 */
package io.github.lorascope.lora;
