package io.github.lorascope.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.backend.BackendException;
import org.junit.jupiter.api.Test;

class FirstFaultTest {
  private final FirstFault fault = new FirstFault();

  @Test
  void theFirstIsSeenWhateverFailsAfterIt() {
    BackendException first = fault.after("CUDA reported A while running rope", true);
    assertTrue(first.getMessage().startsWith("CUDA reported A while running rope"));
    assertTrue(first.getMessage().contains("CUDA_LAUNCH_BLOCKING=1"));
    BackendException later = fault.after("CUDA reported A while copying from the GPU", true);
    assertTrue(later.getMessage().startsWith(first.getMessage()), later.getMessage());
    assertTrue(later.getMessage().endsWith("(now CUDA reported A while copying from the GPU)"));
    assertSame(first, later.getCause());
  }

  @Test
  void whatDoesNotLastIsNotBroughtUpAgain() {
    assertTrue(fault.after("CUDA reported A while running rope", false).getMessage().contains("A"));
    assertFalse(
        fault.after("CUDA reported B while adding", true).getMessage().contains("reported A"));
    fault.forget();
    BackendException e = fault.after("CUDA reported C", false);
    assertEquals("CUDA reported C: use the backend 'onednn', and report it", e.getMessage());
  }
}
