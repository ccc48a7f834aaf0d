package io.github.lorascope.tap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.checkpoint.ModelType;
import io.github.lorascope.checkpoint.RotaryEmbedding;
import io.github.lorascope.decoder.AdapterTensors;
import io.github.lorascope.decoder.AdapterTensors.Site;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.LoadOptions;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.train.RunFolder;
import io.github.lorascope.train.TrainingOptions;
import io.github.lorascope.train.TrainingStart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Values that can be computed by hand, in buffers of a small adapter that hold few numbers. */
class GradientTapTest {
  private static final double EXACT = 1e-6;
  private static final TrainingOptions OPTIONS = TrainingOptions.builder().steps(5).build();

  @TempDir Path folder;

  /** Two query heads of width 2 share one key and value head: q rows 0-3, k 4-5, v 6-7. */
  private static Decoder decoder(ModelType type) {
    ModelConfig shape =
        new ModelConfig(
            type,
            16,
            4,
            6,
            3,
            2,
            1,
            2,
            32,
            1e-5f,
            RotaryEmbedding.plain(10_000, 2, 32),
            List.of(0, 0, 0),
            true,
            false,
            false,
            false,
            false);
    return Decoder.random(shape, 1, LoadOptions.defaults().withBackend("reference"));
  }

  private static TrainingStart start(LoraAdapter adapter, Optional<RunFolder> out) {
    return new TrainingStart(0, false, false, OPTIONS, adapter, null, out, Map.of());
  }

  private static void set(AdapterTensors t, int layer, String module, double[] a, double[] b) {
    Site site = new Site(layer, module);
    t.paths().get(site).a().set((int) a[0], (int) a[1], a[2]);
    t.paths().get(site).b().set((int) b[0], (int) b[1], b[2]);
  }

  private static double[] at(int row, int column, double value) {
    return new double[] {row, column, value};
  }

  /** Fills a gradient, halves it as clipping would, and fills the parameters after an update. */
  private static void step(GradientTap tap, int step, LoraAdapter adapter, MemoryScope memory) {
    Tensor buffer = memory.zeros(1, adapter.parameters().columns());
    AdapterTensors gradient = adapter.view(buffer);
    String fused = "self_attn.qkv_proj";
    String output = "self_attn.o_proj";
    set(gradient, 0, fused, at(0, 0, 3), at(0, 0, 6));
    set(gradient, 0, fused, at(0, 0, 3), at(3, 1, 8));
    set(gradient, 0, fused, at(0, 0, 3), at(5, 1, 2));
    set(gradient, 0, fused, at(0, 0, 3), at(6, 0, 1));
    set(gradient, 0, output, at(1, 3, 4), at(0, 0, 0));
    set(gradient, 2, fused, at(1, 2, -2), at(0, 0, 0));
    gradient.head().set(0, 0, 3);
    gradient.head().set(1, 3, -4);
    tap.gradient(step, buffer);
    adapter.decoder().backend().scale(buffer, 0.5);
    tap.clipped(step, buffer);
    AdapterTensors weights = adapter.view().values();
    set(weights, 0, fused, at(0, 0, 3), at(0, 0, 4));
    set(weights, 0, output, at(0, 0, 1), at(0, 0, 1));
    set(weights, 0, output, at(1, 1, 1), at(1, 1, 1));
    weights.head().set(1, 1, 2);
    tap.updated(step, adapter.parameters());
  }

  @Test
  void aStepIsMeasuredLayerByLayer() throws IOException {
    try (Decoder decoder = decoder(ModelType.PHI3);
        LoraAdapter adapter =
            LoraAdapter.on(decoder).targets("qkv_proj", "o_proj").rank(2).layers(0, 2).attach();
        MemoryScope memory = decoder.backend().scope("a test")) {
      adapter.parameters().fill(0);
      set(adapter.view().values(), 0, "self_attn.qkv_proj", at(0, 0, 1), at(0, 0, 0));
      adapter.view().values().head().set(0, 0, 0.5);
      GradientTap tap = GradientTap.perLayer().effectiveRankEvery(1);
      tap.started(start(adapter, Optional.of(new RunFolder(folder))));
      step(tap, 1, adapter, memory);

      GradientStep step = tap.steps().get(0);
      assertEquals(1, tap.steps().size());
      assertEquals(1, step.step());
      GradientStep.Layer first = step.layers().get(0);
      assertEquals(0, first.layer());
      assertEquals(Math.sqrt(130), first.norm(), EXACT);
      assertEquals((3 + Math.sqrt(105) + 4 + 0) / 4, first.mean(), EXACT);
      assertEquals(5, first.a(), EXACT);
      assertEquals(Math.sqrt(105), first.b(), EXACT);
      assertEquals(10, first.q(), EXACT);
      assertEquals(2, first.k(), EXACT);
      assertEquals(1, first.v(), EXACT);
      assertEquals(Math.sqrt(130) / 2, first.clipped(), EXACT);
      assertEquals(Math.sqrt(4 + 16 + 4), first.update(), EXACT);
      assertEquals(Math.sqrt(9 + 16 + 4), first.weight(), EXACT);
      assertEquals(Math.sqrt(24 / 29.0), first.updateRatio(), EXACT);
      assertEquals((1 + 2) / 2.0, first.effectiveRank(), EXACT);
      GradientStep.Layer last = step.layers().get(1);
      assertEquals(2, last.layer());
      assertEquals(2, last.norm(), EXACT);
      assertEquals(2 / 4.0, last.mean(), EXACT);
      assertEquals(0, last.q(), EXACT);
      assertEquals(0, last.update(), EXACT);
      assertTrue(Double.isNaN(last.updateRatio()));
      assertTrue(Double.isNaN(last.effectiveRank()));
      assertEquals(5, step.head().norm(), EXACT);
      assertEquals(2.5, step.head().clipped(), EXACT);
      assertEquals(2, step.head().update(), EXACT);
      assertEquals(Math.sqrt(4.25), step.head().weight(), EXACT);
      assertEquals(0.5, step.clipFactor(), EXACT);
      assertEquals(Math.sqrt(130), step.early(), EXACT);
      assertTrue(Double.isNaN(step.middle()));
      assertEquals(2, step.late(), EXACT);

      assertLine(Files.readString(folder.resolve("gradients.jsonl")));

      step(tap, 2, adapter, memory);
      assertEquals(0, tap.steps().get(1).layers().get(0).update(), "the same parameters again");
      assertEquals(2, Files.readAllLines(folder.resolve("gradients.jsonl")).size());
    }
  }

  private static void assertLine(String text) {
    JsonObject line = Json.parse(text, "gradients.jsonl");
    assertEquals(
        List.of(
            "step",
            "layers",
            "norm",
            "mean",
            "a",
            "b",
            "q",
            "k",
            "v",
            "norm_clipped",
            "update",
            "weight",
            "update_ratio",
            "effective_rank",
            "head",
            "head_clipped",
            "head_update",
            "head_weight",
            "clip_factor",
            "early",
            "middle",
            "late",
            "late_early_ratio",
            "early_late_ratio"),
        List.copyOf(line.names()));
    assertEquals(1, line.integer("step"));
    assertEquals(List.of(0, 2), line.integers("layers"));
    assertEquals(Math.sqrt(130), line.numbers("norm").get(0), EXACT);
    assertEquals(1, line.numbers("norm_clipped").get(1), EXACT);
    assertEquals(List.of(5.0, 2.0), line.numbers("a"));
    assertEquals(List.of(10.0, 0.0), line.numbers("q"));
    assertTrue(text.contains("\"effective_rank\":[1.5,null]"), text);
    assertTrue(line.isNull("middle"));
    assertEquals(2 / Math.sqrt(130), line.number("late_early_ratio"), EXACT);
    assertEquals(Math.sqrt(130) / 2, line.number("early_late_ratio"), EXACT);
  }

  @Test
  void splitProjectionsAreToldApart() {
    try (Decoder decoder = decoder(ModelType.LLAMA);
        LoraAdapter adapter =
            LoraAdapter.on(decoder).targets("q_proj", "v_proj", "down_proj").rank(2).attach();
        MemoryScope memory = decoder.backend().scope("a test")) {
      GradientTap tap = GradientTap.perLayer();
      tap.started(start(adapter, Optional.empty()));
      Tensor buffer = memory.zeros(1, adapter.parameters().columns());
      AdapterTensors gradient = adapter.view(buffer);
      set(gradient, 1, "self_attn.q_proj", at(0, 0, 1), at(3, 1, 3));
      set(gradient, 1, "self_attn.v_proj", at(0, 0, 2), at(1, 0, 4));
      set(gradient, 1, "mlp.down_proj", at(1, 5, 2), at(2, 1, 12));
      tap.gradient(1, buffer);
      tap.clipped(1, buffer);
      tap.updated(1, adapter.parameters());
      GradientStep step = tap.steps().get(0);
      GradientStep.Layer layer = step.layers().get(1);
      assertEquals(3, layer.a(), EXACT);
      assertEquals(13, layer.b(), EXACT);
      assertEquals(3, layer.q(), EXACT);
      assertTrue(Double.isNaN(layer.k()));
      assertEquals(4, layer.v(), EXACT);
      assertEquals((1 + 3 + 2 + 4 + 2 + 12) / 6.0, layer.mean(), EXACT);
      assertEquals(1, step.clipFactor());
      assertEquals(step.layers().get(1).norm(), step.middle(), EXACT);
    }
  }

  @Test
  void withoutAnyGradientNothingWasClipped() {
    try (Decoder decoder = decoder(ModelType.PHI3);
        LoraAdapter adapter = LoraAdapter.on(decoder).targets("qkv_proj").rank(2).attach();
        MemoryScope memory = decoder.backend().scope("a test")) {
      GradientTap tap = GradientTap.perLayer().effectiveRankEvery(0);
      tap.started(start(adapter, Optional.empty()));
      Tensor none = memory.zeros(1, adapter.parameters().columns());
      for (int step = 1; step <= 5; step++) {
        tap.gradient(step, none);
        tap.clipped(step, none);
        tap.updated(step, adapter.parameters());
      }
      assertEquals(1, tap.steps().get(4).clipFactor());
      assertEquals(0, tap.steps().get(4).early());
      assertFalse(tap.steps().get(4).line().containsKey("effective_rank"));
    }
  }

  @Test
  void theRankIsNotAskedForLessThanNever() {
    assertThrows(
        IllegalArgumentException.class, () -> GradientTap.perLayer().effectiveRankEvery(-1));
  }
}
