package io.github.lorascope.rerank;

import io.github.lorascope.decoder.Adapter;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.DecoderPass;
import io.github.lorascope.decoder.PassOptions;
import io.github.lorascope.decoder.SequenceLengthException;
import io.github.lorascope.decoder.TokenBatch;
import io.github.lorascope.prompt.EncodedPrompt;
import io.github.lorascope.prompt.PairPrompt;
import io.github.lorascope.prompt.PromptEncoder;
import io.github.lorascope.prompt.PromptLimits;
import io.github.lorascope.prompt.PromptSettings;
import io.github.lorascope.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Asks a decoder which of two passages is more relevant to a query. Immutable and thread-safe:
 * rerankers with different adapters or prompts share one decoder and one tokenizer, and any number
 * of threads score at once.
 *
 * <pre>{@code
 * Path base = Path.of("Phi-3-mini-4k-instruct");
 * try (Decoder decoder = Decoder.load(base, LoadOptions.nf4());
 *     LoraAdapter trained = LoraAdapter.load(decoder, Path.of("runs/phi3/adapter"));
 *     Reranker plain = Reranker.pairwise(decoder)) {
 *   Reranker tuned = trained.asTrained(plain); // the adapter, and the prompt that it knows
 *   double p = tuned.prefer("what is a gene?", "A unit of heredity.", "A kind of cheese.");
 *   List<RankedPassage> order = tuned.rank("what is a gene?", passages);
 *   System.out.println(p + ", first of all: " + order.get(0).passage());
 * }
 * }</pre>
 */
public final class Reranker implements PairScorer, AutoCloseable {
  /** Bounds the memory of one pass; more pairs are scored in several. */
  private static final int TOKENS_A_PASS = 4096;

  private final Decoder decoder;
  private final Adapter adapter;
  private final Tokenizer tokenizer;
  private final PairPrompt prompt;
  private final PromptLimits limits;
  private final PromptEncoder encoder;

  private Reranker(
      Decoder decoder,
      Adapter adapter,
      Tokenizer tokenizer,
      PairPrompt prompt,
      PromptLimits limits) {
    this.decoder = decoder;
    this.adapter = adapter;
    this.tokenizer = tokenizer;
    this.prompt = prompt;
    this.limits = limits;
    this.encoder = new PromptEncoder(tokenizer, prompt, limits);
  }

  /**
   * Makes a reranker of a decoder and the tokenizer in its folder or GGUF file, with whole passages
   * as far as the model's positions reach. A model without a classification head of its own answers
   * with an adapter or as {@link #zeroShot}; asked without, it is refused with a {@link
   * io.github.lorascope.decoder.MissingHeadException}.
   *
   * @param decoder the model; it must stay open, and is not closed with the reranker
   * @return the reranker, to be closed by the caller
   * @throws io.github.lorascope.tokenizer.TokenizerException if there is no tokenizer that can be
   *     read
   * @throws IllegalArgumentException if the decoder has random weights, and so no tokenizer
   */
  public static Reranker pairwise(Decoder decoder) {
    Path folder =
        decoder
            .folder()
            .orElseThrow(
                () -> new IllegalArgumentException("a decoder of random weights has no tokenizer"));
    return new Reranker(
        decoder,
        null,
        Tokenizer.load(folder),
        PairPrompt.standard(),
        new PromptLimits(0, decoder.config().maxPositions()));
  }

  /**
   * Returns the same with an adapter.
   *
   * @param other LoRA paths and head; null: none, and the model's classification head
   * @return the reranker; closing any of the two closes the tokenizer that they share
   * @throws IllegalArgumentException if the adapter is of another model
   */
  public Reranker withAdapter(Adapter other) {
    if (other != null) {
      other.requireFit(decoder.config());
    }
    return new Reranker(decoder, other, tokenizer, prompt, limits);
  }

  /**
   * Returns the same without an adapter, answering as the untrained language model does: with the
   * logits that its own head gives the tokens A and B as the next one, after the pairwise ranking
   * prompting of Qin et al. ("Large Language Models are Effective Text Rankers with Pairwise
   * Ranking Prompting", 2023), whose answers are "Passage A" and "Passage B". {@link #prefer} asks
   * in one position, which an untrained model may prefer; a ranking asks in both. The tokens are
   * those that continue the prompt, with a space before unless it ends with white space or a
   * special token; set another prompt before.
   *
   * @return the reranker; closing any of the two closes the tokenizer that they share
   * @throws io.github.lorascope.prompt.PromptException if A or B is not one token behind the prompt
   * @throws io.github.lorascope.decoder.MissingHeadException if the checkpoint has no head of a
   *     language model
   */
  public Reranker zeroShot() {
    return answering(AnswerTokens.of(tokenizer, prompt));
  }

  /**
   * Returns the same without an adapter, answering as the untrained language model does to a prompt
   * that asks for other answers than A and B.
   *
   * @param answerA what the model says for the first passage, such as {@code " 1"}, with the white
   *     space before it
   * @param answerB what it says for the second
   * @return the reranker; closing any of the two closes the tokenizer that they share
   * @throws io.github.lorascope.prompt.PromptException if one of them is not one token behind the
   *     prompt, or both are the same
   * @throws io.github.lorascope.decoder.MissingHeadException if the checkpoint has no head of a
   *     language model
   */
  public Reranker zeroShot(String answerA, String answerB) {
    return answering(AnswerTokens.of(tokenizer, prompt, answerA, answerB));
  }

  private Reranker answering(AnswerTokens tokens) {
    return withAdapter(decoder.vocabularyHead(tokens.a(), tokens.b()));
  }

  /**
   * Returns the same with another prompt.
   *
   * @param other the prompt
   * @return the reranker; closing any of the two closes the tokenizer that they share
   * @throws io.github.lorascope.prompt.PromptException if it is a chat whose turns are no tokens of
   *     the model
   */
  public Reranker withPrompt(PairPrompt other) {
    return new Reranker(decoder, adapter, tokenizer, other, limits);
  }

  /**
   * Returns the same with passages and prompts cut: passages give way, the query and the question
   * stay.
   *
   * @param other how many tokens a passage and a prompt may have; a prompt of any length means one
   *     of as many tokens as the model has positions
   * @return the reranker; closing any of the two closes the tokenizer that they share
   * @throws SequenceLengthException if a prompt may have more tokens than the model has positions
   */
  public Reranker withLimits(PromptLimits other) {
    int positions = decoder.config().maxPositions();
    if (other.maxTokens() > positions) {
      throw new SequenceLengthException(other.maxTokens(), positions);
    }
    PromptLimits bounded =
        other.maxTokens() == 0 ? new PromptLimits(other.passageTokens(), positions) : other;
    return new Reranker(decoder, adapter, tokenizer, prompt, bounded);
  }

  /**
   * Returns the same, asked as another is.
   *
   * @param other prompt and limits; a limit beyond the model's positions is these
   * @return the reranker; closing any of the two closes the tokenizer that they share
   */
  public Reranker withSettings(PromptSettings other) {
    PromptLimits limit = other.limits();
    int tokens = Math.min(limit.maxTokens(), decoder.config().maxPositions());
    return withPrompt(other.prompt()).withLimits(new PromptLimits(limit.passageTokens(), tokens));
  }

  /**
   * Returns the model.
   *
   * @return the decoder
   */
  public Decoder decoder() {
    return decoder;
  }

  /**
   * Returns what it asks with beside the model.
   *
   * @return LoRA paths and head; empty: none, and the model's classification head
   */
  public Optional<Adapter> adapter() {
    return Optional.ofNullable(adapter);
  }

  /**
   * Returns the prompt.
   *
   * @return the prompt
   */
  public PairPrompt prompt() {
    return prompt;
  }

  /**
   * Returns how passages and prompts are cut.
   *
   * @return the limits
   */
  public PromptLimits limits() {
    return limits;
  }

  /**
   * Returns prompt and limits together, to be kept beside what was made with them.
   *
   * @return the settings
   */
  public PromptSettings settings() {
    return new PromptSettings(prompt, limits);
  }

  /**
   * Makes the prompt of a pair.
   *
   * @param pair the question
   * @return its tokens
   * @throws io.github.lorascope.prompt.PromptException if the query leaves no room for the passages
   */
  public EncodedPrompt encode(PassagePair pair) {
    return encoder.encode(pair.query(), pair.a(), pair.b());
  }

  /**
   * Answers many questions, several in one pass. What questions that follow each other with the
   * same query and first passage begin with is computed once.
   */
  @Override
  public List<PairScore> score(List<PassagePair> pairs) {
    List<PairScore> scores = new ArrayList<>(pairs.size());
    List<int[]> apart = new ArrayList<>();
    for (int start = 0; start < pairs.size(); ) {
      int end = start + 1;
      while (end < pairs.size() && pairs.get(end).beginsLike(pairs.get(start))) {
        end++;
      }
      List<int[]> alike = pairs.subList(start, end).stream().map(p -> encode(p).ids()).toList();
      if (alike.size() == 1) {
        apart.addAll(alike);
      } else {
        scores.addAll(scoreEncoded(apart));
        apart.clear();
        scores.addAll(scoreAlike(alike));
      }
      start = end;
    }
    scores.addAll(scoreEncoded(apart));
    return scores;
  }

  /**
   * Answers questions that were encoded before.
   *
   * @param prompts the tokens of each
   * @return the answers, in their order
   * @throws ScoreException if a logit is NaN or infinite
   */
  public List<PairScore> scoreEncoded(List<int[]> prompts) {
    List<PairScore> scores = new ArrayList<>(prompts.size());
    List<int[]> together = new ArrayList<>();
    int tokens = 0;
    for (int[] ids : prompts) {
      if (!together.isEmpty() && tokens + ids.length > TOKENS_A_PASS) {
        pass(together, scores);
        together.clear();
        tokens = 0;
      }
      together.add(ids);
      tokens += ids.length;
    }
    if (!together.isEmpty()) {
      pass(together, scores);
    }
    return scores;
  }

  /** Answers questions that begin alike. */
  private List<PairScore> scoreAlike(List<int[]> prompts) {
    SharedPrefix shared = SharedPrefix.of(prompts);
    if (shared.prefix().length == 0) {
      return scoreEncoded(prompts);
    }
    List<PairScore> scores = new ArrayList<>(prompts.size());
    for (List<int[]> together : shared.parts(TOKENS_A_PASS)) {
      pass(TokenBatch.continuing(shared.prefix(), together), 1, scores);
    }
    return scores;
  }

  private void pass(List<int[]> prompts, List<PairScore> scores) {
    pass(TokenBatch.of(prompts), 0, scores);
  }

  private void pass(TokenBatch batch, int first, List<PairScore> scores) {
    try (DecoderPass pass = decoder.forward(batch, adapter, PassOptions.SCORING)) {
      scores.addAll(PairScore.of(pass, first));
    }
  }

  /** Closes the tokenizer; the decoder stays open. Closing again does nothing. */
  @Override
  public void close() {
    tokenizer.close();
  }
}
