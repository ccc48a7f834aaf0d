package io.github.lorascope.hub;

import io.github.lorascope.json.Json;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;

/** Keeps a body in memory, up to the length of the longest text that is read as JSON. */
final class TextSink implements ByteSink {
  private final ByteArrayOutputStream text = new ByteArrayOutputStream();

  @Override
  public void begin(ResponseInfo answer) {
    text.reset();
  }

  @Override
  public void write(ByteBuffer bytes) {
    if (text.size() + (long) bytes.remaining() > Json.MAX_FILE_BYTES) {
      throw new HubException("the hub's answer is longer than " + Json.MAX_FILE_BYTES + " bytes");
    }
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    text.writeBytes(copy);
  }

  byte[] bytes() {
    return text.toByteArray();
  }
}
