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
 * A test that runs the kernels, on a GPU or, which takes g++, on the CPU. Skipped where there is
 * neither, with the reason; there it fails under {@code CI=true}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresDevice.Condition.class)
@interface RequiresDevice {
  /** Asks for a GPU, and then for the shim. */
  final class Condition implements ExecutionCondition {
    private final RequiresShim.Condition shim = new RequiresShim.Condition();

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      return TestDevice.isGpu()
          ? ConditionEvaluationResult.enabled("the kernels run on the GPU")
          : shim.evaluateExecutionCondition(context);
    }
  }
}
