package io.github.lorascope.examples;

import java.util.Locale;
import picocli.CommandLine.Option;

/** Options that change single numbers of an {@link XrayPlan}. */
final class XrayOverrides {
  @Option(names = "--steps", paramLabel = "N", description = "Steps of the training.")
  private Integer steps;

  @Option(names = "--batch", paramLabel = "N", description = "Pairs a step.")
  private Integer batch;

  @Option(names = "--learning-rate", paramLabel = "RATE", description = "Peak learning rate.")
  private Double learningRate;

  @Option(names = "--eval-limit", paramLabel = "N", description = "Pairs evaluated on.")
  private Integer pairs;

  @Option(names = "--probe-limit", paramLabel = "N", description = "Pairs looked at.")
  private Integer probePairs;

  @Option(
      names = "--head",
      paramLabel = "NAME",
      description =
          "zero-shot: the language model's own for A and B, which is not trained, as the preset"
              + " article has it; trained: one that is, as the others have it.")
  private Head head;

  /** Where the two logits come from. */
  private enum Head {
    TRAINED,
    ZERO_SHOT;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  @Option(
      names = "--eval-every",
      paramLabel = "N",
      description = "Steps from one evaluation, with its probes and lens, to the next.")
  private Integer evaluateEvery;

  @Option(
      names = "--passage-tokens",
      paramLabel = "N",
      description = "Tokens of a passage; 0: all.")
  private Integer passageTokens;

  @Option(names = "--max-tokens", paramLabel = "N", description = "Tokens of a prompt; 0: all.")
  private Integer maxTokens;

  @Option(names = "--ablation-steps", paramLabel = "N", description = "Steps of each ablation.")
  private Integer ablationSteps;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "Runs of each group of layers; 0: no ablation.")
  private Integer seeds;

  @Option(
      names = "--groups",
      paramLabel = "NAME",
      description = "Groups of layers to train alone, such as all,late,middle=6-11.")
  private String groups;

  XrayPlan applyTo(XrayPlan plan) {
    return new XrayPlan(
        plan.triples(),
        or(pairs, plan.pairs()),
        or(probePairs, plan.probePairs()),
        or(steps, plan.steps()),
        or(batch, plan.batch()),
        or(learningRate, plan.learningRate()),
        plan.schedule(),
        plan.warmup(),
        plan.dropout(),
        or(passageTokens, plan.passageTokens()),
        or(maxTokens, plan.maxTokens()),
        or(evaluateEvery, plan.evaluateEvery()),
        or(ablationSteps, plan.ablationSteps()),
        or(seeds, plan.seeds()),
        or(groups, plan.groups()),
        head == null ? plan.zeroShotHead() : head == Head.ZERO_SHOT);
  }

  private static <T> T or(T asked, T planned) {
    return asked == null ? planned : asked;
  }
}
