package io.github.lorascope.onnx;

import java.util.Locale;

/** The form of the linear layers in an exported model; the embedding stays as it is stored. */
public enum OnnxForm {
  /** 32-bit floating point, by standard operators alone. */
  F32,
  /**
   * 4-bit NormalFloat in blocks of 64 with a float32 scale each, by the operator {@code
   * com.microsoft::MatMulBnb4} of ONNX Runtime.
   */
  NF4;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
