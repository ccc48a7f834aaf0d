package io.github.lorascope.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lorascope.TinyModel;
import io.github.lorascope.data.EpochSampler;
import io.github.lorascope.train.PromptBatches.PromptBatch;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptBatchesTest {
  @TempDir Path folder;

  private TinyRun run() {
    TinyModel.write(folder);
    TinyModel.tsv(folder.resolve("triples.tsv"), 20);
    return new TinyRun(folder, "reference", 0, TrainingOptions.builder().steps(2).batch(3).build());
  }

  private static PromptBatches batches(TinyRun run) {
    return new PromptBatches(new EpochSampler(run.triples, 7), run.reranker, 3);
  }

  @Test
  void aBatchIsTheSameWhetherItWasPreparedOrNot() {
    try (TinyRun run = run()) {
      PromptBatches batches = batches(run);
      batches.prepare(1);
      PromptBatch prepared = batches.get(1);
      assertSame(prepared, batches.get(1));
      PromptBatch other = batches.get(0);
      assertNotSame(prepared, other);
      PromptBatch fresh = batches(run).get(1);
      assertArrayEquals(fresh.tokens().ids(), prepared.tokens().ids());
      assertArrayEquals(fresh.labels(), prepared.labels());
      assertEquals(3, prepared.tokens().sequences());
    }
  }

  @Test
  void whatIsWrongWithABatchIsToldAtItsTurn() {
    try (TinyRun run = run()) {
      PromptBatches batches = batches(run);
      batches.prepare(1);
      run.reranker.close();
      batches.prepare(2);
      assertThrows(IllegalStateException.class, () -> batches.get(2));
      assertThrows(IllegalStateException.class, () -> batches.get(1), "it is no longer kept");
    }
  }
}
