package io.github.lorascope.backend.cuda;

import io.github.lorascope.Prerequisite;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that runs the kernels on the CPU, which takes g++. Skipped where it is missing, with the
 * reason; there it fails under {@code CI=true}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresShim.Condition.class)
@interface RequiresShim {
  /** Asks whether the shim can be built. */
  final class Condition extends Prerequisite {
    @Override
    protected String obstacle() {
      return Shim.obstacle();
    }
  }
}
