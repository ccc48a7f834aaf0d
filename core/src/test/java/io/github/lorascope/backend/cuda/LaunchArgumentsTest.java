package io.github.lorascope.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.junit.jupiter.api.Test;

class LaunchArgumentsTest {
  private final LaunchArguments arguments = new LaunchArguments();

  private void holds(long... values) {
    PointerPointer<Pointer> addresses = arguments.of(values);
    for (int i = 0; i < values.length; i++) {
      assertEquals(values[i], new LongPointer(addresses.get(i)).get());
    }
  }

  @Test
  void eachValueIsFoundByItsAddress() {
    holds(7, -1, Long.MIN_VALUE);
    holds(8);
    holds(new long[64]);
    holds();
  }

  @Test
  void moreThanThereIsRoomForAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> arguments.of(new long[65]));
  }
}
