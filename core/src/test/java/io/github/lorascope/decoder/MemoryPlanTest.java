package io.github.lorascope.decoder;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.Backends;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.checkpoint.ModelType;
import io.github.lorascope.checkpoint.RotaryEmbedding;
import io.github.lorascope.decoder.AdapterTensors.Site;
import io.github.lorascope.tensor.MemoryScope;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryPlanTest {
  /** Of the peak: tables of positions and offsets are not counted, and some moments beside it. */
  private static final double TOLERANCE = 0.01;

  private static final int LAYERS = 3;

  /** What the backend holds activations in. */
  private static int activationBytes(Precision precision) {
    return switch (precision) {
      case F32 -> Float.BYTES;
      case BF16 -> Short.BYTES;
    };
  }

  private static ModelConfig config(ModelType type, int keyValueHeads) {
    return new ModelConfig(
        type,
        50,
        64,
        160,
        LAYERS,
        4,
        keyValueHeads,
        16,
        256,
        1e-5f,
        RotaryEmbedding.plain(10_000, 16, 256),
        Collections.nCopies(LAYERS, 0),
        true,
        type == ModelType.QWEN3,
        type == ModelType.QWEN2,
        false,
        false);
  }

  private static Set<Site> sites(ModelConfig config, String targets, int first) {
    Set<Site> sites = new HashSet<>();
    for (int layer = first; layer < config.layers(); layer++) {
      for (LinearModule module : LinearModule.of(config)) {
        if (List.of(targets.split(" ")).contains(module.name()) || targets.equals("all")) {
          sites.add(new Site(layer, module.path()));
        }
      }
    }
    return sites;
  }

  /** Under a small cap only some of the NF4 weights are dequantized once. */
  @ParameterizedTest
  @CsvSource({
    "PHI3, 4, qkv_proj, 0, F32, F32, 0, false, 30, 80",
    "PHI3, 4, qkv_proj, 0, BF16, BF16, 0, false, 30, 80",
    "PHI3, 4, qkv_proj, 0, BF16, BF16, 0, true, 30, 80",
    "PHI3, 4, qkv_proj, 1, NF4_DOUBLE, BF16, 0, false, 30, 80",
    "PHI3, 4, qkv_proj, 0, NF4_DOUBLE, BF16, 0, true, 20, 0.9",
    "PHI3, 4, qkv_proj, 0, NF4, BF16, 0, true, 9, 0.5",
    "PHI3, 4, all, 0, NF4, BF16, 0.1, false, 12, 1.1",
    "PHI3, 2, gate_up_proj down_proj, 2, BF16, BF16, 0, false, 30, 80",
    "LLAMA, 2, q_proj k_proj v_proj, 0, NF4, F32, 0, false, 30, 1.6",
    "LLAMA, 2, all, 1, F32, F32, 0.1, true, 30, 80",
    "LLAMA, 1, o_proj, 0, BF16, BF16, 0, true, 30, 80",
    "QWEN2, 2, q_proj v_proj, 0, NF4_DOUBLE, BF16, 0, false, 30, 80",
    "QWEN3, 2, q_proj v_proj, 0, BF16, BF16, 0.1, false, 30, 80",
    "QWEN3, 1, all, 1, NF4, F32, 0, true, 30, 80",
    "QWEN2, 2, none, 0, BF16, BF16, 0, false, 30, 80"
  })
  void isWhatATrainingTakes(
      ModelType type,
      int keyValueHeads,
      String targets,
      int first,
      Quantization form,
      Precision precision,
      double dropout,
      boolean recompute,
      int length,
      double capMegabytes) {
    ModelConfig config = config(type, keyValueHeads);
    PassOptions pass = new PassOptions(true, dropout, 1, recompute);
    holds(config, load(form, precision, capMegabytes), sites(config, targets, first), length, pass);
  }

  @ParameterizedTest
  @CsvSource({"BF16, BF16, 30, 80", "NF4_DOUBLE, BF16, 18, 0.9", "NF4, BF16, 3, 0.3"})
  void isWhatScoringTakes(Quantization form, Precision precision, int length, double capMegabytes) {
    ModelConfig config = config(ModelType.PHI3, 4);
    Set<Site> sites = sites(config, "qkv_proj", 0);
    holds(config, load(form, precision, capMegabytes), sites, length, PassOptions.SCORING);
  }

  @Test
  void sequencesThatContinueAnotherHaveNoPlan() {
    ModelConfig config = config(ModelType.PHI3, 4);
    TokenBatch batch = TokenBatch.continuing(new int[3], List.of(new int[2]));
    LoadOptions load = LoadOptions.defaults();
    assertThrows(
        IllegalArgumentException.class,
        () -> new StepShape(config, load, 4, 4, Set.of(), 1, batch, PassOptions.SCORING));
  }

  /** On a GPU or, which takes g++, on the CPU. */
  private static String backend() {
    Optional<String> cuda =
        Backends.names().stream().filter(name -> name.startsWith("cuda")).findFirst();
    assumeTrue(cuda.isPresent(), "neither a GPU nor g++ is there");
    return cuda.get();
  }

  private static LoadOptions load(Quantization form, Precision precision, double capMegabytes) {
    BackendOptions options = BackendOptions.defaults().withMemoryCap((long) (capMegabytes * 1e6));
    return new LoadOptions(form, precision, backend(), options);
  }

  private static void holds(
      ModelConfig config, LoadOptions load, Set<Site> sites, int length, PassOptions pass) {
    TokenBatch batch =
        TokenBatch.of(List.of(new int[length], new int[3 * length], new int[length / 3]));
    int number = activationBytes(load.precision());
    StepShape shape =
        new StepShape(config, load, Float.BYTES, number, sites, TestAdapter.RANK, batch, pass);
    MemoryPlan plan = MemoryPlan.of(shape);
    long peak = peak(shape);
    double off = Math.abs(plan.peak() - peak) / (double) peak;
    assertTrue(off <= TOLERANCE, plan + ", but " + peak + " are measured");
  }

  /** Of the second of two passes, as the first brings the weights one by one. */
  private static long peak(StepShape shape) {
    try (Decoder decoder = Decoder.random(shape.config(), 0, shape.load());
        TestAdapter adapter = new TestAdapter(decoder, 1, shape.sites()::contains);
        MemoryScope moments = decoder.backend().scope("moments")) {
      if (shape.pass().training()) {
        moments.zeros(2, Math.toIntExact(shape.parameters()));
      }
      for (int i = 0; i < 2; i++) {
        if (shape.pass().training()) {
          adapter.step(shape.batch(), shape.pass());
        } else {
          decoder.forward(shape.batch(), adapter.adapter(), shape.pass()).close();
        }
      }
      return decoder.backend().memory().peak();
    }
  }
}
