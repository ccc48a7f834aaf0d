/**
 * Strict JSON: what a hostile or broken file could hide (duplicate keys, endless nesting, trailing
 * text, NaN) is refused, and every complaint names the file and the field.
 */
package io.github.lorascope.json;
