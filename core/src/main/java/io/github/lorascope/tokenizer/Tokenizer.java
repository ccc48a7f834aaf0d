package io.github.lorascope.tokenizer;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Collectors;

/**
 * A model's tokenizer, from the {@code tokenizer.json} of Hugging Face's tokenizers or from the
 * keys {@code tokenizer.ggml.*} of a GGUF file. That file alone decides: normalizer, pieces and the
 * template that adds a beginning-of-sequence token; a length limit, padding and random dropout in
 * it are ignored. Loading needs no network. Safe for use by many threads; close it when done, which
 * waits for encodings under way.
 */
public final class Tokenizer implements AutoCloseable {
  /**
   * Characters of a text: the native library ends the JVM over a search that takes ten million
   * steps back, as common patterns do over so much white space.
   */
  private static final int LONGEST = 4_000_000;

  private final Path file;
  private final NativeTokenizer parsing;
  private final NativeTokenizer asText;

  /** How {@link #asText} spells each special token. */
  private final HiddenNames names;

  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  private Tokenizer(Path file, NativeTokenizer parsing, NativeTokenizer asText, HiddenNames names) {
    this.file = file;
    this.parsing = parsing;
    this.asText = asText;
    this.names = names;
  }

  /**
   * Loads the tokenizer of a model.
   *
   * @param path the model's folder, which holds {@code tokenizer.json}, or its GGUF file
   * @return the tokenizer; close it
   * @throws TokenizerException when the file is missing or not usable, or this platform has no
   *     native library
   */
  public static Tokenizer load(Path path) {
    Path file = TokenizerFile.in(path);
    ObjectNode json = TokenizerFile.read(file);
    TokenizersLibrary library = NativeLibrary.load();
    NativeTokenizer parsing = create(library, file, json);
    try {
      Optional<String> fault = AddedTokenAborts.find(library, json);
      if (fault.isPresent()) {
        throw TokenizerFile.unusable(file, fault.get(), null);
      }
      HiddenNames names = SpecialSpellings.hide(json);
      return new Tokenizer(file, parsing, create(library, file, json), names);
    } catch (RuntimeException e) {
      parsing.close();
      throw e;
    }
  }

  /**
   * Copies a model's tokenizer, so that what is made of the model can lie in a folder of its own.
   *
   * @param path the model's folder, which holds {@code tokenizer.json}, or its GGUF file
   * @param folder where {@code tokenizer.json} goes, and the {@code tokenizer_config.json} of a
   *     folder that has one
   * @throws TokenizerException when the file is missing or not usable
   * @throws io.github.lorascope.io.FileWriteException if the file system fails
   */
  public static void copy(Path path, Path folder) {
    TokenizerFile.copy(path, folder);
  }

  private static NativeTokenizer create(TokenizersLibrary library, Path file, ObjectNode json) {
    String text = json.toString();
    if (!withoutLoneSurrogates(text).equals(text)) {
      throw TokenizerFile.unusable(file, "it holds half a surrogate pair, which is no text", null);
    }
    try {
      return new NativeTokenizer(library, text);
    } catch (RuntimeException e) {
      throw TokenizerFile.unusable(file, e.getMessage(), e);
    }
  }

  /**
   * Encodes a text. Half a surrogate pair, which is no character, counts as U+FFFD.
   *
   * @param text any text
   * @param handling what becomes of text that spells a special token
   * @param withTemplate whether to add the tokens of the tokenizer's template, such as a
   *     beginning-of-sequence token
   * @return the tokens and their places in the text
   * @throws TokenizerException when the text has more than four million characters, or the
   *     tokenizer says that it has no token for some character, not even an unknown one; a BPE
   *     model without an unknown token leaves such a character out and does not say so
   */
  public Encoding encode(String text, SpecialTokens handling, boolean withTemplate) {
    checkLength(text);
    String characters = withoutLoneSurrogates(text);
    return encoded(handling == SpecialTokens.PARSE ? parsing : asText, characters, withTemplate);
  }

  /**
   * Encodes a text whose parts are from several sources, as one text: special tokens are those that
   * the parts spell which may, and nothing that another part or two together spell.
   *
   * @param pieces the parts, in their order
   * @param withTemplate whether to add the tokens of the tokenizer's template, such as a
   *     beginning-of-sequence token
   * @return the tokens and their places in the parts put together
   * @throws TokenizerException as {@link #encode(String, SpecialTokens, boolean)}
   */
  public Encoding encode(List<TextPiece> pieces, boolean withTemplate) {
    // Of the text as it was: the other spelling is told to nobody.
    checkLength(pieces.stream().map(TextPiece::text).collect(Collectors.joining()));
    Respelling respelled = Respelling.of(pieces, names);
    String characters = withoutLoneSurrogates(respelled.text());
    return respelled.placed(encoded(asText, characters, withTemplate));
  }

  /**
   * Tells the spellings of special tokens, which are text in what is encoded {@link
   * SpecialTokens#AS_TEXT}.
   *
   * @return the spellings of the file
   */
  public Set<String> specialTokens() {
    return names.names().keySet();
  }

  private static void checkLength(String text) {
    if (text.length() > LONGEST) {
      throw new TokenizerException(
          String.format(
              Locale.ROOT,
              "a text of %,d characters, which begins with '%.40s', is longer than the %,d that a"
                  + " tokenizer takes at once: cut it into passages",
              text.length(),
              text,
              LONGEST));
    }
  }

  private Encoding encoded(NativeTokenizer tokenizer, String characters, boolean withTemplate) {
    Lock reading = lock.readLock();
    reading.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the tokenizer of " + file + " is closed");
      }
      return tokenizer.encode(characters, withTemplate).inUtf16(characters);
    } finally {
      reading.unlock();
    }
  }

  /** The native library would lose its count of characters over them. */
  private static String withoutLoneSurrogates(String text) {
    StringBuilder mended = null;
    for (int i = 0; i < text.length(); i++) {
      char unit = text.charAt(i);
      if (Character.isHighSurrogate(unit)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(unit)) {
        mended = mended == null ? new StringBuilder(text) : mended;
        mended.setCharAt(i, '\uFFFD');
      }
    }
    return mended == null ? text : mended.toString();
  }

  /**
   * Cuts a text to its first tokens. The tokens are those of the text by itself, as text and
   * without the template's tokens.
   *
   * @param text any text
   * @param count how many tokens, at least 0
   * @return the text up to the end of its token number {@code count}, with the marks that the
   *     tokenizer's normalizer composes with its last character; all of it when it has no more
   */
  public String firstTokens(String text, int count) {
    if (count < 0) {
      throw new IllegalArgumentException("the first " + count + " tokens: give 0 or more");
    }
    Encoding encoding = encode(text, SpecialTokens.AS_TEXT, false);
    if (encoding.size() <= count) {
      return text;
    }
    int end = 0;
    for (int i = 0; i < count; i++) {
      end = Math.max(end, encoding.ends()[i]);
    }
    int next = text.length();
    for (int i = count; i < encoding.size(); i++) {
      if (encoding.ends()[i] > end) {
        next = Math.min(next, Math.max(end, encoding.starts()[i]));
      }
    }
    while (end < next && composes(text.codePointAt(end))) {
      end += Character.charCount(text.codePointAt(end));
    }
    return text.substring(0, end);
  }

  /**
   * Tells whether a character may be composed with the one before, whose token then has it without
   * counting it in its span.
   */
  private static boolean composes(int character) {
    return switch (Character.getType(character)) {
      case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK ->
          true;
      default -> character >= 0x1160 && character <= 0x11FF; // vowels and finals of Hangul
    };
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      closed = true;
      parsing.close();
      asText.close();
    } finally {
      lock.writeLock().unlock();
    }
  }
}
