package io.github.lorascope.backend.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * A kernel's arguments as the driver wants them: addresses of values. The values lie where they
 * always lie, so a launch makes no objects; the driver has copied them when it returns.
 */
final class LaunchArguments {
  private static final int MOST = 64;

  private final LongBuffer values;
  private final PointerPointer<Pointer> addresses;

  LaunchArguments() {
    ByteBuffer room = room();
    values = room.asLongBuffer();
    ByteBuffer table = room();
    long first = new Pointer(room).address();
    for (int i = 0; i < MOST; i++) {
      table.putLong(Long.BYTES * i, first + (long) Long.BYTES * i);
    }
    addresses = new PointerPointer<>(new Pointer(table));
  }

  /** Returns the addresses of these values, until the next are asked for. */
  PointerPointer<Pointer> of(long[] arguments) {
    if (arguments.length > MOST) {
      throw new IllegalArgumentException(
          "a kernel has at most " + MOST + " arguments, not " + arguments.length);
    }
    values.put(0, arguments);
    return addresses;
  }

  private static ByteBuffer room() {
    return ByteBuffer.allocateDirect(Long.BYTES * MOST).order(ByteOrder.nativeOrder());
  }
}
