package io.github.lorascope.gguf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Walks over the bytes of a header, never beyond them. */
final class GgufInput {
  private final ByteBuffer bytes;
  private final String source;

  /** Starts at the buffer's position. */
  GgufInput(ByteBuffer bytes, String source) {
    this.bytes = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    this.source = source;
  }

  int position() {
    return bytes.position();
  }

  int remaining() {
    return bytes.remaining();
  }

  byte int8(String what) {
    require(Byte.BYTES, what);
    return bytes.get();
  }

  short int16(String what) {
    require(Short.BYTES, what);
    return bytes.getShort();
  }

  int int32(String what) {
    require(Integer.BYTES, what);
    return bytes.getInt();
  }

  long int64(String what) {
    require(Long.BYTES, what);
    return bytes.getLong();
  }

  /** Reads how many things follow, each of which takes some bytes at least. */
  long count(int bytesOfEach, String what) {
    long count = int64("the number of " + what);
    if (count < 0 || count > bytes.remaining() / bytesOfEach) {
      throw new GgufException(
          source
              + " announces "
              + Long.toUnsignedString(count)
              + " "
              + what
              + ", but only "
              + bytes.remaining()
              + " bytes of it are left; it is cut off or damaged");
    }
    return count;
  }

  /**
   * Reads a text.
   *
   * @param most how many bytes it may have, as a damaged length can be that of all the file
   */
  String text(String what, int most) {
    int length = (int) count(1, "bytes of " + what);
    if (length > most) {
      throw new GgufException(
          source
              + ": "
              + what
              + " has "
              + length
              + " bytes, of which it may have "
              + most
              + "; it is damaged");
    }
    ByteBuffer utf8 = bytes.slice(bytes.position(), length);
    bytes.position(bytes.position() + length);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
    } catch (CharacterCodingException e) {
      throw new GgufException(source + ": " + what + " is not UTF-8; the file is damaged", e);
    }
  }

  void skip(long count, String what) {
    require(count, what);
    bytes.position(bytes.position() + (int) count);
  }

  private void require(long count, String what) {
    if (count > bytes.remaining()) {
      throw new GgufException(source + " ends within " + what + "; it is cut off or damaged");
    }
  }
}
