package io.github.lorascope.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "null",
        "3",
        "{\"a\":1,\"a\":2}",
        "{\"a\":{\"b\":1,\"b\":1}}",
        "{} {}",
        "{} x",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":-Infinity}",
        "{'a':1}",
        "{a:1}",
        "{\"a\":01}",
        "{\"a\":1,}",
        "{\"a\":1/*x*/}",
        "\uFEFF{}",
        "{\"a\":\"\n\"}"
      })
  void refusesWhatIsNotOneStrictObject(String text) {
    assertSays(() -> Json.parse(text, "some.json"), "some.json");
  }

  @Test
  void anExponentBeyondAllNumbersIsRefused() {
    for (String number : new String[] {"1e2147483648", "1e99999999999", "-1E-2147483649"}) {
      String message =
          assertThrows(JsonException.class, () -> Json.parse("{\"a\":" + number + "}", "x.json"))
              .getMessage();
      assertTrue(message.startsWith("x.json has a number"), message);
    }
  }

  @Test
  void saysWhereTheMistakeIs() {
    assertSays(() -> Json.parse("{\n \"a\": x}", "some.json"), "at line 2, column 7");
    assertSays(
        () -> Json.parse("{\"a\": x}", "line 9"), "line 9 is not well-formed JSON at column 7");
    assertSays(() -> Json.parse("{\"a\":1,\"a\":2}", "some.json"), "Duplicate field 'a'");
    assertSays(() -> Json.parse("{} {}", "some.json"), "more text follows after its end");
  }

  @Test
  void refusesDeepNestingWithoutOverflowingTheStack() {
    String deep = "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
    assertSays(() -> Json.parse(deep, "some.json"), "nesting depth");
    String fine = "{\"a\":" + "[".repeat(150) + "]".repeat(150) + "}";
    assertTrue(Json.parse(fine, "some.json").has("a"));
  }

  @Test
  void refusesBytesThatAreNotUtf8() {
    byte[] bytes = "{\"a\":\"?\"}".getBytes(StandardCharsets.UTF_8);
    bytes[6] = (byte) 0xC3;
    assertSays(() -> Json.parse(bytes, "some.json"), "UTF-8");
    assertSays(
        () -> Json.parse("{}".getBytes(StandardCharsets.UTF_16LE), "some.json"), "some.json");
  }

  @Test
  void refusesFilesThatAreMissingOrTooLarge(@TempDir Path folder) throws Exception {
    assertSays(() -> Json.read(folder.resolve("none.json")), "does not exist");
    assertSays(() -> Json.read(folder), folder.toString());
    Path large = folder.resolve("large.json");
    try (var channel =
        Files.newByteChannel(Files.createFile(large), Set.of(StandardOpenOption.WRITE))) {
      channel.position(Json.MAX_FILE_BYTES).write(ByteBuffer.wrap(new byte[1]));
    }
    assertSays(() -> Json.read(large), "bytes, more than");
  }

  @Test
  void readsFieldsByType() {
    JsonObject json =
        Json.parse(
            "{\"i\":7,\"d\":2.5e-3,\"s\":\"ü\",\"b\":true,\"n\":null,\"o\":{\"x\":[1,2]},"
                + "\"l\":[\"a\",\"b\"],\"big\":[4294967296],\"f\":[1,0.5]}",
            "some.json");
    assertEquals(7, json.integer("i"));
    assertEquals(7.0, json.number("i"));
    assertEquals(2.5e-3, json.number("d"));
    assertEquals("ü", json.string("s"));
    assertTrue(json.bool("b"));
    assertEquals(List.of(1, 2), json.object("o").integers("x"));
    assertEquals(List.of("a", "b"), json.strings("l"));
    assertEquals(List.of(1L << 32), json.longs("big"));
    assertEquals(List.of(1.0, 0.5), json.numbers("f"));
    assertFalse(json.has("n"));
    assertTrue(json.isNull("n"));
    assertFalse(json.isNull("none"));
    assertEquals(3, json.integer("n", 3));
    assertEquals("x", json.string("none", "x"));
    assertEquals(List.of("i", "d", "s", "b", "n", "o", "l", "big", "f"), List.copyOf(json.names()));
  }

  @Test
  void namesTheFieldThatIsWrong() {
    JsonObject json =
        Json.parse(
            "{\"i\":2.0,\"h\":99999999999,\"d\":\"1\",\"e\":1e999,\"s\":1,\"b\":0,\"n\":null,"
                + "\"o\":{\"x\":[1,true]},\"l\":[1]}",
            "some.json");
    assertSays(() -> json.integer("i"), "some.json: i has to be a whole number but is 2.0");
    assertSays(() -> json.integer("h"), "some.json: h is too large a number: 99999999999");
    assertSays(() -> json.number("d"), "some.json: d has to be a number but is \"1\"");
    assertSays(() -> json.number("e"), "some.json: e is too large");
    assertSays(() -> json.string("s"), "s has to be a string but is 1");
    assertSays(() -> json.bool("b"), "b has to be true or false but is 0");
    assertSays(() -> json.integer("n"), "n is null");
    assertSays(() -> json.integer("none"), "none is missing");
    assertSays(() -> json.object("o").integers("x"), "o.x[1] has to be a whole number");
    assertSays(() -> json.strings("l"), "l[0] has to be a string");
    assertSays(() -> json.object("l"), "l has to be an object but is a list");
    assertSays(() -> json.longs("o"), "o has to be a list but is an object");
  }

  @Test
  void writesTheSameTextForTheSameValue() {
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("step", 3);
    value.put("loss", 0.1f);
    value.put("targets", List.of("qkv_proj"));
    value.put("none", null);
    assertEquals(
        "{\"step\":3,\"loss\":0.1,\"targets\":[\"qkv_proj\"],\"none\":null}", Json.write(value));
    assertEquals(
        """
        {
          "step": 3,
          "loss": 0.1,
          "targets": [
            "qkv_proj"
          ],
          "none": null
        }
        """,
        Json.writePretty(value));
  }

  @Test
  void numbersThatWereReadAreWrittenAsTheyWere() {
    String text = "{\"rope_theta\":100000.0,\"factor\":1.0,\"layers\":[2,0.50]}";
    JsonObject read = Json.parse(text, "numbers");
    Map<String, Object> value = new LinkedHashMap<>();
    read.names().forEach(name -> value.put(name, read.node(name)));
    assertEquals(text, Json.write(value));
  }

  @Test
  void refusesToWriteWhatJsonCannotHold() {
    assertSays(() -> Json.write(Map.of("loss", Double.NaN)), "loss is NaN");
    assertSays(
        () -> Json.write(Map.of("norms", List.of(1f, Float.POSITIVE_INFINITY))), "norms[1] is");
    assertThrows(IllegalArgumentException.class, () -> Json.write(new Object()));
  }

  private static void assertSays(Executable action, String hint) {
    String message = assertThrows(JsonException.class, action).getMessage();
    assertTrue(message.contains(hint), message);
  }
}
