package io.github.lorascope.examples;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendWeight;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.decoder.LinearModule;
import io.github.lorascope.decoder.TokenBatch;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The products of a decoder with its frozen weights and nothing else, one after the other, each on
 * all rows at once: the time that the rest of a pass would have to be free for.
 */
final class FrozenProducts implements Workload {
  /** What reads all tokens in the last layer too, where the others are computed for last ones. */
  private static final Set<String> OF_ALL_TOKENS = Set.of("qkv_proj", "k_proj", "v_proj");

  /** What needs no gradient of its input in the lowest layer. */
  private static final Set<String> LOWEST = Set.of("qkv_proj", "q_proj", "k_proj", "v_proj");

  /** A weight and what it takes part in. */
  private record Product(
      LinearModule module, BackendWeight weight, boolean ofLastTokens, boolean backward) {}

  private final Backend backend;
  private final MemoryScope memory;
  private final List<Product> products = new ArrayList<>();
  private final Map<Integer, Tensor> operands = new HashMap<>();

  FrozenProducts(Backend backend, ModelConfig config, Precision precision) {
    this.backend = backend;
    memory = backend.scope("the weights of products");
    for (int layer = 0; layer < config.layers(); layer++) {
      boolean last = layer == config.layers() - 1;
      for (LinearModule module : LinearModule.of(config)) {
        NoiseWeight weight = new NoiseWeight(module.outputs(), module.inputs());
        products.add(
            new Product(
                module,
                backend.prepare(weight, precision, memory),
                last && !OF_ALL_TOKENS.contains(module.name()),
                layer > 0 || !LOWEST.contains(module.name())));
      }
    }
  }

  @Override
  public void train(TokenBatch tokens) {
    score(tokens);
    for (int i = products.size() - 1; i >= 0; i--) {
      Product product = products.get(i);
      if (product.backward()) {
        run(product, tokens, true);
      }
    }
  }

  @Override
  public void score(TokenBatch tokens) {
    products.forEach(product -> run(product, tokens, false));
  }

  private void run(Product product, TokenBatch tokens, boolean backward) {
    int rows = product.ofLastTokens() ? tokens.sequences() : tokens.tokens();
    LinearModule module = product.module();
    try (MemoryScope scope = backend.scope("the result of a product")) {
      if (backward) {
        Tensor dx = scope.tensor(rows, module.inputs());
        Tensor dy = operand(rows, module.outputs());
        backend.linearBackward(dy, product.weight(), null, null, dx, false);
        dx.get(0, 0); // a GPU only begins what it is asked for
      } else {
        Tensor y = scope.tensor(rows, module.outputs());
        backend.linear(operand(rows, module.inputs()), product.weight(), null, null, y);
        y.get(0, 0);
      }
    }
  }

  /** Returns rows of random numbers, made once. */
  private Tensor operand(int rows, int columns) {
    Tensor operand = operands.get(columns);
    if (operand == null || operand.rows() < rows) {
      float[] values = new float[Math.multiplyExact(rows, columns)];
      NoiseWeight.fill(values, 0, values.length, columns);
      operand = memory.tensor(rows, columns, values);
      operands.put(columns, operand);
    }
    return operand.rows(0, rows);
  }

  @Override
  public void close() {
    memory.close();
  }
}
