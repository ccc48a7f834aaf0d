package io.github.lorascope.backend;

import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.Weight;
import java.util.Objects;

/**
 * Checks the shapes of an operation's tensors, for a backend that trusts native code with their
 * addresses. Each method throws an {@link IllegalArgumentException} that names what does not fit.
 */
public final class OperationShapes {
  private OperationShapes() {}

  /**
   * Checks that a weight was prepared by the kind of backend that is to compute with it.
   *
   * @param <W> its weights
   * @param type its weights
   * @param weight a weight that a caller passed
   * @return the weight
   */
  public static <W extends BackendWeight> W prepared(Class<W> type, BackendWeight weight) {
    if (!type.isInstance(weight)) {
      throw new IllegalArgumentException(
          "the weight "
              + weight.weight().name()
              + " was prepared by another backend: prepare it by the one that computes with it");
    }
    return type.cast(weight);
  }

  /**
   * Checks {@link Backend#gather}.
   *
   * @param table the table [vocabulary, columns]
   * @param ids which rows
   * @param y what receives them
   */
  public static void gather(BackendWeight table, int[] ids, Tensor y) {
    shape("y", y, ids.length, table.weight().columns());
    within("id", ids, table.weight().rows());
  }

  /**
   * Checks {@link Backend#selectRows} and {@link Backend#addToRows}.
   *
   * @param whole the matrix whose rows are chosen
   * @param rows which rows
   * @param chosen the matrix of these rows alone
   */
  public static void rows(Tensor whole, int[] rows, Tensor chosen) {
    shape("the matrix of chosen rows", chosen, rows.length, whole.columns());
    within("row", rows, whole.rows());
  }

  /**
   * Checks {@link Backend#rmsNorm}.
   *
   * @param x input
   * @param gain the gain
   * @param y output
   * @param inverse one number a row
   */
  public static void rmsNorm(Tensor x, Tensor gain, Tensor y, Tensor inverse) {
    shape("gain", gain, 1, x.columns());
    shape("inverse", inverse, x.rows(), 1);
    same("y", y, x);
  }

  /**
   * Checks {@link Backend#headNorm}.
   *
   * @param x input
   * @param gain the gain
   * @param y output
   * @param inverse one number a row and head
   */
  public static void headNorm(Tensor x, Tensor gain, Tensor y, Tensor inverse) {
    shape("x", x, x.rows(), inverse.columns() * gain.columns());
    shape("gain", gain, 1, gain.columns());
    shape("inverse", inverse, x.rows(), inverse.columns());
    same("y", y, x);
  }

  /**
   * Checks {@link Backend#linear} and {@link Backend#linearBackward}.
   *
   * @param x input, or its gradient; null: not there
   * @param weight W
   * @param bias the bias, or null
   * @param adapter the LoRA path, or null
   * @param y output, or its gradient
   */
  public static void linear(
      Tensor x, BackendWeight weight, Tensor bias, LowRank adapter, Tensor y) {
    Weight w = weight.weight();
    shape("y", y, y.rows(), w.rows());
    if (x != null) {
      shape("x", x, y.rows(), w.columns());
    }
    if (bias != null) {
      shape("bias", bias, 1, w.rows());
    }
    if (adapter != null) {
      shape("A", adapter.a(), adapter.a().rows(), w.columns());
      shape("B", adapter.b(), w.rows(), adapter.a().rows());
      shape("xa", adapter.xa(), y.rows(), adapter.a().rows());
    }
  }

  /**
   * Checks what {@link Backend#linearBackward} makes for an adapter.
   *
   * @param adapter the LoRA path, or null
   * @param dxa the gradient of its xa
   */
  public static void passedOn(LowRank adapter, Tensor dxa) {
    if (adapter != null) {
      same("the gradient of xa", dxa, adapter.xa());
    }
  }

  /**
   * Checks {@link Backend#lowRankBackward}.
   *
   * @param gradient one of the paths
   */
  public static void lowRank(LowRankGradient gradient) {
    LowRank path = gradient.path();
    int tokens = path.xa().rows();
    shape("dy", gradient.dy(), tokens, path.b().rows());
    same("the gradient of xa", gradient.dxa(), path.xa());
    shape("x", gradient.x(), tokens, path.a().columns());
    same("the gradient of A", gradient.a(), path.a());
    same("the gradient of B", gradient.b(), path.b());
  }

  /**
   * Checks {@link Backend#rope}.
   *
   * @param x the heads of every token side by side
   * @param headDim numbers in a head
   * @param cos cosines
   * @param sin sines
   * @param positions each token's position
   */
  public static void rope(Tensor x, int headDim, Tensor cos, Tensor sin, int[] positions) {
    if (positions.length != x.rows() || 2 * cos.columns() > headDim || x.columns() % headDim != 0) {
      throw new IllegalArgumentException(
          positions.length
              + " positions, heads of "
              + headDim
              + " and tables "
              + cos
              + " for "
              + x);
    }
    same("sin", sin, cos);
    within("position", positions, cos.rows());
  }

  /**
   * Checks {@link Backend#attention}.
   *
   * @param shape who attends to whom
   * @param q queries
   * @param k keys
   * @param v values
   */
  public static void attention(AttentionShape shape, Tensor q, Tensor k, Tensor v) {
    int sequences = shape.sequences();
    int keyColumns = shape.keyValueHeads() * shape.headDim();
    shape("q", q, shape.queryOffsets()[sequences], shape.heads() * shape.headDim());
    shape("k", k, shape.keyOffsets()[sequences], keyColumns);
    same("v", v, k);
  }

  /**
   * Checks {@link Backend#attentionWeights}.
   *
   * @param shape who attends to whom
   * @param sequence which sequence
   * @param q queries
   * @param k keys
   * @param p what receives the weights
   */
  public static void attentionWeights(
      AttentionShape shape, int sequence, Tensor q, Tensor k, Tensor p) {
    attention(shape, q, k, k);
    shape("p", p, shape.heads() * shape.queries(sequence), shape.keys(sequence));
  }

  /**
   * Checks {@link Backend#attentionMass}.
   *
   * @param shape who attends to whom
   * @param sequence which sequence
   * @param q queries
   * @param k keys
   * @param from the first query
   * @param spans spans of keys
   * @param y what receives the masses
   */
  public static void attentionMass(
      AttentionShape shape, int sequence, Tensor q, Tensor k, int from, int[] spans, Tensor y) {
    attention(shape, q, k, k);
    int rows = y.rows() / shape.heads();
    shape("y", y, rows * shape.heads(), spans.length / 2 + 1);
    Objects.checkFromIndexSize(from, rows, shape.queries(sequence));
    for (int i = 0; i < spans.length; i += 2) {
      Objects.checkFromToIndex(spans[i], spans[i + 1], shape.keys(sequence));
    }
  }

  /**
   * Checks {@link Backend#head}.
   *
   * @param h last tokens' hidden states
   * @param w the head's weight
   * @param logits output, or its gradient
   */
  public static void head(Tensor h, Tensor w, Tensor logits) {
    shape("w", w, logits.columns(), h.columns());
    shape("logits", logits, h.rows(), w.rows());
  }

  /**
   * Checks {@link Backend#crossEntropy}.
   *
   * @param logits the logits
   * @param labels the right label of each pair
   * @param dLogits receives their gradient; null: not needed
   */
  public static void crossEntropy(Tensor logits, int[] labels, Tensor dLogits) {
    shape("logits", logits, labels.length, logits.columns());
    within("label", labels, logits.columns());
    if (dLogits != null) {
      same("dLogits", dLogits, logits);
    }
  }

  /**
   * Requires that one tensor has the shape of another.
   *
   * @param name what to call it in the message
   * @param tensor the tensor
   * @param other the other
   */
  public static void same(String name, Tensor tensor, Tensor other) {
    shape(name, tensor, other.rows(), other.columns());
  }

  private static void shape(String name, Tensor tensor, int rows, int columns) {
    if (tensor.rows() != rows || tensor.columns() != columns) {
      throw new IllegalArgumentException(
          name + " is a " + tensor + " where one [" + rows + ", " + columns + "] belongs");
    }
  }

  private static void within(String name, int[] indexes, int bound) {
    for (int index : indexes) {
      if (index < 0 || index >= bound) {
        throw new IllegalArgumentException(name + " " + index + " is not from 0 to below " + bound);
      }
    }
  }
}
