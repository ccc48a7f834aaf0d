package io.github.lorascope.hub;

import java.io.IOException;
import java.net.http.HttpResponse;

/** Says what an answer without content means, and what to do. */
record Refusal(HubClient client, HubName name) {
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final int PROXY_UNAUTHORIZED = 407;
  private static final int TIMED_OUT = 408;
  private static final int TOO_MANY = 429;
  private static final int SERVER_ERROR = 500;
  private static final int LEAST_ERROR = 400;
  private static final int LONGEST_QUOTE = 200;

  /**
   * Requires an answer with content.
   *
   * @param what was asked for, for the message
   * @throws BusyHubException if it may be there later
   * @throws HubException if it will not
   */
  void check(HttpResponse<?> answer, String what) throws IOException {
    int status = answer.statusCode();
    if (status == TIMED_OUT || status == TOO_MANY || status >= SERVER_ERROR) {
      throw new BusyHubException(answer);
    }
    if (status >= LEAST_ERROR) {
      throw new HubException("Cannot get " + what + " of " + name + ": " + reason(status, answer));
    }
  }

  private String reason(int status, HttpResponse<?> answer) {
    if (status == PROXY_UNAUTHORIZED) {
      return "the proxy between asks for a name and a password (status 407), which are not sent;"
          + " set HTTPS_PROXY, or Java's https.proxyHost, to a proxy that needs none, or bring the"
          + " model here in another way and give its folder";
    }
    String server = answer.uri().getHost() + " answers with the status " + status + quote(answer);
    String code = answer.headers().firstValue("X-Error-Code").orElse("");
    if (!client.isHub(answer.uri())) {
      return server + "; try again";
    }
    if (code.equals("RevisionNotFound")) {
      return server + ": it has no revision '" + name.revision() + "'; check what is behind the @";
    }
    return switch (status) {
      case UNAUTHORIZED, FORBIDDEN ->
          server
              + ": there is no such model, or it is private or gated, and "
              + (client.hasToken()
                  ? "the token that was sent is no longer valid or may not read it"
                  : "no token was sent")
              + ". Check the name; "
              + access();
      case NOT_FOUND ->
          server
              + ": there is no such model or file, nor a local file or folder of that name; check"
              + " the name"
              + (code.isEmpty() || code.equals("RepoNotFound")
                  ? ". A private or gated model is not there either for who may not read it: "
                      + access()
                  : "");
      default -> server;
    };
  }

  private String access() {
    return "accept the terms on "
        + client.endpoint()
        + "/"
        + name.id()
        + " if it has any, and set HF_TOKEN to a token that may read it";
  }

  /** What the server says of it, which may be much, or meant for a terminal. */
  private static String quote(HttpResponse<?> answer) {
    String message =
        ListedFile.printable(answer.headers().firstValue("X-Error-Message").orElse("").strip());
    if (message.isEmpty()) {
      return "";
    }
    String cut =
        message.length() > LONGEST_QUOTE ? message.substring(0, LONGEST_QUOTE) + "..." : message;
    return " ('" + cut + "')";
  }
}
