package io.github.lorascope.io;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.ZipException;

/**
 * The lines of a UTF-8 text file of any size, plain or gzip (told by its first bytes). Lines end in
 * LF or CR LF; a byte-order mark is skipped. Bytes that are no UTF-8 are an error, not replaced.
 * Holds one line in memory, of at most 16 MiB. Not safe for use by several threads.
 */
public final class LineReader implements AutoCloseable {
  private static final int QUOTED = 60;
  private static final int MAX_LINE_BYTES = 16 << 20;
  private static final int GZIP_MAGIC = 0x1F8B;
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private final Path file;
  private final long bytes;
  private final CountingStream raw;
  private final InputStream in;
  private final byte[] buffer = new byte[1 << 16];
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private int position;
  private int filled;
  private long number;
  private boolean begun;

  private LineReader(Path file, CountingStream raw) throws IOException {
    this.file = file;
    this.bytes = Files.size(file);
    this.raw = raw;
    this.in = unpacked(raw);
  }

  /**
   * Opens a file.
   *
   * @param file the file
   * @return its reader, to be closed by the caller
   * @throws FileReadException if the file is missing, cannot be read or is no whole gzip file
   */
  public static LineReader open(Path file) {
    CountingStream raw = null;
    try {
      raw = new CountingStream(Files.newInputStream(file));
      return new LineReader(file, raw);
    } catch (IOException e) {
      closeQuietly(raw, e);
      throw unreadable(file, 0, e);
    }
  }

  private static InputStream unpacked(InputStream raw) throws IOException {
    PushbackInputStream in = new PushbackInputStream(raw, 2);
    byte[] start = in.readNBytes(2);
    in.unread(start);
    boolean gzip = start.length == 2 && ((start[0] & 0xFF) << 8 | (start[1] & 0xFF)) == GZIP_MAGIC;
    return gzip ? new WholeGzipStream(in) : in;
  }

  private static void closeQuietly(InputStream in, IOException reason) {
    try {
      if (in != null) {
        in.close();
      }
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
  }

  /**
   * Reads the next line.
   *
   * @return the line without its end, or null past the last one
   * @throws FileReadException if the file is damaged or cut off, or the line is not UTF-8 or has
   *     more than 16 MiB
   */
  public String next() {
    try {
      if (!readLine()) {
        return null;
      }
    } catch (IOException e) {
      throw unreadable(file, number, e);
    }
    String text = decode(line.toByteArray());
    text = text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    return number == 1 && text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
  }

  /**
   * Reads the next line of a file in which each line says something. Blank lines are ignored at the
   * end of the file alone. A line of tabs is none: its fields are what is blank.
   *
   * @param what what the file holds, for messages, such as {@code "triples"}
   * @return the line without its end, or null past the last one
   * @throws FileReadException as {@link #next} does, and if a line is blank or the file is empty
   */
  public String nextRecord(String what) {
    String line = next();
    if (line == null && number == 0) {
      throw new FileReadException(file + " is empty; give a file of " + what);
    }
    if (line != null && line.isBlank() && line.indexOf('\t') < 0) {
      expectOnlyBlankLines(number, what);
      return null;
    }
    return line;
  }

  private void expectOnlyBlankLines(long blank, String what) {
    for (String line = next(); line != null; line = next()) {
      if (!line.isBlank()) {
        throw new FileReadException(file + ", line " + blank + " is blank; remove it");
      }
    }
    if (blank == 1) {
      throw new FileReadException(file + " holds nothing but blank lines; give a file of " + what);
    }
  }

  /**
   * Makes the complaint about the line that was read last.
   *
   * @param complaint what is wrong with it, to stand after "line 7 "
   * @param line the line; its beginning is quoted
   * @return the exception, to be thrown by the caller
   */
  public FileReadException wrong(String complaint, String line) {
    return new FileReadException(
        file + ", line " + number + " " + complaint + ": \"" + quoted(line) + "\"");
  }

  private static String quoted(String line) {
    boolean whole = line.codePointCount(0, line.length()) <= QUOTED;
    String start = whole ? line : line.substring(0, line.offsetByCodePoints(0, QUOTED)) + "...";
    return start.replace("\t", "\\t").replaceAll("\\p{Cntrl}", "?");
  }

  /**
   * Returns the number of the line that was read last.
   *
   * @return the number, from 1; 0 before the first
   */
  public long number() {
    return number;
  }

  /**
   * Tells how far it is, by the bytes of the file as it lies there.
   *
   * @return from 0 to 1
   */
  public double share() {
    return bytes == 0 ? 1 : Math.min(1, raw.count() / (double) bytes);
  }

  private boolean readLine() throws IOException {
    line.reset();
    if (position == filled && !fill()) {
      return false;
    }
    number++;
    do {
      int start = position;
      while (position < filled && buffer[position] != '\n') {
        position++;
      }
      line.write(buffer, start, position - start);
      if (line.size() > MAX_LINE_BYTES) {
        throw new FileReadException(
            file
                + ", line "
                + number
                + " has more than "
                + MAX_LINE_BYTES
                + " bytes; this is no file of lines of text");
      }
      if (position < filled) {
        position++;
        return true;
      }
    } while (fill());
    return true;
  }

  private boolean fill() throws IOException {
    position = 0;
    filled = Math.max(0, in.read(buffer));
    if (!begun) {
      begun = true;
      requireText();
    }
    return filled > 0;
  }

  private void requireText() {
    Optional<String> packed =
        PackedFormat.of(Arrays.copyOf(buffer, Math.min(filled, PackedFormat.BYTES)));
    if (packed.isPresent()) {
      throw new FileReadException(
          file + " is " + packed.get() + "; unpack it and give a file of text");
    }
  }

  private String decode(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new FileReadException(
          file + ", line " + number + " is not UTF-8; convert the file to UTF-8", e);
    }
  }

  static FileReadException unreadable(Path file, long line, IOException e) {
    if (e instanceof NoSuchFileException) {
      return new FileReadException("there is no file " + file, e);
    }
    if (Files.isDirectory(file)) {
      return new FileReadException(file + " is a folder; give a file", e);
    }
    if (e instanceof EOFException) {
      return new FileReadException(
          file + " is cut off after line " + line + ": its gzip data ends early; copy it again", e);
    }
    if (e instanceof ZipException) {
      return new FileReadException(
          file + " is damaged after line " + line + " (" + e.getMessage() + "); copy it again", e);
    }
    return new FileReadException("cannot read " + file + ": " + IoReason.of(e), e);
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw unreadable(file, number, e);
    }
  }
}
