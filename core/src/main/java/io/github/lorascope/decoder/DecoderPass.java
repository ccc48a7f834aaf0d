package io.github.lorascope.decoder;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * One forward pass from tokens to logits and, in training, what the backward pass needs. Not
 * thread-safe; close it to free its memory.
 */
public final class DecoderPass implements AutoCloseable {
  private final Decoder decoder;
  private final Backend backend;
  private final PassContext context;
  private final MemoryScope memory;
  private final Deque<LayerTape> tapes = new ArrayDeque<>();
  private final int first;
  private final int lowest;
  private final Tensor lastStates;
  private final Tensor inverse;
  private final Tensor hidden;
  private final Tensor logits;
  private boolean wentBack;

  /** Computes the layers from the first one on, whose input is given; null: the embedding. */
  DecoderPass(
      Decoder decoder,
      TokenBatch batch,
      Adapter adapter,
      PassOptions options,
      ResidualEditor editor,
      int first,
      Tensor states) {
    this.decoder = decoder;
    this.first = first;
    this.backend = decoder.backend();
    this.memory = backend.scope("a pass over " + batch.tokens() + " tokens");
    boolean done = false;
    try {
      this.context = PassContext.of(decoder, batch, adapter, options, memory);
      Tensor head = decoder.head(adapter); // a model without one is refused before the work
      int layers = decoder.config().layers();
      this.lowest = options.training() ? adapter.values().lowestLayer(layers) : layers;
      this.lastStates = layers(states == null ? decoder.embed(batch, memory) : states, editor);
      this.hidden = memory.tensor(batch.sequences(), decoder.config().hiddenSize());
      this.inverse = memory.tensor(batch.sequences(), 1);
      backend.rmsNorm(
          lastStates, decoder.finalGain(), decoder.config().rmsNormEpsilon(), hidden, inverse);
      this.logits = memory.tensor(batch.sequences(), head.rows());
      backend.head(hidden, head, logits);
      done = true;
    } finally {
      if (!done) {
        close();
      }
    }
  }

  /**
   * Runs the layers; tapes of trained layers are kept, the others freed as soon as the next layer
   * is done.
   */
  private Tensor layers(Tensor embedded, ResidualEditor editor) {
    int top = decoder.config().layers() - 1;
    Tensor x = embedded;
    for (DecoderLayer layer : decoder.layers().subList(first, top + 1)) {
      int index = layer.index();
      editor.edit(index, x);
      if (index == lowest && index > first) {
        x = copied(x);
        tapes.pop().close();
      }
      boolean trained = index >= lowest && !context.options().recompute();
      LayerTape tape = LayerForward.run(backend, context, layer, x, index == top, trained);
      if (index < lowest && index > first) {
        tapes.pop().close();
      }
      tapes.push(index >= lowest ? kept(tape) : tape);
      x = tapes.element().output();
    }
    if (lowest > top && first <= top) {
      x = copied(x);
      tapes.pop().close();
    }
    editor.edit(top + 1, x);
    return x;
  }

  private Tensor copied(Tensor x) {
    Tensor copy = memory.tensor(x.rows(), x.columns());
    backend.copy(x, copy);
    return copy;
  }

  /** With recomputing, a layer's output alone stays. */
  private LayerTape kept(LayerTape tape) {
    if (!context.options().recompute()) {
      return tape;
    }
    MemoryScope small = backend.scope("the output of a layer");
    try (tape) {
      Tensor output = small.tensor(tape.output().rows(), tape.output().columns());
      backend.copy(tape.output(), output);
      return LayerTape.outputOnly(small, tape.input(), output);
    } catch (RuntimeException | Error e) {
      small.close();
      throw e;
    }
  }

  /**
   * Returns the scores.
   *
   * @return the logits [sequences, labels]
   */
  public Tensor logits() {
    return logits;
  }

  /**
   * Returns what the head reads.
   *
   * @return the last tokens' states after the final norm [sequences, hidden]
   */
  public Tensor hidden() {
    return hidden;
  }

  /**
   * Goes back from the logits to the adapter, down to the lowest layer that has a path. May be
   * called once, and only in training.
   *
   * @param dLogits gradient of the loss with respect to the logits [sequences, labels]
   * @param gradients the adapter's gradients, to which is added
   * @throws IllegalStateException if the pass is not for training, or went back before, to its end
   *     or not
   */
  public void backward(Tensor dLogits, AdapterTensors gradients) {
    backward(dLogits, gradients, (layers, gradient) -> {});
  }

  /**
   * Goes back and shows the gradient of the residual stream on the way.
   *
   * @param dLogits gradient of the loss with respect to the logits [sequences, labels]
   * @param gradients the adapter's gradients, to which is added
   * @param listener sees the gradients from the last layer's output down to the output of the layer
   *     below the lowest that is trained, which is not needed and not seen
   * @throws IllegalStateException if the pass is not for training, or went back before, to its end
   *     or not
   */
  public void backward(Tensor dLogits, AdapterTensors gradients, GradientListener listener) {
    if (!context.options().training()) {
      throw new IllegalStateException("this pass was not made for training");
    }
    if (wentBack) {
      throw new IllegalStateException(
          "this pass went back before, and has used up what it kept: make another one");
    }
    wentBack = true;
    decoder.compute(() -> goBack(dLogits, gradients, listener));
  }

  private void goBack(Tensor dLogits, AdapterTensors gradients, GradientListener listener) {
    try (MemoryScope scratch = backend.scope("the gradients of a pass")) {
      Tensor dHidden = scratch.tensor(hidden.rows(), hidden.columns());
      backend.headBackward(
          dLogits, hidden, context.adapter().values().head(), gradients.head(), dHidden);
      if (lowest == decoder.config().layers()) {
        return;
      }
      Tensor d = scratch.zeros(hidden.rows(), hidden.columns());
      backend.rmsNormBackward(dHidden, lastStates, decoder.finalGain(), inverse, d);
      LayerBackward backward = new LayerBackward(backend, context, gradients);
      for (int index = decoder.config().layers() - 1; index >= lowest; index--) {
        DecoderLayer layer = decoder.layers().get(index);
        try (LayerTape tape = recomputed(layer, tapes.pop())) {
          listener.residual(index + 1, d);
          d = backward.run(layer, tape, d, index == lowest, scratch);
        }
      }
    }
  }

  private LayerTape recomputed(DecoderLayer layer, LayerTape tape) {
    if (!context.options().recompute()) {
      return tape;
    }
    tape.close(); // the output; the input belongs to the tape below, or to the pass
    boolean last = layer.index() == decoder.config().layers() - 1;
    return LayerForward.run(backend, context, layer, tape.input(), last, true);
  }

  @Override
  public void close() {
    tapes.forEach(LayerTape::close);
    memory.close();
  }
}
