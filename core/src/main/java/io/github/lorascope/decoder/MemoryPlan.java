package io.github.lorascope.decoder;

/**
 * What a training step, or a pass that scores, takes of a GPU's memory at its worst moment, counted
 * from the shapes of what the cuda backend holds.
 *
 * <p>Not counted are the driver's and cuBLAS' own memory, gaps that the driver leaves between
 * blocks, and what listeners look at.
 *
 * <pre>{@code
 * StepShape step =
 *     new StepShape(
 *         model.config(),
 *         LoadOptions.nf4().with(BackendOptions.defaults().withMemoryCap(24_000_000_000L)),
 *         2,
 *         2,
 *         adapter.view().values().paths().keySet(),
 *         16,
 *         TokenBatch.of(Collections.nCopies(16, new int[512])),
 *         new PassOptions(true, 0, 0, true));
 * System.out.println(MemoryPlan.of(step).peak() / 1e9 + " GB");
 * }</pre>
 *
 * @param weights bytes of the frozen weights
 * @param adapter bytes of the adapter and, in training, of its gradient and moments
 * @param tape bytes that the forward pass leaves for the backward pass
 * @param scratch bytes that are held beyond that at the worst moment
 */
public record MemoryPlan(long weights, long adapter, long tape, long scratch) {
  /** Parameters, gradient, and two moments. */
  private static final int TRAINED = 4;

  /**
   * Plans a step. Where four-bit weights are loaded, a quarter of the memory cap is used for
   * dequantized ones, as far as they go; so a plan without a cap has them all dequantized. Weights
   * as they are stored count as dense ones.
   *
   * @param shape what it depends on
   * @return the plan
   */
  public static MemoryPlan of(StepShape shape) {
    PlannedWeights weights = new PlannedWeights(shape);
    PlannedStep step = new PlannedStep(shape, weights);
    long parameters = Float.BYTES * shape.parameters();
    return new MemoryPlan(
        weights.bytes(),
        shape.pass().training() ? TRAINED * parameters : parameters,
        step.kept(),
        step.peak() - step.kept());
  }

  /**
   * Adds up.
   *
   * @return the most bytes that are held at once
   */
  public long peak() {
    return weights + adapter + tape + scratch;
  }
}
