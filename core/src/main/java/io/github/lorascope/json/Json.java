package io.github.lorascope.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads JSON strictly and writes it the same way every time. */
public final class Json {
  /** The largest file that {@link #read(Path)} takes, in bytes; an index of shards has a few MB. */
  public static final long MAX_FILE_BYTES = 64L << 20;

  private static final int MAX_DEPTH = 200;
  private static final int MAX_NUMBER_LENGTH = 400;

  private static final JsonMapper READER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxNumberLength(MAX_NUMBER_LENGTH)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  /** Keeps a number that was read as it was written, 1.0 no less than 1. */
  private static final JsonMapper WRITER =
      JsonMapper.builder().disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES).build();

  private static final ObjectWriter LINE = WRITER.writer();
  private static final ObjectWriter PAGE = WRITER.writer(new Page());

  private Json() {}

  /**
   * Reads a file that holds one object.
   *
   * @param file UTF-8 text of at most {@link #MAX_FILE_BYTES}
   * @return the object
   * @throws JsonException if the file cannot be read, or is not exactly one well-formed object
   */
  public static JsonObject read(Path file) {
    byte[] bytes;
    try {
      long size = Files.size(file);
      if (size > MAX_FILE_BYTES) {
        throw new JsonException(
            file + " has " + size + " bytes, more than the " + MAX_FILE_BYTES + " read as JSON");
      }
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new JsonException(file + " does not exist", e);
    } catch (IOException e) {
      throw new JsonException("Cannot read " + file + ": " + e.getMessage(), e);
    }
    return parse(bytes, file.toString());
  }

  /**
   * Parses bytes that hold one object.
   *
   * @param utf8 the text
   * @param source what to call it in messages
   * @return the object
   * @throws JsonException if it is not valid UTF-8 or not exactly one well-formed object
   */
  public static JsonObject parse(byte[] utf8, String source) {
    try {
      return parse(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString(), source);
    } catch (CharacterCodingException e) {
      throw new JsonException(source + " is not valid UTF-8 text", e);
    }
  }

  /**
   * Parses a text that holds one object.
   *
   * @param text the text
   * @param source what to call it in messages
   * @return the object
   * @throws JsonException if it is not exactly one well-formed object
   */
  public static JsonObject parse(String text, String source) {
    JsonNode node;
    try {
      node = READER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new JsonException(
          source + " is not well-formed JSON" + place(e.getLocation(), text) + ": " + reason(e), e);
    } catch (NumberFormatException e) {
      throw new JsonException(source + " has a number whose exponent is out of all range", e);
    } catch (OutOfMemoryError e) {
      throw new JsonException(
          source
              + " takes more memory to read than Java has free: replace it, or give Java more with"
              + " -Xmx",
          e);
    }
    if (node instanceof ObjectNode object) {
      return new JsonObject(source, "", object);
    }
    throw new JsonException(
        source + " holds " + JsonObject.kind(node) + " where a JSON object has to be");
  }

  /**
   * Writes a value on one line.
   *
   * @param value maps, lists, strings, numbers, booleans, null or a {@link JsonNode}; a map keeps
   *     its own order, so pass one that has an order
   * @return the text, without a line break
   * @throws JsonException if a number is NaN or infinite, which JSON cannot say
   */
  public static String write(Object value) {
    return write(LINE, value);
  }

  /**
   * Writes a value for people: indented by two spaces, lines ended by \n on every system.
   *
   * @param value as for {@link #write(Object)}
   * @return the text, ended by a line break
   * @throws JsonException if a number is NaN or infinite, which JSON cannot say
   */
  public static String writePretty(Object value) {
    return write(PAGE, value) + "\n";
  }

  private static String write(ObjectWriter writer, Object value) {
    JsonNode tree;
    String text;
    try {
      tree = WRITER.valueToTree(value);
      text = writer.writeValueAsString(tree);
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new IllegalArgumentException("Not a JSON value: " + value, e);
    }
    refuseNonFinite(tree, "");
    return text;
  }

  private static void refuseNonFinite(JsonNode node, String path) {
    if (node.isFloatingPointNumber() && !Double.isFinite(node.doubleValue())) {
      throw new JsonException(
          (path.isEmpty() ? "The value" : path)
              + " is "
              + node.asText()
              + ", which JSON cannot hold");
    }
    String prefix = path.isEmpty() ? "" : path + ".";
    node.properties().forEach(field -> refuseNonFinite(field.getValue(), prefix + field.getKey()));
    if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        refuseNonFinite(node.get(i), path + "[" + i + "]");
      }
    }
  }

  /** A text of one line is often itself a line of a file, whose number would be another. */
  private static String place(JsonLocation location, String text) {
    if (location == null) {
      return "";
    }
    String line = text.indexOf('\n') < 0 ? "" : "line " + location.getLineNr() + ", ";
    return " at " + line + "column " + location.getColumnNr();
  }

  private static String reason(JsonProcessingException e) {
    if (e instanceof MismatchedInputException) {
      return "more text follows after its end";
    }
    String reason = e.getOriginalMessage();
    int end = reason.indexOf('\n');
    return end < 0 ? reason : reason.substring(0, end);
  }

  /** One entry a line, and the same line ends on every system. */
  private static final class Page extends DefaultPrettyPrinter {
    private static final long serialVersionUID = 1L;

    Page() {
      DefaultIndenter lines = new DefaultIndenter("  ", "\n");
      indentObjectsWith(lines);
      indentArraysWith(lines);
    }

    @Override
    public DefaultPrettyPrinter createInstance() {
      return new Page();
    }

    @Override
    public void writeObjectFieldValueSeparator(JsonGenerator generator) throws IOException {
      generator.writeRaw(": ");
    }
  }
}
