package io.github.lorascope.hub;

import java.io.IOException;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;

/** Takes the body of an answer, on a thread of the HTTP client. */
interface ByteSink {
  /** The answer has the status 200 or 206; its body follows. */
  void begin(ResponseInfo answer) throws IOException;

  /** Takes all that remains in the buffer. */
  void write(ByteBuffer bytes) throws IOException;

  /** Called now and then by the thread that waits for the answer. */
  default void tick() {}
}
