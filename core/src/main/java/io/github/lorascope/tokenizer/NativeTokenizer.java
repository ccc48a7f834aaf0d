package io.github.lorascope.tokenizer;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;

/** A tokenizer in native memory. Threads may encode at once, but not while one closes it. */
final class NativeTokenizer implements AutoCloseable {
  private final TokenizersLibrary library;
  private long handle;

  NativeTokenizer(TokenizersLibrary library, String json) {
    this.library = library;
    this.handle = library.createTokenizerFromString(json);
    // A file may carry a training length and padding, which would cut or stretch every text.
    library.disableTruncation(handle);
    library.disablePadding(handle);
  }

  /** Encodes; the spans count Unicode code points, null where a token stands for no text. */
  CodePointEncoding encode(String text, boolean withTemplate) {
    long encoding = begin(text, withTemplate);
    try {
      return new CodePointEncoding(
          library.getTokenIds(encoding), library.getTokenCharSpans(encoding));
    } finally {
      library.deleteEncoding(encoding);
    }
  }

  private long begin(String text, boolean withTemplate) {
    try {
      return library.encode(handle, text, withTemplate);
    } catch (RuntimeException e) {
      throw new TokenizerException(
          "the tokenizer cannot encode a text of "
              + text.length()
              + " characters: "
              + e.getMessage()
              + ". Its file does not cover the text; use the model's own",
          e);
    }
  }

  @Override
  public void close() {
    if (handle != 0) {
      library.deleteTokenizer(handle);
      handle = 0;
    }
  }
}
