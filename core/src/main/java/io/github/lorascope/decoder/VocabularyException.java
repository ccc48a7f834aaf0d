package io.github.lorascope.decoder;

import io.github.lorascope.LorascopeException;

/** A token that the model's embedding has no row for. */
public class VocabularyException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param token the token
   * @param vocabulary how many the model has
   */
  public VocabularyException(int token, int vocabulary) {
    super(
        "token "
            + token
            + ", but the model's vocabulary has "
            + vocabulary
            + " tokens: is tokenizer.json that of this model?");
  }
}
