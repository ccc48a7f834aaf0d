package io.github.lorascope.backend;

import io.github.lorascope.tensor.MemoryAccount;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.Nf4;
import io.github.lorascope.weights.Nf4Weight;
import io.github.lorascope.weights.Weight;
import java.util.List;

/**
 * The operations of a decoder and of its training, on one device. Tensors come from {@link #scope};
 * every result is written to a tensor that the caller made, and no argument is kept. An operation's
 * gradient stands beside it: given the gradient of the loss with respect to its output it gives, or
 * adds, that with respect to its input. Thread-safe.
 *
 * <p>What passes between the operations of a layer may be {@link MemoryScope#rounded}: selected
 * rows, the result of a norm, operands and results of linear layers (xa too), of the norms of
 * heads, of the rotation, of attention and of the gated unit, and what is added to the residual
 * stream, in one operation all or none of them. Of the gradient of a linear layer one side may be
 * rounded alone. The residual stream itself, gradients of it and of a norm's result, statistics,
 * parameters and logits are not rounded.
 */
public interface Backend extends AutoCloseable {
  /**
   * Returns the name it is chosen by.
   *
   * @return the name, such as {@code reference} or {@code onednn}
   */
  String name();

  /**
   * Says what it runs on.
   *
   * @return one line for a log, such as the library's version, instruction set and threads
   */
  String description();

  /**
   * Returns the account of the memory it holds.
   *
   * @return the account
   */
  MemoryAccount memory();

  /**
   * Opens a memory scope.
   *
   * @param label what the memory is for, for messages
   * @return the scope, to be closed by the caller
   */
  MemoryScope scope(String label);

  /**
   * Quantizes a weight to 4-bit NormalFloat, with the bits of {@link Nf4#quantize} on every
   * backend.
   *
   * @param source what to quantize
   * @param doubleQuantization whether to store the scales in 8 bits
   * @return the weight in 4 bits on the host, under the same name
   * @throws io.github.lorascope.weights.WeightException if the source holds NaN or infinity
   */
  default Nf4Weight quantize(Weight source, boolean doubleQuantization) {
    return Nf4.quantize(source, doubleQuantization);
  }

  /**
   * Counts the memory of a weight that was converted on the host, where that is the memory which
   * this backend counts.
   *
   * @param converted the weight
   * @param owner the scope with which the memory is given back
   * @throws io.github.lorascope.tensor.MemoryCapException if it passes the cap
   */
  default void count(Weight converted, MemoryScope owner) {
    long bytes = converted.bytes();
    memory().take(bytes, "weight " + converted.name());
    owner.attach(() -> memory().give(bytes));
  }

  /**
   * Makes a weight ready to compute with.
   *
   * @param weight the weight [outputs, inputs]
   * @param precision what its products round their operands to
   * @param owner the scope that frees it
   * @return the weight of this backend
   */
  BackendWeight prepare(Weight weight, Precision precision, MemoryScope owner);

  /**
   * Returns how wide the heads of attention may be. A model with wider ones is refused before its
   * weights are read.
   *
   * @return the most numbers of a head
   */
  default int maxHeadDimension() {
    return Integer.MAX_VALUE;
  }

  /**
   * Tells whether gate and up of an MLP are faster as matrices of their own than side by side in
   * one. A weight that makes both is then prepared in two parts.
   *
   * @return whether they are
   */
  default boolean gateUpApart() {
    return false;
  }

  /**
   * Runs operations one after the other on some rows before the next ones, where that is faster:
   * what passes between them need not leave a processor's cache. Parts of the rows may be computed
   * on several threads at once, so that what is passed on must be made by the work itself; results
   * may go to the rows' places in tensors made before.
   *
   * @param rows how many rows there are
   * @param direction which way the work goes through linear layers
   * @param weights those of the linear layers
   * @param work calls operations of this backend on given rows
   */
  default void byRows(int rows, Direction direction, List<BackendWeight> weights, RowWork work) {
    work.run(0, rows);
  }

  /**
   * Reads rows of an embedding table, unrounded.
   *
   * @param table the table [vocabulary, columns]
   * @param ids which rows
   * @param y receives them [ids, columns]
   */
  void gather(BackendWeight table, int[] ids, Tensor y);

  /**
   * Reads rows of a matrix.
   *
   * @param x the matrix [n, columns]
   * @param rows which rows
   * @param y receives them [rows, columns]
   */
  void selectRows(Tensor x, int[] rows, Tensor y);

  /**
   * Gradient of {@link #selectRows}.
   *
   * @param dy gradient of its output [rows, columns]
   * @param rows which rows, each at most once
   * @param dx the gradient of its input, to which dy is added [n, columns]
   */
  void addToRows(Tensor dy, int[] rows, Tensor dx);

  /**
   * Root mean square normalization: {@code y = x / sqrt(mean(x^2) + epsilon) * gain} (Zhang and
   * Sennrich, 2019).
   *
   * @param x input [n, columns]
   * @param gain the gain [1, columns]
   * @param epsilon keeps the root from zero
   * @param y receives the output [n, columns]
   * @param inverse receives 1 / sqrt(mean(x^2) + epsilon) of each row [n, 1]
   */
  void rmsNorm(Tensor x, Tensor gain, double epsilon, Tensor y, Tensor inverse);

  /**
   * Gradient of {@link #rmsNorm} with respect to x.
   *
   * @param dy gradient of the output [n, columns]
   * @param x input of the forward pass [n, columns]
   * @param gain the gain [1, columns]
   * @param inverse what the forward pass wrote [n, 1]
   * @param dx the gradient, to which is added [n, columns]
   */
  void rmsNormBackward(Tensor dy, Tensor x, Tensor gain, Tensor inverse, Tensor dx);

  /**
   * Residual addition and the norm of what comes of it: {@code sum = residual + x}, {@code y =
   * rmsNorm(sum)}.
   *
   * @param x what is added [n, columns]
   * @param residual what it is added to [n, columns]
   * @param gain the gain [1, columns]
   * @param epsilon keeps the root from zero
   * @param sum receives the sum [n, columns]; may be residual
   * @param y receives the output [n, columns]
   * @param inverse receives 1 / sqrt(mean(sum^2) + epsilon) of each row [n, 1]
   */
  default void addRmsNorm(
      Tensor x,
      Tensor residual,
      Tensor gain,
      double epsilon,
      Tensor sum,
      Tensor y,
      Tensor inverse) {
    add(x, residual, sum);
    rmsNorm(sum, gain, epsilon, y, inverse);
  }

  /**
   * {@link #rmsNorm} of each head by itself.
   *
   * @param x the heads of every token side by side [n, heads * headDim]
   * @param gain the gain [1, headDim]
   * @param epsilon keeps the root from zero
   * @param y receives the output [n, heads * headDim]; not x
   * @param inverse receives 1 / sqrt(mean(x^2) + epsilon) of each head [n, heads]
   */
  default void headNorm(Tensor x, Tensor gain, double epsilon, Tensor y, Tensor inverse) {
    OperationShapes.headNorm(x, gain, y, inverse);
    int width = gain.columns();
    for (int head = 0; head < inverse.columns(); head++) {
      int from = head * width;
      int to = from + width;
      rmsNorm(
          x.columns(from, to), gain, epsilon, y.columns(from, to), inverse.columns(head, head + 1));
    }
  }

  /**
   * Gradient of {@link #headNorm} with respect to x.
   *
   * @param dy gradient of the output [n, heads * headDim]
   * @param x input of the forward pass [n, heads * headDim]
   * @param gain the gain [1, headDim]
   * @param inverse what the forward pass wrote [n, heads]
   * @param dx receives the gradient [n, heads * headDim]; not dy
   */
  default void headNormBackward(Tensor dy, Tensor x, Tensor gain, Tensor inverse, Tensor dx) {
    OperationShapes.headNorm(x, gain, dy, inverse);
    OperationShapes.same("dx", dx, x);
    dx.fill(0);
    int width = gain.columns();
    for (int head = 0; head < inverse.columns(); head++) {
      int from = head * width;
      int to = from + width;
      rmsNormBackward(
          dy.columns(from, to),
          x.columns(from, to),
          gain,
          inverse.columns(head, head + 1),
          dx.columns(from, to));
    }
  }

  /**
   * Linear layer: {@code y = x W^T + bias}, with {@code scale * dropout(x) A^T B^T} added where it
   * has an adapter.
   *
   * @param x input [n, inputs]
   * @param weight W [outputs, inputs]
   * @param bias the bias [1, outputs], or null
   * @param adapter the LoRA path, or null; its xa [n, rank] is written
   * @param y receives the output [n, outputs]
   */
  void linear(Tensor x, BackendWeight weight, Tensor bias, LowRank adapter, Tensor y);

  /**
   * Gradient of {@link #linear} with respect to x and to what the adapter passes on; W and the bias
   * are frozen.
   *
   * @param dy gradient of the output [n, outputs]
   * @param weight W [outputs, inputs]
   * @param adapter the LoRA path as the forward pass left it, or null
   * @param dxa receives the gradient of the adapter's xa, {@code scale dy B} [n, rank], and has its
   *     type; null without an adapter
   * @param dx receives the gradient of x [n, inputs]; null: not needed
   * @param add whether to add to dx rather than overwrite it
   */
  void linearBackward(
      Tensor dy, BackendWeight weight, LowRank adapter, Tensor dxa, Tensor dx, boolean add);

  /**
   * Gradient of {@link #linear} with respect to adapters: {@code dA += dxa^T dropout(x)} and {@code
   * dB += scale dy^T xa}.
   *
   * @param paths the LoRA paths, no two of which add to the same gradient
   */
  void lowRankBackward(List<LowRankGradient> paths);

  /**
   * Rotary position embedding in place (Su et al., RoFormer, 2021), in the layout of Hugging Face:
   * number i of a head is rotated with number i + half, where half is the number of columns of the
   * tables. What a head holds beyond 2 half is left as it is.
   *
   * @param x the heads of every token side by side [n, heads * headDim]
   * @param headDim numbers in a head
   * @param cos cosines [positions, half]
   * @param sin sines [positions, half]
   * @param positions each token's position
   * @param inverse whether to rotate back: the gradient of the rotation
   */
  void rope(Tensor x, int headDim, Tensor cos, Tensor sin, int[] positions, boolean inverse);

  /**
   * Causal softmax attention over packed sequences.
   *
   * @param q queries [queries, heads * headDim]
   * @param k keys [keys, keyValueHeads * headDim]
   * @param v values [keys, keyValueHeads * headDim]
   * @param shape who attends to whom
   * @param y receives the output [queries, heads * headDim]
   */
  void attention(Tensor q, Tensor k, Tensor v, AttentionShape shape, Tensor y);

  /**
   * Gradient of {@link #attention}.
   *
   * @param dy gradient of the output [queries, heads * headDim]
   * @param q queries of the forward pass
   * @param k keys of the forward pass
   * @param v values of the forward pass
   * @param shape who attends to whom
   * @param y output of the forward pass
   * @param dq receives the gradient of q
   * @param dk receives the gradient of k
   * @param dv receives the gradient of v
   */
  void attentionBackward(
      Tensor dy,
      Tensor q,
      Tensor k,
      Tensor v,
      AttentionShape shape,
      Tensor y,
      Tensor dq,
      Tensor dk,
      Tensor dv);

  /**
   * Materializes the attention of one sequence.
   *
   * @param q queries [queries, heads * headDim]
   * @param k keys [keys, keyValueHeads * headDim]
   * @param shape who attends to whom
   * @param sequence which sequence
   * @param p receives each head's matrix below the one before, zero where a query does not see a
   *     key [heads * the sequence's queries, the sequence's keys]
   */
  void attentionWeights(Tensor q, Tensor k, AttentionShape shape, int sequence, Tensor p);

  /**
   * Reduces the attention of some queries of one sequence where it arises, without its matrix if
   * the backend can.
   *
   * @param q queries [queries, heads * headDim]
   * @param k keys [keys, keyValueHeads * headDim]
   * @param shape who attends to whom
   * @param sequence which sequence
   * @param from the first of n queries, counted from the sequence's first
   * @param spans spans of the sequence's keys: of each the first key and one past the last
   * @param y receives, each head's rows below those of the one before, how much a query attends to
   *     each span, and last the entropy of its attention in nats [heads * n, spans + 1]
   */
  default void attentionMass(
      Tensor q, Tensor k, AttentionShape shape, int sequence, int from, int[] spans, Tensor y) {
    OperationShapes.attentionMass(shape, sequence, q, k, from, spans, y);
    AttentionMass.reduce(this, q, k, shape, sequence, from, spans, y, AttentionMass.SCRATCH);
  }

  /**
   * Gated unit: {@code y = gate * sigmoid(gate) * up} (Shazeer, GLU Variants Improve Transformer,
   * 2020).
   *
   * @param gate gate [n, columns]
   * @param up input [n, columns]
   * @param y receives the output [n, columns]
   */
  void swiGlu(Tensor gate, Tensor up, Tensor y);

  /**
   * Gradient of {@link #swiGlu}.
   *
   * @param dy gradient of the output [n, columns]
   * @param gate gate of the forward pass [n, columns]
   * @param up input of the forward pass [n, columns]
   * @param dGate receives the gradient of gate; may be gate itself
   * @param dUp receives the gradient of up; may be up itself
   */
  void swiGluBackward(Tensor dy, Tensor gate, Tensor up, Tensor dGate, Tensor dUp);

  /**
   * Residual addition: {@code y = residual + x}. Its gradient is that of y for both.
   *
   * @param x what is added [n, columns]
   * @param residual what it is added to [n, columns]
   * @param y receives the sum [n, columns]; may be x or residual
   */
  void add(Tensor x, Tensor residual, Tensor y);

  /**
   * Copies a matrix.
   *
   * @param x from [n, columns]
   * @param y to [n, columns]
   */
  void copy(Tensor x, Tensor y);

  /**
   * Classification head: {@code logits = h W^T}.
   *
   * @param h last tokens' hidden states [pairs, hidden]
   * @param w the head's weight [labels, hidden]
   * @param logits receives the output [pairs, labels]
   */
  void head(Tensor h, Tensor w, Tensor logits);

  /**
   * Gradient of {@link #head}.
   *
   * @param dLogits gradient of the output [pairs, labels]
   * @param h input of the forward pass [pairs, hidden]
   * @param w the head's weight [labels, hidden]
   * @param dw the gradient of w, to which is added [labels, hidden]
   * @param dh receives the gradient of h [pairs, hidden]; null: not needed
   */
  void headBackward(Tensor dLogits, Tensor h, Tensor w, Tensor dw, Tensor dh);

  /**
   * Softmax cross-entropy of each pair, in nats, and its gradient.
   *
   * @param logits the logits [pairs, labels]
   * @param labels the right label of each pair
   * @param scale what the gradient is multiplied with, such as 1 / pairs for a mean
   * @param dLogits receives the gradient of scale times the sum [pairs, labels]; null: not needed
   * @return the loss of each pair
   */
  double[] crossEntropy(Tensor logits, int[] labels, double scale, Tensor dLogits);

  /**
   * Updates parameters.
   *
   * @param parameters the parameters, one row
   * @param gradients their gradients
   * @param moment1 first moment, updated
   * @param moment2 second moment, updated
   * @param update the settings of this update
   */
  void adamW(Tensor parameters, Tensor gradients, Tensor moment1, Tensor moment2, AdamW update);

  /**
   * Sums squares in double precision, in an order that depends on the shape alone.
   *
   * @param x the numbers
   * @return the sum of their squares
   */
  double squaredNorm(Tensor x);

  /**
   * Sums squares of several matrices, each as {@link #squaredNorm} does.
   *
   * @param parts the matrices
   * @return the sum of squares of each
   */
  default double[] squaredNorms(List<Tensor> parts) {
    return parts.stream().mapToDouble(this::squaredNorm).toArray();
  }

  /**
   * Multiplies in place.
   *
   * @param x the numbers
   * @param factor what each is multiplied with
   */
  void scale(Tensor x, double factor);

  /**
   * Gives back what the backend holds; scopes must be closed before. Closing again does nothing.
   */
  @Override
  void close();
}
