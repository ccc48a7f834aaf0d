package io.github.lorascope.io;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * A gzip file of one member or several (RFC 1952), read to its very end: {@link GZIPInputStream}
 * takes whatever follows a member and is no whole header for the end, and so loses the members
 * behind it.
 */
final class WholeGzipStream extends GZIPInputStream {
  private static final int TRAILER = 8;

  private long filled;

  WholeGzipStream(InputStream in) throws IOException {
    super(new CountingStream(in), 1 << 16);
  }

  /** Remembers where the buffer ends: a trailer, and what follows, may be read from behind it. */
  @Override
  protected void fill() throws IOException {
    super.fill();
    filled = taken();
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int read = super.read(bytes, offset, length);
    if (read < 0) {
      long end = filled - inf.getRemaining() + TRAILER;
      if (taken() > end || in.read() >= 0) {
        throw new ZipException("what follows is no gzip data");
      }
    }
    return read;
  }

  private long taken() {
    return ((CountingStream) in).count();
  }
}
