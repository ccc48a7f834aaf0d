package io.github.lorascope.hub;

import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonException;
import io.github.lorascope.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a hub says of a revision: its commit and its files.
 *
 * @param commit 40 hexadecimal digits
 * @param files by name
 */
record Listing(String commit, Map<String, ListedFile> files) {
  static Listing parse(byte[] answer, HubName name, String source) {
    try {
      JsonObject json = Json.parse(answer, "the answer");
      Map<String, ListedFile> files = new LinkedHashMap<>();
      for (JsonObject entry : json.objects("siblings")) {
        ListedFile file = file(entry);
        files.put(file.name(), file);
      }
      String commit = json.string("sha");
      if (!HubName.isCommit(commit) || (name.isPinned() && !commit.equals(name.revision()))) {
        throw new HubException("the answer is about no such commit");
      }
      return new Listing(commit, files);
    } catch (JsonException | HubException e) {
      throw new HubException(
          "Cannot use what " + source + " says of " + name + ": " + e.getMessage(), e);
    }
  }

  private static ListedFile file(JsonObject entry) {
    String name = entry.string("rfilename");
    if (entry.has("lfs")) {
      JsonObject large = entry.object("lfs");
      return new ListedFile(name, large.longInteger("size"), large.string("sha256"));
    }
    boolean told = entry.has("blobId") && entry.has("size");
    return told
        ? new ListedFile(name, entry.longInteger("size"), entry.string("blobId"))
        : new ListedFile(name, 0, null);
  }

  Optional<ListedFile> file(String name) {
    return Optional.ofNullable(files.get(name));
  }
}
