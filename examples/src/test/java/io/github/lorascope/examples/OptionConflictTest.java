package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.lora.AdapterException;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Options of which one would silently undo another. */
class OptionConflictTest {
  @Command
  private static final class Training {
    @Mixin private AdapterOptions adapter;
  }

  private static String refusal(String... arguments) {
    Training training = new Training();
    new CommandLine(training).parseArgs(arguments);
    return assertThrows(AdapterException.class, () -> training.adapter.attach(null, 0))
        .getMessage();
  }

  @ParameterizedTest
  @CsvSource({
    "--rank=8",
    "--alpha=16",
    "--dropout=0.1",
    "--rslora",
    "--targets=q_proj",
    "--layers=0-3"
  })
  void aFinishedAdapterHasItsOwn(String option) {
    String name = option.replaceFirst("=.*", "");
    String message = refusal("--adapter", "old", option);
    assertTrue(message.startsWith(name + " beside --adapter"), message);
    assertTrue(message.contains("old"), message);
  }

  @Test
  void allOfThemAreNamed() {
    String message = refusal("--rank=8", "--adapter=old", "--alpha=8");
    assertTrue(message.startsWith("--rank, --alpha beside"), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "TrainReranker | --triples=t --out=o --triples-limit=5 --triples-sample=5 |"
            + " --triples-limit beside --triples-sample",
        "TrainReranker | --triples=t --out=o --eval-limit=5 | --eval-limit without --eval",
        "TrainReranker | --triples=t --out=o --eval-every=5 --eval-limit=5 |"
            + " --eval-limit, --eval-every without --eval",
        "BenchmarkTraining | --model=m --config=c | --config beside --model",
        "BenchmarkScaling | --of=WEIGHTS --quantization=nf4 | --quantization beside --of weights",
        "BenchmarkKernels | --quantization=nf4 | --quantization has no effect here"
      })
  void whatWouldHaveNoEffectIsRefused(String program, String arguments, String part)
      throws ReflectiveOperationException {
    Class<?> type = Class.forName(getClass().getPackageName() + "." + program);
    Callable<?> command = (Callable<?>) type.getConstructor().newInstance();
    new CommandLine(command).parseArgs(arguments.split(" ", -1));
    String message = assertThrows(IllegalArgumentException.class, command::call).getMessage();
    assertTrue(message.startsWith(part), message);
  }

  @Test
  void whatIsResumedHasToBeNamed() {
    QuickStart quickStart = new QuickStart();
    new CommandLine(quickStart).parseArgs("--resume");
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, quickStart::call);
    assertEquals("--resume needs --out, the folder of the run to go on with", e.getMessage());
  }
}
