package io.github.lorascope.backend.onednn;

import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;

/** A piece of native memory, aligned for the widest vector registers, freed by hand. */
final class Block {
  /** The most bytes that a buffer can view. */
  static final long LARGEST = Integer.MAX_VALUE - 63;

  private static final long ALIGNMENT = 64;

  private final org.bytedeco.javacpp.Pointer raw;
  private final long address;
  private final long bytes;
  private final FloatBuffer floats;
  private final IntBuffer bits;
  private final ShortBuffer halves;

  private Block(org.bytedeco.javacpp.Pointer raw, long bytes) {
    this.raw = raw;
    this.address = (raw.address() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    this.bytes = bytes;
    ByteBuffer view = new Pointer(address).getByteBuffer(0, bytes).order(ByteOrder.nativeOrder());
    this.floats = view.asFloatBuffer();
    this.bits = view.asIntBuffer();
    this.halves = view.asShortBuffer();
  }

  /**
   * Takes memory from the system.
   *
   * @return null if the system has not so much
   */
  static Block allocate(long bytes) {
    org.bytedeco.javacpp.Pointer raw = org.bytedeco.javacpp.Pointer.malloc(bytes + ALIGNMENT);
    return raw == null || raw.isNull() ? null : new Block(raw, bytes);
  }

  void free() {
    org.bytedeco.javacpp.Pointer.free(raw);
  }

  long address() {
    return address;
  }

  long bytes() {
    return bytes;
  }

  FloatBuffer floats() {
    return floats;
  }

  IntBuffer bits() {
    return bits;
  }

  ShortBuffer halves() {
    return halves;
  }
}
