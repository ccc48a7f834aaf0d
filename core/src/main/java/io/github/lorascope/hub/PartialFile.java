package io.github.lorascope.hub;

import java.io.IOException;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file that is there in part, open for one attempt to fill it. Closing it ends whatever still
 * writes to it.
 */
final class PartialFile implements ByteSink, AutoCloseable {
  private static final int PARTIAL = 206;
  private static final Pattern RANGE = Pattern.compile("bytes (\\d{1,18})-\\d+/(\\d{1,18}|\\*)");

  private final ListedFile file;
  private final FileChannel channel;
  private final LongConsumer progress;
  private volatile long length;

  private PartialFile(ListedFile file, FileChannel channel, LongConsumer progress)
      throws IOException {
    this.file = file;
    this.channel = channel;
    this.progress = progress;
    this.length = channel.size();
    channel.position(length);
  }

  /**
   * Opens a file, which is empty if it was not there.
   *
   * @param progress learns how long it is
   */
  static PartialFile open(Path path, ListedFile file, LongConsumer progress) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    PartialFile part = new PartialFile(file, channel, progress);
    if (part.length > file.size()) {
      part.restart();
    }
    return part;
  }

  long length() {
    return length;
  }

  boolean isWhole() {
    return length == file.size();
  }

  void restart() throws IOException {
    channel.truncate(0);
    length = 0;
  }

  /**
   * Begins where the answer does. No If-Range goes with the request: a store's entity tags are not
   * the hub's, and the hash tells in the end.
   */
  @Override
  public void begin(ResponseInfo answer) throws IOException {
    OptionalLong bytes = answer.headers().firstValueAsLong("Content-Length");
    if (answer.statusCode() == PARTIAL) {
      String range = answer.headers().firstValue("Content-Range").orElse("");
      Matcher matcher = RANGE.matcher(range);
      if (!matcher.matches() || Long.parseLong(matcher.group(1)) != length) {
        restart();
        throw new IOException("another part came than was asked for ('" + range + "')");
      }
      if (!matcher.group(2).equals("*")) {
        requireSize(Long.parseLong(matcher.group(2)));
      }
    } else if (length > 0) {
      if (bytes.isEmpty()) {
        throw new UnknownLengthException(file);
      }
      if (bytes.getAsLong() != file.size()) { // such as a page of a proxy
        throw new IOException(
            "something of " + bytes.getAsLong() + " bytes came in place of " + file.name());
      }
      restart(); // the server does not know ranges and sends the whole file
    }
    if (bytes.isPresent()) {
      requireSize(length + bytes.getAsLong());
    }
  }

  private void requireSize(long size) {
    if (size != file.size()) {
      throw new WrongContentException(
          file, "it has " + size + " bytes where " + file.size() + " are listed");
    }
  }

  @Override
  public void write(ByteBuffer bytes) throws IOException {
    if (bytes.remaining() > file.size() - length) {
      throw new WrongContentException(
          file, "it has more than the " + file.size() + " bytes listed");
    }
    long end = length;
    while (bytes.hasRemaining()) {
      end += channel.write(bytes);
    }
    length = end;
  }

  @Override
  public void tick() {
    progress.accept(length);
  }

  @Override
  public void close() throws IOException {
    channel.close();
    tick();
  }
}
