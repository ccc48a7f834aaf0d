package io.github.lorascope.tokenizer;

/**
 * The tokens of a text. Several tokens may share one character (a rare character is encoded byte by
 * byte); a token that the tokenizer's template adds, such as a beginning-of-sequence token, stands
 * for no characters and has start = end = 0.
 *
 * @param ids a token id each
 * @param starts each token's first character, in UTF-16 units of the Java string
 * @param ends past each token's last character, in UTF-16 units; never inside a surrogate pair
 */
@SuppressWarnings("ArrayRecordComponent") // the arrays are the caller's; nobody compares encodings
public record Encoding(int[] ids, int[] starts, int[] ends) {
  /** Checks that the three arrays have one length. */
  public Encoding {
    if (ids.length != starts.length || ids.length != ends.length) {
      throw new IllegalArgumentException(
          ids.length + " ids, " + starts.length + " starts and " + ends.length + " ends");
    }
  }

  /**
   * Counts the tokens.
   *
   * @return how many tokens the text has
   */
  public int size() {
    return ids.length;
  }
}
