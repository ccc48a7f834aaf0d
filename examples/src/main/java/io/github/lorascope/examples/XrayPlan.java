package io.github.lorascope.examples;

import io.github.lorascope.train.Schedule;
import io.github.lorascope.train.TrainingOptions;
import java.util.ArrayList;
import java.util.List;

/**
 * How much of everything an {@link XrayReport} does.
 *
 * @param triples triples drawn for training; 0: all
 * @param pairs pairs evaluated on
 * @param probePairs pairs that states are probed on
 * @param steps steps of the training
 * @param batch pairs a step
 * @param learningRate peak learning rate
 * @param schedule how it falls
 * @param warmup steps until the peak
 * @param dropout before the LoRA paths
 * @param passageTokens tokens of a passage; 0: all
 * @param maxTokens tokens of a prompt; 0: the model's positions
 * @param evaluateEvery steps from one evaluation to the next
 * @param ablationSteps steps of each ablation run
 * @param seeds runs of each group of layers
 * @param groups the groups of layers, as {@link GroupList} reads them
 * @param zeroShotHead whether the head is the language model's own for A and B, and is not trained
 */
record XrayPlan(
    int triples,
    int pairs,
    int probePairs,
    int steps,
    int batch,
    double learningRate,
    Schedule schedule,
    int warmup,
    double dropout,
    int passageTokens,
    int maxTokens,
    int evaluateEvery,
    int ablationSteps,
    int seeds,
    String groups,
    boolean zeroShotHead) {
  private static final String ARTICLE_GROUPS = "all,late,early+middle,middle,early";

  /** The bundled model and data: QuickStart's training, every part in full. */
  static XrayPlan full() {
    return new XrayPlan(
        0,
        400,
        400,
        200,
        16,
        1e-3,
        Schedule.LINEAR,
        10,
        0,
        32,
        0,
        20,
        200,
        3,
        ARTICLE_GROUPS,
        false);
  }

  /** The same with fewer groups, one seed, fewer pairs and fewer steps. */
  static XrayPlan quick() {
    return new XrayPlan(
        0,
        200,
        200,
        160,
        16,
        1e-3,
        Schedule.LINEAR,
        10,
        0,
        32,
        0,
        40,
        120,
        1,
        "all,late,middle",
        false);
  }

  /**
   * The published experiment, where it says: 50,000 triples, rank 16, 2,000 steps, ablations of
   * 1,000, evaluation on 400 pairs, probes on 200. Its 6,291,456 trained parameters are those of
   * the LoRA paths and leave none for a head, so the language model's own is taken. It does not
   * state batch, learning rate, dropout or length; those are what others use for Phi-3.
   */
  static XrayPlan article() {
    return new XrayPlan(
        50_000,
        400,
        200,
        2_000,
        16,
        1e-4,
        Schedule.COSINE,
        100,
        0.05,
        0,
        512,
        100,
        1_000,
        3,
        ARTICLE_GROUPS,
        true);
  }

  TrainingOptions training(long seed) {
    return options(steps, seed).evaluateEvery(evaluateEvery).build();
  }

  TrainingOptions ablation(long seed) {
    return options(ablationSteps, seed).build();
  }

  private TrainingOptions.Builder options(int count, long seed) {
    return TrainingOptions.builder()
        .steps(count)
        .batch(batch)
        .learningRate(learningRate)
        .schedule(schedule, Math.min(warmup, Math.max(1, count / 10)))
        .clip(1)
        .trainHead(!zeroShotHead)
        .seed(seed);
  }

  /**
   * Where the article looked, 0, 8, 16, 24 and 31 of 32 layers, scaled to a model's depth, and the
   * last.
   */
  static int[] observed(int layers) {
    List<Integer> depths = new ArrayList<>();
    for (int depth : new int[] {0, 8, 16, 24, 31}) {
      depths.add(Math.round(depth * layers / 32f));
    }
    depths.add(layers);
    return depths.stream().mapToInt(Integer::intValue).distinct().toArray();
  }
}
