package io.github.lorascope.trec;

import io.github.lorascope.io.FileReadException;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonException;
import io.github.lorascope.json.JsonObject;

/**
 * A passage or a query in BEIR's form ({@code corpus.jsonl}, {@code queries.jsonl}): a line that is
 * a JSON object.
 */
final class BeirText {
  private BeirText() {}

  /** Tells by the first line of a file whether the file has this form. */
  static boolean begins(String line) {
    return line.startsWith("{");
  }

  /**
   * Reads a line. A passage is its title and its text, joined as BEIR's own code does.
   *
   * @param place file and number of the line, for messages
   */
  static IdentifiedText read(String line, String place) {
    try {
      JsonObject object = Json.parse(line, place);
      String id = object.string("_id");
      String text = object.string("title", "") + " " + object.string("text");
      return new IdentifiedText(id, text.strip());
    } catch (JsonException e) {
      throw new FileReadException(
          e.getMessage() + "; each line has to be a JSON object with the strings _id and text", e);
    }
  }
}
