package io.github.lorascope.hub;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;

/** An answer that says to come again later. */
final class BusyHubException extends IOException {
  private static final long serialVersionUID = 1L;
  private static final long LONGEST_SECONDS = 60;

  private final long seconds;

  BusyHubException(HttpResponse<?> answer) {
    super(answer.uri().getHost() + " answers with the status " + answer.statusCode());
    this.seconds =
        answer.headers().firstValue("Retry-After").map(BusyHubException::parse).orElse(0L);
  }

  /** How long to wait at least; a date, the header's other form, is not heeded. */
  Duration pause() {
    return Duration.ofSeconds(seconds);
  }

  private static long parse(String header) {
    return header.matches("\\d{1,9}") ? Math.min(Long.parseLong(header), LONGEST_SECONDS) : 0;
  }
}
