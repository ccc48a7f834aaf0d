package io.github.lorascope.hub;

import java.io.EOFException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;

/** What can be asked of a hub about one model; what may pass is tried again. */
final class HubServer {
  private static final int MOST_ATTEMPTS = 6;
  private static final int MOST_LISTINGS = 3; // a name may be a path that was mistyped
  private static final int MOST_OF_UNKNOWN_LENGTH = 3; // then it is no page of a proxy
  private static final int RANGE_REFUSED = 416;
  private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");

  private final HubClient client;
  private final HubName name;
  private final Duration pause;
  private final Refusal refusal;

  HubServer(HubClient client, HubName name, Duration pause) {
    this.client = client;
    this.name = name;
    this.pause = pause;
    this.refusal = new Refusal(client, name);
  }

  /**
   * Asks for the files of the revision.
   *
   * @param patient whether to try again what fails
   */
  Listing list(boolean patient) {
    String revision = name.revision().replace("/", "%2F");
    URI address = address("/api/models/" + name.id() + "/revision/" + revision + "?blobs=true");
    Attempts attempts = new Attempts(patient ? MOST_LISTINGS : 1, pause);
    while (true) {
      TextSink text = new TextSink();
      try {
        refusal.check(client.get(address, 0, text), "the list of files");
        return Listing.parse(text.bytes(), name, client.endpoint().toString());
      } catch (IOException e) {
        attempts.failed(
            "ask " + client.endpoint() + " for " + name + ", which is no file or folder here",
            e,
            0);
      }
    }
  }

  /** Completes what the list says of a file, from the headers that huggingface_hub goes by. */
  ListedFile described(String commit, ListedFile file) {
    if (file.hash() != null) {
      return file;
    }
    Attempts attempts = new Attempts(MOST_ATTEMPTS, pause);
    while (true) {
      try {
        HttpResponse<Void> answer = client.head(content(commit, file), new TextSink());
        refusal.check(answer, file.name());
        return described(file, answer.headers());
      } catch (IOException e) {
        attempts.failed("ask " + client.endpoint() + " for " + file.name(), e, 0);
      }
    }
  }

  private ListedFile described(ListedFile file, HttpHeaders headers) {
    String tag =
        headers.firstValue("X-Linked-Etag").or(() -> headers.firstValue("ETag")).orElse("");
    String size =
        headers
            .firstValue("X-Linked-Size")
            .or(() -> headers.firstValue("Content-Length"))
            .orElse("none");
    if (!NUMBER.matcher(size).matches()) {
      throw new HubException(
          client.endpoint()
              + " gives "
              + file.name()
              + " of "
              + name
              + " the size '"
              + ListedFile.printable(size)
              + "', which is no number of bytes; try again later, or set HF_ENDPOINT to another");
    }
    String hash = tag.replaceFirst("^W/", "").replace("\"", "");
    return new ListedFile(file.name(), Long.parseLong(size), hash);
  }

  /**
   * Fills a file, from where it ends, and checks it.
   *
   * @param partial where its bytes are gathered; it stays if the connection fails for good
   * @param progress learns how much is there
   */
  void download(String commit, ListedFile file, Path partial, LongConsumer progress)
      throws IOException {
    boolean begun = Files.exists(partial);
    try {
      begun |= fill(commit, file, partial, progress) > 1;
      String hash = file.hashOf(partial);
      if (begun && !hash.equals(file.hash())) { // not all that was joined may be of this file
        Files.delete(partial);
        fill(commit, file, partial, progress);
        hash = file.hashOf(partial);
      }
      if (!hash.equals(file.hash())) {
        throw new WrongContentException(
            file, "its hash is " + hash + " where " + file.hash() + " is listed");
      }
    } catch (WrongContentException e) {
      Files.deleteIfExists(partial);
      throw e;
    }
  }

  /** Returns how many attempts it took. */
  private int fill(String commit, ListedFile file, Path partial, LongConsumer progress)
      throws IOException {
    Attempts attempts = new Attempts(MOST_ATTEMPTS, pause);
    int ofUnknownLength = 0;
    for (int attempt = 1; true; attempt++) {
      long before;
      long after;
      IOException failure;
      try (PartialFile part = PartialFile.open(partial, file, progress)) {
        before = part.length();
        failure = part.isWhole() ? null : attempt(commit, file, part);
        if (part.isWhole()) {
          return attempt;
        }
        ofUnknownLength = failure instanceof UnknownLengthException ? ofUnknownLength + 1 : 0;
        if (ofUnknownLength == MOST_OF_UNKNOWN_LENGTH) {
          part.restart();
        }
        after = part.length();
      }
      attempts.failed(
          "download " + file.name() + " of " + name + ", of which " + after + " bytes are kept",
          failure,
          after - before);
    }
  }

  private IOException attempt(String commit, ListedFile file, PartialFile part) throws IOException {
    HttpResponse<Void> answer;
    try {
      answer = client.get(content(commit, file), part.length(), part);
      if (answer.statusCode() != RANGE_REFUSED) {
        refusal.check(answer, file.name());
        return new EOFException("the connection was cut");
      }
    } catch (IOException e) {
      return e;
    }
    part.restart();
    return new IOException(answer.uri().getHost() + " cannot send from there on");
  }

  private URI content(String commit, ListedFile file) {
    return address("/" + name.id() + "/resolve/" + commit + "/" + file.name());
  }

  private URI address(String path) {
    return URI.create(client.endpoint() + path);
  }
}
