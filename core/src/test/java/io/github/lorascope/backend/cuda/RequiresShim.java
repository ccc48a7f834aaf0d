package io.github.lorascope.backend.cuda;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A test that runs the kernels on the CPU, which takes g++. Skipped where it is missing, with the
 * reason; there it fails under {@code CI=true}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresShim.Condition.class)
@interface RequiresShim {
  /** Asks whether the shim can be built. */
  final class Condition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      String obstacle = Shim.obstacle();
      if (obstacle == null || "true".equals(System.getenv("CI"))) {
        return ConditionEvaluationResult.enabled("the kernels run on the CPU");
      }
      System.out.println(context.getDisplayName() + " is skipped: " + obstacle);
      return ConditionEvaluationResult.disabled(obstacle);
    }
  }
}
