package io.github.lorascope.probe;

import io.github.lorascope.decoder.Adapter;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.LayerListener;
import io.github.lorascope.decoder.TokenBatch;
import io.github.lorascope.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Reads the residual stream of each prompt's last token. */
final class LastTokenStates {
  private static final int TOKENS_A_PASS = 4096;

  private LastTokenStates() {}

  /**
   * Computes states.
   *
   * @param prompts the tokens of each
   * @param layers how many layers the states have passed, see {@link LayerListener#residual}
   * @return [layers][prompts][hidden]
   */
  static float[][][] of(
      Decoder decoder, Adapter adapter, List<int[]> prompts, List<Integer> layers) {
    float[][][] states = new float[layers.size()][prompts.size()][];
    int first = 0;
    while (first < prompts.size()) {
      List<int[]> together = new ArrayList<>();
      int tokens = 0;
      for (int i = first; i < prompts.size(); i++) {
        tokens += prompts.get(i).length;
        if (i > first && tokens > TOKENS_A_PASS) {
          break;
        }
        together.add(prompts.get(i));
      }
      observe(decoder, adapter, TokenBatch.of(together), layers, states, first);
      first += together.size();
    }
    return states;
  }

  private static void observe(
      Decoder decoder,
      Adapter adapter,
      TokenBatch batch,
      List<Integer> layers,
      float[][][] states,
      int first) {
    decoder.observe(
        batch,
        adapter,
        new LayerListener() {
          @Override
          public void residual(int passed, Tensor x) {
            int at = layers.indexOf(passed);
            for (int s = 0; at >= 0 && s < batch.sequences(); s++) {
              int last = batch.offsets()[s + 1] - 1;
              states[at][first + s] = x.rows(last, last + 1).toArray();
            }
          }
        });
  }
}
