package io.github.lorascope.tap;

import io.github.lorascope.Reference;
import io.github.lorascope.TinyModel;
import io.github.lorascope.checkpoint.SafetensorsWriter;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.prompt.PairPrompt;
import io.github.lorascope.prompt.RenderedPrompt;
import io.github.lorascope.prompt.TextSpan;
import io.github.lorascope.prompt.TokenSpan;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.tokenizer.Encoding;
import io.github.lorascope.tokenizer.SpecialTokens;
import io.github.lorascope.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A model whose attention is known in closed form. An embedding says, in numbers of plus or minus
 * one, whether the token is the query's, passage A's or passage B's, and passes through the layers
 * unchanged. In one head of a layer a token of the query (or of A) is worth several others, and
 * everywhere else all tokens are worth the same. Positions turn nothing: the rotation is too slow.
 */
final class KnownAttention {
  static final double QUERY_WORTH = 3;
  static final double A_WORTH = 5;

  private static final PairPrompt PROMPT = PairPrompt.of("{query} : {doc_a} : {doc_b} :");
  private static final int VOCABULARY = 8192;
  private static final int WIDTH = 8;
  private static final int HEAD_WIDTH = 4;

  /** The column of a head that is turned the least. */
  private static final int STILL = 1;

  private static final double ROOT = Math.sqrt(HEAD_WIDTH);

  private KnownAttention() {}

  /** Writes the model; the tokens of the pairs' parts must differ from each other. */
  static Path write(Path folder, List<PairExample> pairs) {
    try {
      Files.createDirectories(folder);
      Files.copy(Reference.path("tokenizers/byte-level.json"), folder.resolve("tokenizer.json"));
      Files.writeString(
          folder.resolve("config.json"),
          """
          {"model_type": "llama", "vocab_size": 8192, "hidden_size": 8, "intermediate_size": 4,
           "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 2,
           "max_position_embeddings": 256, "rms_norm_eps": 1e-12, "rope_theta": 1e30,
           "hidden_act": "silu", "tie_word_embeddings": true}
          """);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    SafetensorsWriter writer = new SafetensorsWriter();
    writer.f32("model.embed_tokens.weight", embedding(folder, pairs), VOCABULARY, WIDTH);
    layer(writer, 0, 0, 1, QUERY_WORTH);
    layer(writer, 1, 1, 2, A_WORTH);
    writer.f32("model.norm.weight", ones(), WIDTH);
    writer.f32("score.weight", new float[2 * WIDTH], 2, WIDTH);
    writer.write(folder.resolve("model.safetensors"));
    return folder;
  }

  /** Column 0 is always 1, the next three tell the parts. */
  private static float[] embedding(Path folder, List<PairExample> pairs) {
    float[] table = new float[VOCABULARY * WIDTH];
    Arrays.fill(table, 1);
    for (int id = 0; id < VOCABULARY; id++) {
      Arrays.fill(table, id * WIDTH + 1, id * WIDTH + 4, -1);
    }
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      for (PairExample pair : pairs) {
        RenderedPrompt prompt = PROMPT.render(pair.query(), pair.a(), pair.b());
        Encoding encoding = tokenizer.encode(prompt.text(), SpecialTokens.AS_TEXT, true);
        List<TextSpan> parts = List.of(prompt.query(), prompt.documentA(), prompt.documentB());
        for (int part = 0; part < parts.size(); part++) {
          TokenSpan tokens = covering(encoding, parts.get(part));
          for (int t = tokens.start(); t < tokens.end(); t++) {
            table[encoding.ids()[t] * WIDTH + 1 + part] = 1;
          }
        }
      }
    }
    return table;
  }

  private static void layer(
      SafetensorsWriter writer, int layer, int head, int column, double worth) {
    String at = "model.layers." + layer + ".";
    float[] q = new float[WIDTH * WIDTH];
    float[] k = new float[WIDTH * WIDTH];
    int row = (head * HEAD_WIDTH + STILL) * WIDTH;
    q[row] = 1;
    float half = (float) (ROOT * Math.log(worth) / 2);
    k[row] = half;
    k[row + column] = half;
    writer.f32(at + "self_attn.q_proj.weight", q, WIDTH, WIDTH);
    writer.f32(at + "self_attn.k_proj.weight", k, WIDTH, WIDTH);
    for (String name : List.of("v", "o")) {
      writer.f32(at + "self_attn." + name + "_proj.weight", new float[64], WIDTH, WIDTH);
    }
    writer.f32(at + "mlp.gate_proj.weight", new float[4 * WIDTH], 4, WIDTH);
    writer.f32(at + "mlp.up_proj.weight", new float[4 * WIDTH], 4, WIDTH);
    writer.f32(at + "mlp.down_proj.weight", new float[4 * WIDTH], WIDTH, 4);
    writer.f32(at + "input_layernorm.weight", ones(), WIDTH);
    writer.f32(at + "post_attention_layernorm.weight", ones(), WIDTH);
  }

  private static float[] ones() {
    float[] values = new float[WIDTH];
    Arrays.fill(values, 1);
    return values;
  }

  static Decoder load(Path folder, String backend) {
    return TinyModel.load(folder, backend);
  }

  static Reranker reranker(Decoder decoder) {
    return Reranker.pairwise(decoder).withPrompt(PROMPT);
  }

  /** An adapter on the queries of layer 0 that can tell passage A's tokens; B is zero. */
  static LoraAdapter adapter(Decoder decoder) {
    LoraAdapter adapter =
        LoraAdapter.on(decoder).targets("q_proj").layers(0).rank(1).alpha(1).attach();
    float[] a = new float[WIDTH];
    a[0] = 0.5f;
    a[2] = 0.5f;
    only(adapter, "lora_A").set(a);
    return adapter;
  }

  /** Makes a query token worth so much to passage A's tokens. */
  static void train(LoraAdapter adapter, double worth) {
    only(adapter, "lora_B").set(STILL, 0, Math.log(worth) / Math.log(QUERY_WORTH) - 1);
  }

  private static Tensor only(LoraAdapter adapter, String part) {
    return adapter.named(adapter.parameters()).entrySet().stream()
        .filter(e -> e.getKey().contains(part))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElseThrow();
  }

  /** Where the parts of a prompt stand, from the tokens' characters. */
  record Layout(int tokens, TokenSpan query, TokenSpan a, TokenSpan b) {
    static Layout of(Path folder, PairExample pair) {
      RenderedPrompt prompt = PROMPT.render(pair.query(), pair.a(), pair.b());
      try (Tokenizer tokenizer = Tokenizer.load(folder)) {
        Encoding encoding = tokenizer.encode(prompt.text(), SpecialTokens.AS_TEXT, true);
        return new Layout(
            encoding.size(),
            covering(encoding, prompt.query()),
            covering(encoding, prompt.documentA()),
            covering(encoding, prompt.documentB()));
      }
    }

    /** Mean mass of the source's tokens on the target where a favoured token is worth more. */
    double mass(TokenSpan source, TokenSpan target, TokenSpan favoured, double worth) {
      double sum = 0;
      for (int t = source.start(); t < source.end(); t++) {
        double all = 0;
        double on = 0;
        for (int key = 0; key <= t; key++) {
          double value = key >= favoured.start() && key < favoured.end() ? worth : 1;
          all += value;
          on += key >= target.start() && key < target.end() ? value : 0;
        }
        sum += on / all;
      }
      return sum / source.size();
    }

    TokenSpan last() {
      return new TokenSpan(tokens - 1, tokens);
    }

    /** Of the last token's attention, in nats. */
    double entropy(TokenSpan favoured, double worth) {
      double all = tokens + favoured.size() * (worth - 1);
      double more = worth / all;
      return -favoured.size() * more * Math.log(more)
          - (tokens - favoured.size()) / all * Math.log(1 / all);
    }
  }

  private static TokenSpan covering(Encoding encoding, TextSpan text) {
    int start = -1;
    int end = 0;
    for (int i = 0; i < encoding.size(); i++) {
      if (encoding.starts()[i] < text.end() && encoding.ends()[i] > text.start()) {
        start = start < 0 ? i : start;
        end = i + 1;
      }
    }
    return new TokenSpan(start, end);
  }
}
