package io.github.lorascope.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.BitSet;
import java.util.Deque;
import java.util.Optional;

/**
 * SentencePiece's table of character replacements: a little-endian length, a double-array trie of
 * that many bytes (Darts, units of 32 bits), then the replacements, each ended by a zero byte. The
 * native library follows the trie without looking where it leads.
 */
final class PrecompiledCharacters {
  private static final String FAULT = "its normalizer Precompiled ";

  private final ByteBuffer units;
  private final ByteBuffer replacements;
  private final BitSet visited = new BitSet();
  private final Deque<Integer> open = new ArrayDeque<>();

  private PrecompiledCharacters(ByteBuffer units, ByteBuffer replacements) {
    this.units = units;
    this.replacements = replacements;
  }

  /** Says what is wrong with a table in base 64, or nothing. */
  static Optional<String> findFault(String base64) {
    ByteBuffer table;
    try {
      table = ByteBuffer.wrap(Base64.getDecoder().decode(base64)).order(ByteOrder.LITTLE_ENDIAN);
    } catch (IllegalArgumentException e) {
      return Optional.of(FAULT + "is not base 64");
    }
    int length = table.remaining() < Integer.BYTES ? -1 : table.getInt();
    if (length < Integer.BYTES || length % Integer.BYTES != 0 || length > table.remaining()) {
      return Optional.of(FAULT + "does not hold the trie that it announces");
    }
    ByteBuffer units = table.slice(table.position(), length).order(ByteOrder.LITTLE_ENDIAN);
    int rest = table.position() + length;
    ByteBuffer replacements = table.slice(rest, table.limit() - rest);
    return new PrecompiledCharacters(units, replacements).leadsOutside()
        ? Optional.of(FAULT + "has a trie that leads outside of the table")
        : Optional.empty();
  }

  /** Visits each unit that some text reaches. */
  private boolean leadsOutside() {
    if (follow(0)) {
      return true;
    }
    while (!open.isEmpty()) {
      int node = open.pop();
      for (int label = 1; label < 256; label++) {
        int unit = unit(node ^ label);
        if ((unit & 0x800000FF) == label && follow(node ^ label)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Goes from a unit to the node that it points at, and looks at the replacement there. */
  private boolean follow(int position) {
    int unit = unit(position);
    int node = position ^ ((unit >>> 10) << ((unit & (1 << 9)) >>> 6));
    if (node < 0 || (node | 0xFF) >= units.capacity() / Integer.BYTES) {
      return true;
    }
    if (!visited.get(node)) {
      visited.set(node);
      open.push(node);
    }
    boolean hasValue = (unit & (1 << 8)) != 0;
    return hasValue && !isReplacement(unit(node) & 0x7FFFFFFF);
  }

  /** A replacement starts inside the table and not within a UTF-8 character. */
  private boolean isReplacement(int start) {
    return start < replacements.capacity() && (replacements.get(start) & 0xC0) != 0x80;
  }

  private int unit(int position) {
    return units.getInt(position * Integer.BYTES);
  }
}
