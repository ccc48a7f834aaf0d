package io.github.lorascope.examples;

import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import io.github.lorascope.tap.DepthThird;
import io.github.lorascope.tap.GradientTap;
import io.github.lorascope.train.TrainingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Which layers a training pulled at, and how much each moved. */
@Command(
    name = "GradientsByLayer",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Sums up by layer the gradients and updates that a training recorded.")
public final class GradientsByLayer implements Callable<Integer> {
  @Mixin private RunFolderOption run;

  /** For picocli. */
  public GradientsByLayer() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new GradientsByLayer(), arguments);
  }

  @Override
  public Integer call() {
    look(run.folder);
    return 0;
  }

  static void look(Path run) {
    List<JsonObject> steps = read(run.resolve(GradientTap.FILE_NAME));
    List<Integer> layers = steps.get(0).integers("layers");
    double[] norm = mean(steps, "norm", layers.size());
    double[] a = mean(steps, "a", layers.size());
    double[] b = mean(steps, "b", layers.size());
    double[] ratio = mean(steps, "update_ratio", layers.size());
    System.out.printf(Locale.ROOT, "gradient norms by layer, mean of %,d steps%n", steps.size());
    System.out.printf("%5s %10s %10s %10s %14s%n", "layer", "all", "A", "B", "update/weight");
    for (int i = 0; i < norm.length; i++) {
      System.out.printf(
          Locale.ROOT,
          "%5d %10.4f %10.4f %10.4f %14.5f%n",
          layers.get(i),
          norm[i],
          a[i],
          b[i],
          ratio[i]);
    }
    System.out.println("thirds of the model's depth (of 32 layers they are 0-9, 10-20 and 21-31):");
    for (DepthThird third : DepthThird.values()) {
      String name = third.name().toLowerCase(Locale.ROOT);
      OptionalDouble mean =
          steps.stream().filter(s -> s.has(name)).mapToDouble(s -> s.number(name)).average();
      String shown =
          mean.isPresent()
              ? String.format(Locale.ROOT, "%.4f", mean.getAsDouble())
              : "no layer is trained";
      System.out.printf("%-6s third: %s%n", name, shown);
    }
  }

  private static List<JsonObject> read(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      List<JsonObject> steps = lines.map(line -> Json.parse(line, file.toString())).toList();
      if (steps.isEmpty()) {
        throw new TrainingException(file + " holds no step yet");
      }
      return steps;
    } catch (IOException | UncheckedIOException e) {
      throw new TrainingException(
          "cannot read " + file + ", which a training with a GradientTap writes: " + e, e);
    }
  }

  private static double[] mean(List<JsonObject> steps, String name, int layers) {
    double[] mean = new double[layers];
    for (JsonObject step : steps) {
      List<Double> values = step.numbers(name);
      if (values.size() != layers) {
        throw new TrainingException(step.source() + ": " + name + " is not one number a layer");
      }
      for (int i = 0; i < layers; i++) {
        mean[i] += values.get(i) / steps.size();
      }
    }
    return mean;
  }
}
