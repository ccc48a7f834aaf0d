package io.github.lorascope.decoder;

import io.github.lorascope.backend.Precision;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.decoder.PlannedLayer.Part;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Goes through a pass as {@link DecoderPass}, {@link DecoderLayer} and {@link LayerBackward} do,
 * and takes and gives back bytes where they take and give back tensors.
 */
final class PlannedStep {
  private static final int FLOAT = Float.BYTES;
  private static final int BF16 = 2;

  /** Rows that the cuda backend multiplies with the codes themselves, and what columns it takes. */
  private static final int FEW = 64;

  private static final int BLOCK = 64;
  private static final int LABELS = 2;

  private final StepShape shape;
  private final PlannedWeights weights;
  private final long tokens;
  private final long sequences;
  private final long hidden;
  private final long inner;
  private final long queries;
  private final long keysValues;
  private final int number;
  private final boolean dropout;
  private final Deque<Long> tapes = new ArrayDeque<>();
  private long held;
  private long peak;
  private long kept;

  PlannedStep(StepShape shape, PlannedWeights weights) {
    ModelConfig config = shape.config();
    this.shape = shape;
    this.weights = weights;
    this.tokens = shape.batch().tokens();
    this.sequences = shape.batch().sequences();
    this.hidden = config.hiddenSize();
    this.inner = config.intermediateSize();
    this.queries = config.queryWidth();
    this.keysValues = 2L * config.keyValueWidth();
    this.number = shape.activationBytes();
    this.dropout = shape.pass().training() && shape.pass().dropout() > 0;
    forward();
    kept = held;
    if (shape.pass().training()) {
      backward();
    }
  }

  /** What is held between the forward and the backward pass. */
  long kept() {
    return kept;
  }

  /** The most that is held at once. */
  long peak() {
    return peak;
  }

  private long take(long bytes) {
    held += bytes;
    peak = Math.max(peak, held);
    return bytes;
  }

  private void give(long bytes) {
    held -= bytes;
  }

  private void forward() {
    int layers = shape.config().layers();
    int lowest = shape.lowestLayer();
    take(FLOAT * (long) shape.batch().longest() * shape.config().headDimension()); // rotation
    take(FLOAT * tokens * hidden); // the embedding
    for (int index = 0; index < layers; index++) {
      boolean freed = index > 0 && index <= lowest;
      if (freed && index == lowest) {
        take(FLOAT * tokens * hidden); // a copy of the lowest layer's input
        give(tapes.pop());
      }
      long tape = forward(index);
      if (freed && index < lowest) {
        give(tapes.pop());
      }
      if (index >= lowest && shape.pass().recompute()) {
        long output = take(output(index));
        give(tape);
        tape = output;
      }
      tapes.push(tape);
    }
    if (lowest == layers) {
      take(output(layers - 1));
      give(tapes.pop());
    }
    take(FLOAT * sequences * (hidden + 1 + LABELS));
  }

  private long asking(int index) {
    return index == shape.config().layers() - 1 ? sequences : tokens;
  }

  private long output(int index) {
    return FLOAT * asking(index) * hidden;
  }

  /** Returns what the layer's tape holds. */
  private long forward(int index) {
    PlannedLayer layer = weights.layers().get(index);
    long asking = asking(index);
    boolean last = asking != tokens;
    long tape = take(FLOAT * tokens); // the first norm's factor
    long scratch = take(number * tokens * hidden); // normed
    scratch += last ? take(number * asking * hidden) : 0; // that of last tokens
    tape += take(number * (asking * queries + tokens * keysValues));
    for (Part part : layer.qkv()) {
      tape += product(part, part.asked() ? asking : tokens);
    }
    tape += take(number * asking * queries); // attended
    tape += take(FLOAT * asking * hidden); // middle
    tape += product(layer.output(), asking);
    scratch += last ? take(FLOAT * asking * hidden) : 0; // the residual stream of last tokens
    tape += take(FLOAT * asking); // the second norm's factor
    scratch += take(number * asking * hidden); // normed
    tape += take(number * asking * 2 * inner); // gate and up
    for (Part part : layer.gateUp()) {
      tape += product(part, asking);
    }
    scratch += take(number * asking * inner);
    tape += take(FLOAT * asking * hidden); // output
    tape += product(layer.down(), asking);
    give(scratch);
    return tape;
  }

  /** A linear layer; returns what its path leaves. */
  private long product(Part part, long rows) {
    long left = part.path() ? take(FLOAT * rows * shape.rank()) : 0;
    boolean fromCodes = weights.coded(part) && bf16() && rows <= FEW && part.inputs() % BLOCK == 0;
    long scratch = fromCodes ? 0 : take(operands(part, rows * part.inputs(), number));
    scratch += part.path() && dropout ? take(FLOAT * rows * part.inputs()) : 0;
    give(scratch);
    return left;
  }

  private boolean bf16() {
    return shape.load().precision() == Precision.BF16;
  }

  /** A dequantized weight, and the other operand in bfloat16 where it is kept in float32. */
  private long operands(Part part, long elements, int bytes) {
    return (weights.coded(part) ? weights.dense(part) : 0)
        + (bf16() && bytes == FLOAT ? BF16 * elements : 0);
  }

  private void backward() {
    take(FLOAT * sequences * LABELS);
    take(2 * FLOAT * sequences * hidden); // gradients behind and before the final norm
    for (int index = shape.config().layers() - 1; index >= shape.lowestLayer(); index--) {
      long tape = tapes.pop();
      if (shape.pass().recompute()) {
        give(tape);
        tape = forward(index);
      }
      backward(index);
      give(tape);
    }
  }

  private void backward(int index) {
    PlannedLayer layer = weights.layers().get(index);
    boolean lowest = index == shape.lowestLayer();
    long asking = asking(index);
    boolean last = asking != tokens;
    long scratch = take(number * asking * inner);
    scratch += layer.down().path() ? take(number * asking * inner) : 0; // its input again
    gradient(layer.down(), asking, FLOAT, true);
    scratch += take(number * asking * hidden);
    scratch += normed(layer.gateUp(), asking);
    layer.gateUp().forEach(part -> gradient(part, asking, number, true));
    scratch += take(number * asking * queries);
    gradient(layer.output(), asking, FLOAT, true);
    scratch += take(number * (asking * queries + tokens * keysValues));
    long sums = take(2L * FLOAT * shape.config().heads() * asking); // of the softmax, and with it
    give(sums);
    scratch += lowest ? 0 : take(number * tokens * hidden);
    scratch += normed(layer.qkv(), tokens);
    for (Part part : layer.qkv()) {
      boolean few = last && part.asked();
      long input = number * asking * hidden;
      scratch += few && layer.qkv().stream().anyMatch(Part::path) ? take(input) : 0;
      scratch += few && !lowest ? take(input) : 0;
      gradient(part, few ? asking : tokens, number, !lowest);
    }
    if (last && !lowest) {
      take(FLOAT * tokens * hidden); // the gradient of all tokens, to the end of the pass
    }
    give(scratch);
  }

  /** The input of parts, normed again where a path needs it. */
  private long normed(List<Part> parts, long rows) {
    return parts.stream().anyMatch(Part::path) ? take(number * rows * hidden + FLOAT * rows) : 0;
  }

  /** The gradient of a linear layer, given that of its output in so many bytes a number. */
  private void gradient(Part part, long rows, int bytes, boolean ofInput) {
    long scratch = ofInput ? take(operands(part, rows * part.outputs(), bytes)) : 0;
    if (part.path()) {
      scratch += take(FLOAT * rows * shape.rank());
      scratch += dropout ? take(FLOAT * rows * part.inputs()) : 0;
      scratch += dropout && ofInput ? take(FLOAT * rows * part.inputs()) : 0;
    }
    give(scratch);
  }
}
