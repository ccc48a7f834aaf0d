package io.github.lorascope.decoder;

import io.github.lorascope.backend.Precision;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.decoder.PlannedLayer.Part;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Goes through a pass as {@link DecoderPass}, {@link LayerForward} and {@link LayerBackward} do,
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
  private final boolean headNorms;
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
    this.headNorms = config.queryKeyNorm();
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
      boolean kept = index >= lowest && !shape.pass().recompute();
      long tape = forward(index, kept);
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

  /**
   * Returns what the layer's tape holds.
   *
   * @param trained whether it is for a backward pass
   */
  private long forward(int index, boolean trained) {
    PlannedLayer layer = weights.layers().get(index);
    long asking = asking(index);
    boolean last = asking != tokens;
    long tape = take(FLOAT * tokens); // the first norm's factor
    tape += take(attentionTensors(asking));
    long scratch = 0;
    if (last) {
      scratch += take(FLOAT * asking * hidden); // the residual stream of last tokens
      scratch += take(FLOAT * asking); // their norm's factor
      tape += project(layer.qkv().stream().filter(Part::asked).toList(), asking);
      tape += project(layer.qkv().stream().filter(part -> !part.asked()).toList(), tokens);
    } else {
      tape += project(layer.qkv(), tokens);
    }
    tape += headNorms ? take(attentionTensors(asking) + factorsOfHeads(asking)) : 0;
    tape += take(number * asking * queries); // attended
    tape += take(FLOAT * asking * (hidden + 1)); // middle, and the second norm's factor
    tape += trained ? take(number * asking * 2 * inner) : 0; // gate and up
    tape += take(FLOAT * asking * hidden); // output
    tape += paths(layer.afterAttention(), asking);
    long passing = take(number * asking * hidden); // what is added to the residual stream
    product(layer.output(), asking);
    passing += take(number * asking * hidden); // normed
    passing += trained ? 0 : take(number * asking * 2 * inner);
    layer.gateUp().forEach(part -> product(part, asking));
    passing += take(number * asking * inner);
    product(layer.down(), asking);
    give(passing);
    give(scratch);
    return tape;
  }

  /** The norm before attention and projections; returns what their paths leave. */
  private long project(List<Part> parts, long rows) {
    long left = paths(parts, rows);
    long normed = take(number * rows * hidden);
    parts.forEach(part -> product(part, rows));
    give(normed);
    return left;
  }

  /** What paths leave. */
  private long paths(List<Part> parts, long rows) {
    return take(number * rows * shape.rank() * parts.stream().filter(Part::path).count());
  }

  /** Queries, keys and values, or their gradients. */
  private long attentionTensors(long asking) {
    return number * (asking * queries + tokens * keysValues);
  }

  private long factorsOfHeads(long asking) {
    return FLOAT * (asking * shape.config().heads() + tokens * shape.config().keyValueHeads());
  }

  /** A linear layer. */
  private void product(Part part, long rows) {
    boolean fromCodes = weights.coded(part) && bf16() && rows <= FEW && part.inputs() % BLOCK == 0;
    long scratch = part.path() ? take(roundedFactors(part)) : 0;
    scratch += part.path() && dropout ? take(number * rows * part.inputs()) : 0;
    if (!fromCodes) {
      scratch += take(dequantized(part) + rounded(rows * part.inputs(), number));
    }
    give(scratch);
  }

  private boolean bf16() {
    return shape.load().precision() == Precision.BF16;
  }

  private long dequantized(Part part) {
    return weights.coded(part) ? weights.dense(part) : 0;
  }

  /** The other operand of a product in bfloat16, where it is kept in float32. */
  private long rounded(long elements, int bytes) {
    return bf16() && bytes == FLOAT ? BF16 * elements : 0;
  }

  /** A and B, where activations are kept in bfloat16 and the path is computed so. */
  private long roundedFactors(Part part) {
    return number == BF16 ? BF16 * (long) shape.rank() * (part.inputs() + part.outputs()) : 0;
  }

  private void backward() {
    take(FLOAT * sequences * LABELS);
    take(2 * FLOAT * sequences * hidden); // gradients behind and before the final norm
    for (int index = shape.config().layers() - 1; index >= shape.lowestLayer(); index--) {
      long tape = tapes.pop();
      if (shape.pass().recompute()) {
        give(tape);
        tape = forward(index, true);
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
    long scratch = take(number * asking * queries); // the gradient of what attention gave
    long passing = take(number * asking * inner);
    passing += layer.down().path() ? take(number * asking * inner) : 0; // its input again
    inputAndPath(layer.down(), asking, FLOAT);
    passing += normed(layer.gateUp(), asking);
    passing += take(FLOAT * asking * hidden);
    layer.gateUp().forEach(part -> inputAndPath(part, asking, number));
    inputAndPath(layer.output(), asking, FLOAT);
    give(passing);
    scratch += take(attentionTensors(asking));
    long sums = take(2L * FLOAT * shape.config().heads() * asking); // of the softmax, and with it
    give(sums);
    scratch += headNorms ? take(attentionTensors(asking)) : 0;
    scratch += normed(layer.qkv(), tokens);
    for (Part part : layer.qkv()) {
      scratch += passedOn(part, rows(part, asking));
    }
    long dNormed = lowest ? 0 : take(FLOAT * tokens * hidden);
    scratch += last && !lowest ? take(FLOAT * asking * hidden) : 0;
    layer.qkv().forEach(part -> input(part, rows(part, asking), number, !lowest));
    if (last) {
      scratch += dNormed;
      if (!lowest) {
        take(FLOAT * tokens * hidden); // the gradient of all tokens, to the end of the pass
      }
      scratch += anyPath(layer.qkv()) ? take(number * asking * hidden) : 0; // normed last tokens
    } else {
      give(dNormed);
    }
    layer.qkv().forEach(part -> path(part, rows(part, asking), number));
    give(scratch);
  }

  private long rows(Part part, long asking) {
    return part.asked() ? asking : tokens;
  }

  private static boolean anyPath(List<Part> parts) {
    return parts.stream().anyMatch(Part::path);
  }

  /** The input of parts, normed again where a path needs it. */
  private long normed(List<Part> parts, long rows) {
    return anyPath(parts) ? take(number * rows * hidden) : 0;
  }

  /** The gradient of what a path passes on. */
  private long passedOn(Part part, long rows) {
    return part.path() ? take(number * rows * shape.rank()) : 0;
  }

  /** The gradient of a linear layer and of its path, given that of its output in so many bytes. */
  private void inputAndPath(Part part, long rows, int bytes) {
    long passedOn = passedOn(part, rows);
    input(part, rows, bytes, true);
    path(part, rows, bytes);
    give(passedOn);
  }

  /** The gradient of a linear layer, given that of its output in so many bytes a number. */
  private void input(Part part, long rows, int bytes, boolean ofInput) {
    long scratch = 0;
    if (part.path() || ofInput) {
      scratch += take(rounded(rows * part.outputs(), bytes));
    }
    if (part.path()) {
      scratch += take(roundedFactors(part));
      scratch += dropout && ofInput ? take(FLOAT * rows * part.inputs()) : 0;
    }
    scratch += ofInput ? take(dequantized(part)) : 0;
    give(scratch);
  }

  /** The gradient of a path, given that of the linear layer's output in so many bytes a number. */
  private void path(Part part, long rows, int bytes) {
    if (!part.path()) {
      return;
    }
    long scratch = dropout ? take(number * rows * part.inputs()) : 0;
    scratch += number == BF16 ? take(rounded(rows * part.outputs(), bytes)) : 0;
    give(scratch);
  }
}
