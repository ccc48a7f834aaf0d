package io.github.lorascope.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LineReaderTest {
  private static final int HEADER = 10;
  private static final int STORED = 23;

  /** The header is read before the buffer is filled. */
  private static final int BUFFER_END = HEADER + (1 << 16);

  @TempDir Path folder;

  /** The first member ends before, at and behind the end of the reader's buffer. */
  @Test
  void gzipMembersAreReadWhereverTheyEnd() throws IOException {
    for (int size = BUFFER_END - 30; size <= BUFFER_END + 10; size++) {
      byte[] first = memberOfSize(size);
      long lines = lines(first);
      assertTrue(lines > 0);
      assertEquals(lines, lines(joined(first, member(""))));
      assertEquals(lines + 1, lines(joined(first, member("b\n"))));
      assertEquals(lines + 2, lines(joined(first, member(""), member("b\n"), member("c"))));
    }
    byte[] large = member(numbers(50_000));
    assertEquals(50_000, lines(large));
    assertEquals(150_001, lines(joined(large, member("b\n"), large, large)));
  }

  @Test
  void whatIsLeftBehindTheLastGzipMemberIsAnError() throws IOException {
    byte[] small = member("b\n");
    byte[] large = member(numbers(50_000));
    for (byte[] first : List.of(member("a\n"), large)) {
      assertDamagedBehind(first, small);
      assertDamagedBehind(first, large);
    }
    for (int size = BUFFER_END - 30; size <= BUFFER_END + 10; size++) {
      assertDamagedBehind(memberOfSize(size), small);
    }
  }

  private void assertDamagedBehind(byte[] first, byte[] second) throws IOException {
    String expected = "is damaged after line " + lines(first) + " (what follows";
    for (int length = 1; length < HEADER; length++) {
      assertRefused(joined(first, Arrays.copyOf(second, length)), expected);
    }
    byte[] bad = second.clone();
    bad[1] ^= 1;
    assertRefused(joined(first, bad), expected);
    assertRefused(joined(first, Arrays.copyOf(second, second.length - 1)), "is cut off after line");
  }

  @ParameterizedTest
  @CsvSource({
    "257, 7573746172003030, a tar archive",
    "257, 7573746172202000, a tar archive",
    "0, 504B030414000000, a zip archive",
    "0, 425A6839314159265359, packed by bzip2",
    "0, FD377A585A000004, packed by xz",
    "0, 28B52FFD04003801, packed by zstd",
    "0, 5041523115041510, a Parquet file"
  })
  void whatHoldsTextOnlyUnpackedIsNamed(int place, String mark, String name) throws IOException {
    byte[] bytes = new byte[1024];
    byte[] marked = HexFormat.of().parseHex(mark);
    System.arraycopy(marked, 0, bytes, place, marked.length);
    assertRefused(bytes, "lines.gz is " + name + "; unpack it");
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(bytes);
    }
    assertRefused(packed.toByteArray(), "lines.gz is " + name + "; unpack it");
  }

  @Test
  void textThatBeginsLikeAPackedFileIsText() throws IOException {
    for (String text : List.of("PKW\tx\n", "BZh91\tx\n", "PAR1\tx\n", "(\u00B5/\u00FD\n", "a\n")) {
      assertEquals(1, lines(text.getBytes(StandardCharsets.UTF_8)), text);
    }
    String tar = "x".repeat(257) + "ustard";
    assertEquals(1, lines(tar.getBytes(StandardCharsets.UTF_8)));
  }

  private void assertRefused(byte[] packed, String part) {
    String message = assertThrows(FileReadException.class, () -> lines(packed)).getMessage();
    assertTrue(message.contains(part), message);
  }

  private long lines(byte[] packed) throws IOException {
    try (LineReader reader = LineReader.open(Files.write(folder.resolve("lines.gz"), packed))) {
      while (reader.next() != null) {}
      return reader.number();
    }
  }

  private static byte[] joined(byte[]... members) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] member : members) {
      all.writeBytes(member);
    }
    return all.toByteArray();
  }

  private static String numbers(int lines) {
    return new Random(3).ints(lines).mapToObj(i -> i + "\n").collect(Collectors.joining());
  }

  private static byte[] member(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  /** Lines in one block that is stored and not packed, so that their size is known. */
  private static byte[] memberOfSize(int size) {
    String lines = "some line\n".repeat(size);
    byte[] text = lines.substring(lines.length() - size + STORED).getBytes(StandardCharsets.UTF_8);
    CRC32 crc = new CRC32();
    crc.update(text);
    return ByteBuffer.allocate(size)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(new byte[] {0x1F, (byte) 0x8B, 8, 0, 0, 0, 0, 0, 0, 0})
        .put((byte) 1)
        .putShort((short) text.length)
        .putShort((short) ~text.length)
        .put(text)
        .putInt((int) crc.getValue())
        .putInt(text.length)
        .array();
  }
}
