package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.lora.AdapterException;
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

  @Test
  void whatIsResumedHasToBeNamed() {
    QuickStart quickStart = new QuickStart();
    new CommandLine(quickStart).parseArgs("--resume");
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, quickStart::call);
    assertEquals("--resume needs --out, the folder of the run to go on with", e.getMessage());
  }
}
