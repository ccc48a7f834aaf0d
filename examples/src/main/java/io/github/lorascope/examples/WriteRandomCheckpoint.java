package io.github.lorascope.examples;

import io.github.lorascope.LorascopeException;
import io.github.lorascope.decoder.RandomCheckpoint;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.DoubleConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes random weights of a shape as a checkpoint. */
@Command(
    name = "WriteRandomCheckpoint",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Writes random weights of a shape as a Hugging Face folder in bfloat16, without tokenizer.",
      "BenchmarkTraining --model then measures what loading and computing with it takes."
    })
public final class WriteRandomCheckpoint implements Callable<Integer> {
  @Mixin private ShapeOption shape;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Chooses the weights (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "The folder to write; must not exist, or be empty.")
  private Path out;

  /** For picocli. */
  public WriteRandomCheckpoint() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new WriteRandomCheckpoint(), arguments);
  }

  @Override
  public Integer call() {
    AtomicBoolean stopped = new AtomicBoolean();
    DoubleConsumer line = ProgressLine.share("writing " + out);
    StopOnInterrupt hook = StopOnInterrupt.of(() -> stopped.set(true));
    try {
      RandomCheckpoint.write(
          shape.file(),
          seed,
          out,
          share -> {
            if (stopped.get()) {
              throw new LorascopeException("stopped; nothing is written");
            }
            line.accept(share);
          });
    } finally {
      hook.end();
    }
    System.out.println("model: " + out);
    return 0;
  }
}
