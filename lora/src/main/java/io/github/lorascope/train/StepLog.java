package io.github.lorascope.train;

import io.github.lorascope.io.AtomicFiles;
import io.github.lorascope.io.IoReason;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonException;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A series in a run's folder: JSON Lines, an object with a {@code step} each, steps ascending. What
 * a listener appends before a step's checkpoint is there when the run is resumed from it, and
 * {@link #keepUpTo} takes off what came after, so that a resumed series has no gap and no double
 * entry. One thread at a time.
 */
public final class StepLog {
  private final Path file;

  /**
   * Names a file; nothing is written yet.
   *
   * @param file the file
   */
  public StepLog(Path file) {
    this.file = file;
  }

  /**
   * Returns the file.
   *
   * @return the file
   */
  public Path file() {
    return file;
  }

  /**
   * Adds a line.
   *
   * @param step the step it belongs to
   * @param values what is recorded, in order: what {@link Json#write} takes; an infinity or NaN, in
   *     lists and arrays of doubles too, becomes null
   * @throws TrainingException if the file cannot be written
   */
  public void append(int step, Map<String, ?> values) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", step);
    values.forEach((name, value) -> line.put(name, withNulls(value)));
    try {
      Files.writeString(
          file,
          Json.write(line) + "\n",
          StandardCharsets.UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new TrainingException("cannot write to " + file + ": " + IoReason.of(e), e);
    }
  }

  private static Object withNulls(Object value) {
    if (value instanceof Number number && !Double.isFinite(number.doubleValue())) {
      return null;
    }
    if (value instanceof double[] numbers) {
      return Arrays.stream(numbers).mapToObj(StepLog::withNulls).toList();
    }
    return value instanceof List<?> list ? list.stream().map(StepLog::withNulls).toList() : value;
  }

  /**
   * Takes off the lines of later steps, and a last line that was cut off in the writing. A file
   * that does not exist stays so.
   *
   * @param step the last step to keep; below 0: none
   * @throws TrainingException if the file cannot be read, or has a line that would have to go
   *     before one that would have to stay; it is then left as it is
   */
  public void keepUpTo(int step) {
    if (!Files.exists(file)) {
      return;
    }
    AtomicFiles.write(
        file,
        out -> {
          BufferedWriter kept =
              new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
          copyUpTo(step, kept);
          kept.flush();
        });
  }

  /** What cannot be read is told here, what cannot be written by who asked for it. */
  private void copyUpTo(int step, BufferedWriter kept) throws IOException {
    try (BufferedReader lines = open()) {
      int number = 0;
      int gap = 0;
      for (String line = read(lines); line != null; line = read(lines)) {
        number++;
        if (!isUpTo(step, line)) {
          gap = gap == 0 ? number : gap;
        } else if (gap == 0) {
          kept.write(line);
          kept.write('\n');
        } else {
          throw new TrainingException(
              file
                  + " is damaged: line "
                  + gap
                  + " is none of a step up to "
                  + step
                  + ", but line "
                  + number
                  + " is. Mend or remove that line");
        }
      }
    }
  }

  private BufferedReader open() {
    try {
      return Files.newBufferedReader(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private String read(BufferedReader lines) {
    try {
      return lines.readLine();
    } catch (CharacterCodingException e) {
      throw new TrainingException(file + " is damaged: it is not UTF-8 text. Mend it", e);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private TrainingException unreadable(IOException e) {
    return new TrainingException("cannot read " + file + ": " + IoReason.of(e), e);
  }

  private boolean isUpTo(int step, String line) {
    try {
      return Json.parse(line, file.toString()).integer("step") <= step;
    } catch (JsonException e) {
      return false;
    }
  }
}
