package io.github.lorascope.backend.cuda;

import io.github.lorascope.Prerequisite;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that compiles kernels with NVIDIA's compiler, which the Maven profile {@code nvrtc}
 * brings. Skipped where it is missing, with the reason; there it fails under {@code CI=true}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresNvrtc.Condition.class)
@interface RequiresNvrtc {
  /** Asks whether the compiler loads, with a driver or its stand-in. */
  final class Condition extends Prerequisite {
    @Override
    protected String obstacle() {
      String obstacle = TestDevice.isGpu() ? null : StandInDriver.obstacle();
      return obstacle == null ? null : "NVRTC does not load, run with -Pnvrtc (" + obstacle + ")";
    }
  }
}
