package io.github.lorascope.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;

/**
 * A text in which special tokens are spelled as nobody can guess, where they are meant, and as they
 * were written elsewhere; and the way back to its places before.
 */
final class Respelling {
  /** What was replaced: from and to in the text as it was, and in the new one. */
  private record Change(int from, int to, int newFrom, int newTo) {}

  private final StringBuilder text = new StringBuilder();
  private final List<Change> changes = new ArrayList<>();
  private int length;

  private Respelling() {}

  /**
   * Joins the pieces of a text.
   *
   * @param hidden how special tokens are spelled where they are meant
   */
  static Respelling of(List<TextPiece> pieces, HiddenNames hidden) {
    Respelling result = new Respelling();
    for (TextPiece piece : pieces) {
      if (piece.handling() == SpecialTokens.AS_TEXT || hidden.names().isEmpty()) {
        result.add(piece.text());
      } else {
        result.addRespelled(piece.text(), hidden);
      }
    }
    return result;
  }

  private void add(String part) {
    text.append(part);
    length += part.length();
  }

  private void addRespelled(String part, HiddenNames hidden) {
    Matcher matcher = hidden.spellings().matcher(part);
    int end = 0;
    while (matcher.find()) {
      add(part.substring(end, matcher.start()));
      String name = hidden.names().get(matcher.group());
      changes.add(
          new Change(
              length,
              length + matcher.group().length(),
              text.length(),
              text.length() + name.length()));
      text.append(name);
      length += matcher.group().length();
      end = matcher.end();
    }
    add(part.substring(end));
  }

  String text() {
    return text.toString();
  }

  /** The same tokens, at their places in the text as it was. */
  Encoding placed(Encoding encoding) {
    if (changes.isEmpty()) {
      return encoding;
    }
    int[] starts = new int[encoding.size()];
    int[] ends = new int[encoding.size()];
    for (int i = 0; i < encoding.size(); i++) {
      starts[i] = place(encoding.starts()[i], false);
      ends[i] = place(encoding.ends()[i], true);
    }
    return new Encoding(encoding.ids(), starts, ends);
  }

  /** Within what was replaced, where that began or, of an end, ended. */
  private int place(int newPlace, boolean end) {
    int shift = 0;
    for (Change change : changes) {
      if (newPlace <= change.newFrom()) {
        break;
      }
      if (newPlace < change.newTo()) {
        return end ? change.to() : change.from();
      }
      shift = change.to() - change.newTo();
    }
    return newPlace + shift;
  }
}
