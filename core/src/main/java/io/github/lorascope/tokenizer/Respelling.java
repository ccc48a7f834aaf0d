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
      int start = encoding.starts()[i];
      int end = encoding.ends()[i];
      Change within = within(start, end);
      starts[i] = within == null ? place(start) : within.from();
      ends[i] = within == null ? place(end) : within.to();
    }
    return new Encoding(encoding.ids(), starts, ends);
  }

  /**
   * The special token that a stretch of the new text is of, if it is. White space that the token
   * takes away beside it may be another source's, and is no token's.
   */
  private Change within(int newStart, int newEnd) {
    for (Change change : changes) {
      if (newStart <= change.newFrom() && change.newTo() <= newEnd) {
        return change;
      }
    }
    return null;
  }

  private int place(int newPlace) {
    int shift = 0;
    for (Change change : changes) {
      if (newPlace <= change.newFrom()) {
        break;
      }
      shift = change.to() - change.newTo();
    }
    return newPlace + shift;
  }
}
