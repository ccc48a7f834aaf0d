package io.github.lorascope.examples;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.Backends;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.decoder.LinearModule;
import io.github.lorascope.decoder.LoadOptions;
import io.github.lorascope.io.AtomicFiles;
import io.github.lorascope.json.Json;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Times every operation of a backend against what its device can do. */
@Command(
    name = "BenchmarkKernels",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Times every operation of a backend, on the sizes of a model, against what it needs at least:",
      "the bytes it has to read and write at the rate that the backend copies a large matrix with,",
      "or its products at the rate of a large product. A share of 100 %% is as fast as the device can;",
      "more is possible where what is read stays in a cache. On a CPU give fewer and shorter pairs."
    })
public final class BenchmarkKernels implements Callable<Integer> {
  @Mixin private ShapeOption shape;
  @Mixin private StepOptions step;

  @Option(
      names = "--milliseconds",
      paramLabel = "MS",
      defaultValue = "100",
      description = "Repeat each operation for at least so long (default: ${DEFAULT-VALUE}).")
  private int milliseconds;

  @Option(
      names = "--only",
      paramLabel = "REGEX",
      defaultValue = "",
      description = "Time only operations whose name this is found in (default: all).")
  private Pattern only;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the numbers here too.")
  private Path json;

  @Mixin private ComputeOptions compute;

  @Spec private CommandSpec command;

  /** For picocli. */
  public BenchmarkKernels() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new BenchmarkKernels(), arguments);
  }

  @Override
  public Integer call() {
    step.check();
    GivenOptions.refuse(
        command,
        "has no effect here: dense and 4-bit weights are both timed; leave it out",
        "--quantization");
    InputGuard.check("--json", json, shape.file());
    ModelConfig config = shape.read();
    LoadOptions load = compute.load();
    try (Backend backend =
        load.backend() == null
            ? Backends.best(load.backendOptions())
            : Backends.named(load.backend(), load.backendOptions())) {
      System.out.println(backend.description());
      KernelBench bench =
          new KernelBench(
              backend,
              config,
              load.precision(),
              only,
              milliseconds / 1e3,
              time -> System.out.println(time.line()));
      DeviceRates rates = DeviceRates.of(bench, Math.multiplyExact(step.batch, step.length));
      bench.rates(rates.bytesPerSecond(), rates.flopsPerSecond(load.precision()));
      System.out.printf(
          Locale.ROOT,
          "copy %.1f GB/s, products %.2f TFLOP/s in bf16 and %.2f in f32, a launch %.1f"
              + " microseconds%n%n%s%n",
          rates.bytesPerSecond() / 1e9,
          rates.bf16FlopsPerSecond() / 1e12,
          rates.f32FlopsPerSecond() / 1e12,
          rates.launchSeconds() * 1e6,
          KernelTime.HEADING);
      new RowKernels(bench, step.batch, step.length).run();
      new AttentionKernels(bench, step.batch, step.length).run();
      new LinearKernels(bench, step.batch * step.length, step.rank).run();
      new UpdateKernels(bench, step.batch, parameters(config)).run();
      if (json != null) {
        write(backend, load, rates, bench.times());
      }
      return 0;
    }
  }

  /** Those of paths on queries, keys and values, and of the head. */
  private int parameters(ModelConfig config) {
    List<String> targets = List.of(AdapterOptions.attentionInputs(config));
    int sum = 2 * config.hiddenSize();
    for (LinearModule module : LinearModule.of(config)) {
      if (targets.contains(module.name())) {
        sum += config.layers() * step.rank * (module.inputs() + module.outputs());
      }
    }
    return sum;
  }

  private void write(Backend backend, LoadOptions load, DeviceRates rates, List<KernelTime> times) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("backend", backend.description());
    result.put("dtype", load.precision().toString().toLowerCase(Locale.ROOT));
    result.put("batch", step.batch);
    result.put("length", step.length);
    result.put("bytes_per_second", rates.bytesPerSecond());
    result.put("bf16_flops_per_second", rates.bf16FlopsPerSecond());
    result.put("f32_flops_per_second", rates.f32FlopsPerSecond());
    result.put("launch_seconds", rates.launchSeconds());
    result.put("operations", times.stream().map(KernelTime::values).toList());
    AtomicFiles.writeString(json, Json.writePretty(result));
  }
}
