package io.github.lorascope.data;

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
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The lines of a UTF-8 text file, plain or gzip (told by its first bytes). Lines end in LF or CR
 * LF; a byte-order mark is skipped. Bytes that are no UTF-8 are an error, not replaced.
 */
final class LineReader implements AutoCloseable {
  private static final int MAX_LINE_BYTES = 16 << 20;
  private static final int GZIP_MAGIC = 0x1F8B;
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private final Path file;
  private final InputStream in;
  private final byte[] buffer = new byte[1 << 16];
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private int position;
  private int filled;
  private long number;

  private LineReader(Path file, InputStream in) {
    this.file = file;
    this.in = in;
  }

  static LineReader open(Path file) {
    InputStream raw = null;
    try {
      raw = Files.newInputStream(file);
      return new LineReader(file, unpacked(raw));
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
    return gzip ? new GZIPInputStream(in, 1 << 16) : in;
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

  /** Gives the next line without its end, or null past the last one. */
  String next() {
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

  /** The number of the line that was given last, from 1. */
  long number() {
    return number;
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
        throw new TriplesException(
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
    return filled > 0;
  }

  private String decode(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new TriplesException(
          file + ", line " + number + " is not UTF-8; convert the file to UTF-8", e);
    }
  }

  private static TriplesException unreadable(Path file, long line, IOException e) {
    if (e instanceof NoSuchFileException) {
      return new TriplesException("there is no file " + file, e);
    }
    if (Files.isDirectory(file)) {
      return new TriplesException(file + " is a folder; give a file of triples", e);
    }
    if (e instanceof EOFException) {
      return new TriplesException(
          file + " is cut off after line " + line + ": its gzip data ends early; copy it again", e);
    }
    if (e instanceof ZipException) {
      return new TriplesException(
          file + " is damaged after line " + line + " (" + e.getMessage() + "); copy it again", e);
    }
    return new TriplesException("cannot read " + file + ": " + e.getMessage(), e);
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
