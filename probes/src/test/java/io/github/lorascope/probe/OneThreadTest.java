package io.github.lorascope.probe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Environment;
import org.nd4j.linalg.factory.Nd4j;

class OneThreadTest {
  @Test
  void theSettingOfOthersComesBackWhenTheLastFitEnds() {
    Environment nd4j = Nd4j.getEnvironment();
    int threads = nd4j.maxMasterThreads();
    int[] inside =
        OneThread.call(
            () -> {
              int nested = OneThread.call(nd4j::maxMasterThreads);
              return new int[] {nested, nd4j.maxMasterThreads()};
            });
    assertArrayEquals(new int[] {1, 1}, inside);
    assertEquals(threads, nd4j.maxMasterThreads());
  }
}
