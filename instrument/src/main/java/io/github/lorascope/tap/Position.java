package io.github.lorascope.tap;

import io.github.lorascope.prompt.TokenSpan;
import io.github.lorascope.tensor.Tensor;

/** Which state stands for an example: that of its last token, or the mean over a part. */
record Position(Span span) {
  static final Position LAST = new Position(null);

  /** Its name in files. */
  String label() {
    return span == null ? "last" : "mean of " + span.label();
  }

  /** Copies one vector an example out of states [tokens, hidden]. */
  float[] of(PromptBatch batch, Tensor states) {
    return span == null ? batch.lastStates(states) : means(batch, states);
  }

  private float[] means(PromptBatch batch, Tensor states) {
    int hidden = states.columns();
    float[] means = new float[batch.size() * hidden];
    for (int i = 0; i < batch.size(); i++) {
      TokenSpan tokens = span.in(batch.prompts().get(i));
      if (tokens.size() == 0) {
        throw new TapException(
            "example "
                + (batch.first() + i)
                + " has no token of "
                + span.label()
                + " to average; leave it out, or take the last token's states");
      }
      int start = batch.start(i);
      float[] rows = states.rows(start + tokens.start(), start + tokens.end()).toArray();
      for (int column = 0; column < hidden; column++) {
        double sum = 0;
        for (int row = 0; row < tokens.size(); row++) {
          sum += rows[row * hidden + column];
        }
        means[i * hidden + column] = (float) (sum / tokens.size());
      }
    }
    return means;
  }
}
