package io.github.lorascope.examples;

import io.github.lorascope.probe.LinearProbe;
import io.github.lorascope.tap.HiddenStates;
import java.util.Locale;
import picocli.CommandLine.Command;

/** Behind which layers a line can read the answer. */
@Command(
    name = "StateProbes",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Asks behind which layers a linear probe reads the answer, before and after a training.")
public final class StateProbes extends Look {
  /** For picocli. */
  public StateProbes() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new StateProbes(), arguments);
  }

  @Override
  void look(Subject subject) {
    HiddenStates before = subject.before().states().orElseThrow();
    HiddenStates after = subject.after().states().orElseThrow();
    LinearProbe plain = LinearProbe.crossValidated(5).standardize(true).controlTask(42);
    System.out.println(
        "linear probes for the relevant passage in the last token, by layers passed");
    System.out.printf(
        Locale.ROOT, "%6s  %-40s %-40s %s%n", "layers", "before", "after", "shuffled labels");
    for (int layers : after.layers()) {
      LinearProbe probe = plain.forLayer(layers);
      LinearProbe.Result then = probe.fit(before.layer(layers), subject.pairs());
      LinearProbe.Result now = probe.fit(after.layer(layers), subject.pairs());
      System.out.printf(
          Locale.ROOT,
          "%6d  %-40s %-40s %.4f%n",
          layers,
          then.accuracy(),
          now.accuracy(),
          now.control().orElseThrow().accuracy());
    }
  }
}
