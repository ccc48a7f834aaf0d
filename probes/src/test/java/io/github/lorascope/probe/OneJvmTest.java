package io.github.lorascope.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

/** ND4J was built against an older JavaCPP than oneDNN's; the poms hold both to one. */
class OneJvmTest {
  @Test
  void oneDnnAndNd4jShareOneJavaCpp() throws Exception {
    assertTrue(Loader.getVersion().startsWith("1.5.13"), Loader.getVersion());
    assertEquals(3, dnnl.dnnl_version().major());
    try (var eye = Nd4j.eye(3);
        var product = eye.mmul(eye)) {
      assertEquals(3.0, product.sumNumber().doubleValue());
    }
  }
}
