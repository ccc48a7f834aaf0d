package io.github.lorascope.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.prompt.PairPrompt;
import io.github.lorascope.prompt.PromptLimits;
import io.github.lorascope.prompt.PromptSettings;
import io.github.lorascope.tokenizer.SpecialTokens;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ModelMetadataTest {
  private static final ModelMetadata METADATA =
      new ModelMetadata(
          new PromptSettings(
              PairPrompt.chat("<|user|>{query} {doc_a} {doc_b}<|end|>"), new PromptLimits(7, 90)),
          128,
          OptionalInt.of(160));

  @Test
  void readsWhatItWrote() {
    ModelMetadata read = ModelMetadata.read(METADATA.write(), "m.onnx");
    assertEquals(METADATA.write(), read.write());
    assertEquals(OptionalInt.of(160), read.vocabulary());
    assertEquals(SpecialTokens.PARSE, read.asked().prompt().handling());
    assertEquals(new PromptLimits(7, 90), read.asked().limits());
  }

  @Test
  void anotherProgramsFileIsRefused() {
    OnnxException e =
        assertThrows(OnnxException.class, () -> ModelMetadata.read(Map.of("a", "b"), "m.onnx"));
    assertTrue(e.getMessage().contains("m.onnx has no metadata lorascope.prompt"), e.getMessage());
    Map<String, String> values = new HashMap<>(METADATA.write());
    values.remove("lorascope.positions");
    e = assertThrows(OnnxException.class, () -> ModelMetadata.read(values, "m.onnx"));
    assertTrue(e.getMessage().contains("no metadata lorascope.positions"), e.getMessage());
  }

  @Test
  void anOlderFileDoesNotSayItsVocabulary() {
    Map<String, String> older = new HashMap<>(METADATA.write());
    assertEquals("160", older.remove("lorascope.vocabulary"));
    assertEquals(OptionalInt.empty(), ModelMetadata.read(older, "m.onnx").vocabulary());
  }

  @Test
  void whatIsNoNumberIsNamed() {
    Map<String, String> damaged = new HashMap<>(METADATA.write());
    damaged.put("lorascope.vocabulary", "many");
    OnnxException e =
        assertThrows(OnnxException.class, () -> ModelMetadata.read(damaged, "m.onnx"));
    assertTrue(e.getMessage().contains("m.onnx"), e.getMessage());
    assertTrue(e.getMessage().contains("many"), e.getMessage());
  }
}
