package io.github.lorascope.backend.onednn;

import org.bytedeco.javacpp.FloatPointer;

/**
 * A native address that can be pointed elsewhere, so that a call makes no garbage. Unlike other
 * JavaCPP pointers it owns nothing and counts towards no limit of JavaCPP.
 */
final class Address extends FloatPointer {
  Address() {
    super((FloatPointer) null);
  }

  Address at(long nativeAddress) {
    address = nativeAddress;
    return this;
  }
}
