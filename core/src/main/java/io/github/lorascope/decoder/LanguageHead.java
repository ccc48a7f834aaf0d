package io.github.lorascope.decoder;

import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.Weight;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What the language model itself says of the next token: the rows of its head for some tokens, read
 * when they are asked for and kept, as no score needs the others.
 */
final class LanguageHead {
  private static final String STORED = "lm_head.weight";

  /** Null where there is none. */
  private final Supplier<Weight> weight;

  private final int vocabulary;
  private final MemoryScope memory;
  private final Map<List<Integer>, Adapter> heads = new HashMap<>();

  private LanguageHead(Supplier<Weight> weight, int vocabulary, MemoryScope memory) {
    this.weight = weight;
    this.vocabulary = vocabulary;
    this.memory = memory;
  }

  /**
   * Finds the head of a checkpoint: the one that is stored, even where the configuration ties it to
   * the embedding, as transformers 5 does.
   *
   * @param embedding what the head is where none is stored and the two are tied
   * @param memory holds the rows
   */
  static LanguageHead of(WeightSource source, Weight embedding, MemoryScope memory) {
    ModelConfig config = source.config();
    Supplier<Weight> weight = null;
    if (source.has(STORED)) {
      weight = () -> source.matrix(STORED, config.vocabularySize(), config.hiddenSize());
    } else if (config.tiedEmbeddings()) {
      weight = () -> embedding;
    }
    return new LanguageHead(weight, config.vocabularySize(), memory);
  }

  /** One caller at a time: the memory's scope asks for that. */
  synchronized Adapter of(int tokenA, int tokenB, String where) {
    for (int token : new int[] {tokenA, tokenB}) {
      if (token < 0 || token >= vocabulary) {
        throw new VocabularyException(token, vocabulary);
      }
    }
    if (weight == null) {
      throw new MissingHeadException(
          where
              + " has no head of a language model (no tensor '"
              + STORED
              + "', and its embedding is not tied to one): take the checkpoint of the causal language"
              + " model");
    }
    return heads.computeIfAbsent(List.of(tokenA, tokenB), this::read);
  }

  private Adapter read(List<Integer> tokens) {
    Weight rows = weight.get();
    int hidden = rows.columns();
    float[] values = new float[tokens.size() * hidden];
    for (int i = 0; i < tokens.size(); i++) {
      rows.read(tokens.get(i), tokens.get(i) + 1, values, i * hidden);
    }
    Tensor head = memory.tensor(tokens.size(), hidden, values);
    return new Adapter(new AdapterTensors(Map.of(), head), 1);
  }
}
