package io.github.lorascope.tokenizer;

import java.util.Comparator;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How a tokenizer whose special tokens are out of the reach of text spells them.
 *
 * @param names the spelling of each by the one in its file
 * @param spellings finds those of the file, the longest first, as Hugging Face's tokenizers do
 */
record HiddenNames(Map<String, String> names, Pattern spellings) {
  static HiddenNames of(Map<String, String> names) {
    return new HiddenNames(
        Map.copyOf(names),
        Pattern.compile(
            names.keySet().stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .map(Pattern::quote)
                .collect(Collectors.joining("|"))));
  }
}
