package io.github.lorascope.examples;

import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.io.FileReadException;
import io.github.lorascope.io.IoReason;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.prompt.PairPrompt;
import io.github.lorascope.prompt.PromptException;
import io.github.lorascope.prompt.PromptLimits;
import io.github.lorascope.rerank.Reranker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** The options that say what is asked, and how it is cut. */
final class PromptOptions {
  @Option(
      names = "--prompt",
      paramLabel = "FILE",
      description =
          "Template of the question, with {query}, {doc_a} and {doc_b}; the file's last line break"
              + " is no part of it: end it with an empty line to keep one (default: as the adapter was trained, or 'Which document is more"
              + " relevant to the query? Answer A or B.').")
  private Path prompt;

  @Option(
      names = "--chat-prompt",
      paramLabel = "FILE",
      description =
          "The same with the turns of a chat: what spells a special token in the file is that token,"
              + " as <|user|>.")
  private Path chat;

  @Option(
      names = "--passage-tokens",
      paramLabel = "N",
      description =
          "Cut each passage to its first N tokens; 0: keep it whole (default: as the adapter was"
              + " trained, or 0).")
  private Integer passageTokens;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      description =
          "Cut passages further so that a prompt has at most N tokens; 0: the model's positions"
              + " (default: as the adapter was trained, or 0).")
  private Integer maxTokens;

  /** Files that PEFT wrote say nothing, and whole passages are others than cut ones. */
  private static void noteWhole(LoraAdapter adapter) {
    if (adapter.promptSettings().isEmpty()) {
      System.err.println(
          "note: "
              + adapter.source().orElseThrow()
              + " does not say how passages were cut in its training; they are whole unless"
              + " --passage-tokens says otherwise");
    }
  }

  /** The file of the question; null: none. */
  Path file() {
    return chat == null ? prompt : chat;
  }

  private Optional<PairPrompt> template() {
    if (prompt != null && chat != null) {
      throw new IllegalArgumentException("--prompt beside --chat-prompt: give one of the two");
    }
    if (chat != null) {
      return Optional.of(read(chat, PairPrompt::chat));
    }
    return Optional.ofNullable(prompt).map(file -> read(file, PairPrompt::of));
  }

  private static PairPrompt read(Path file, Function<String, PairPrompt> form) {
    try {
      String text = Files.readString(file).replace("\r\n", "\n");
      return form.apply(text.endsWith("\n") ? text.substring(0, text.length() - 1) : text);
    } catch (IOException e) {
      throw new FileReadException("cannot read " + file + ": " + IoReason.of(e), e);
    } catch (PromptException e) {
      throw new PromptException(file + ": " + e.getMessage(), e);
    }
  }

  /** Asks as the options say. */
  Reranker reranker(Decoder decoder) {
    return reranker(decoder, null);
  }

  /** Asks with an adapter, if there is one, as it was trained but for what the options say. */
  Reranker reranker(Decoder decoder, LoraAdapter adapter) {
    Optional<PairPrompt> given = template();
    Reranker base = Reranker.pairwise(decoder);
    try {
      Reranker trained = adapter == null ? base : adapter.asTrained(base);
      Reranker asked = given.map(trained::withPrompt).orElse(trained);
      if (adapter != null && adapter.source().isPresent() && passageTokens == null) {
        noteWhole(adapter);
      }
      PromptLimits limits = asked.limits();
      return asked.withLimits(
          new PromptLimits(
              passageTokens == null ? limits.passageTokens() : passageTokens,
              maxTokens == null ? limits.maxTokens() : maxTokens));
    } catch (RuntimeException | Error e) {
      base.close();
      throw e;
    }
  }
}
