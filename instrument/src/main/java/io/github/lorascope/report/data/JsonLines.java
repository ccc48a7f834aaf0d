package io.github.lorascope.report.data;

import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonException;
import io.github.lorascope.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Files of one JSON object a line. */
final class JsonLines {
  private JsonLines() {}

  /** Hands over every line that is not blank; its source names the file and the line. */
  static void read(Path file, Consumer<JsonObject> line) {
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      int number = 0;
      for (String text = lines.readLine(); text != null; text = lines.readLine()) {
        number++;
        if (!text.isBlank()) {
          line.accept(Json.parse(text, file + " line " + number));
        }
      }
    } catch (CharacterCodingException e) {
      throw new JsonException(file + " is not UTF-8 text", e);
    } catch (IOException e) {
      throw new JsonException("Cannot read " + file + ": " + e, e);
    }
  }
}
