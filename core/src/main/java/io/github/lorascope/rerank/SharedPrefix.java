package io.github.lorascope.rerank;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Prompts divided into what all begin with and what each has behind it, at least its last token.
 *
 * @param prefix the tokens that are shared
 * @param continuations the others of each prompt
 */
@SuppressWarnings("ArrayRecordComponent") // never leaves the package
record SharedPrefix(int[] prefix, List<int[]> continuations) {
  private static final int KEYS_A_TOKEN = 4;

  static SharedPrefix of(List<int[]> prompts) {
    int shared = prompts.isEmpty() ? 0 : prompts.get(0).length - 1;
    for (int[] prompt : prompts) {
      int most = Math.min(shared, prompt.length - 1);
      int mismatch = Arrays.mismatch(prompts.get(0), 0, most, prompt, 0, most);
      shared = mismatch < 0 ? most : mismatch;
    }
    List<int[]> continuations = new ArrayList<>();
    for (int[] prompt : prompts) {
      continuations.add(Arrays.copyOfRange(prompt, shared, prompt.length));
    }
    int[] prefix = prompts.isEmpty() ? new int[0] : Arrays.copyOf(prompts.get(0), shared);
    return new SharedPrefix(prefix, continuations);
  }

  /**
   * Divides the continuations so that the prefix and each part have no more tokens than a bound,
   * and a few times as many keys, as every continuation attends to the prefix too; or the part is
   * one continuation.
   */
  List<List<int[]>> parts(int mostTokens) {
    List<List<int[]>> parts = new ArrayList<>();
    long tokens = 0;
    long keys = 0;
    for (int[] continuation : continuations) {
      int length = prefix.length + continuation.length;
      if (parts.isEmpty()
          || tokens + continuation.length > mostTokens
          || keys + length > KEYS_A_TOKEN * (long) mostTokens) {
        parts.add(new ArrayList<>());
        tokens = prefix.length;
        keys = prefix.length;
      }
      parts.get(parts.size() - 1).add(continuation);
      tokens += continuation.length;
      keys += length;
    }
    return parts;
  }
}
