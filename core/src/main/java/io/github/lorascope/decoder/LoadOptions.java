package io.github.lorascope.decoder;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.Backends;
import io.github.lorascope.backend.Precision;
import java.util.Objects;

/**
 * How a decoder is loaded.
 *
 * @param quantization the form of the frozen linear layers
 * @param precision what their products round their operands to
 * @param backend name of the backend; null: the best that can run here
 * @param backendOptions its threads and memory
 */
public record LoadOptions(
    Quantization quantization, Precision precision, String backend, BackendOptions backendOptions) {
  /** Checks that nothing but the backend is null. */
  public LoadOptions {
    Objects.requireNonNull(quantization, "quantization");
    Objects.requireNonNull(precision, "precision");
    Objects.requireNonNull(backendOptions, "backendOptions");
  }

  /**
   * Returns the defaults: weights as they are stored, bfloat16 products, the best backend.
   *
   * @return the options
   */
  public static LoadOptions defaults() {
    return new LoadOptions(Quantization.STORED, Precision.BF16, null, BackendOptions.defaults());
  }

  /**
   * Returns the defaults, with the linear layers in double-quantized NF4.
   *
   * @return the options
   */
  public static LoadOptions nf4() {
    return defaults().with(Quantization.NF4_DOUBLE);
  }

  /**
   * Returns the same with another form of the linear layers.
   *
   * @param form the form
   * @return the options
   */
  public LoadOptions with(Quantization form) {
    return new LoadOptions(form, precision, backend, backendOptions);
  }

  /**
   * Returns the same with another precision.
   *
   * @param rounding what products round their operands to
   * @return the options
   */
  public LoadOptions with(Precision rounding) {
    return new LoadOptions(quantization, rounding, backend, backendOptions);
  }

  /**
   * Returns the same with another backend.
   *
   * @param name its name; null: the best that can run here
   * @return the options
   */
  public LoadOptions withBackend(String name) {
    return new LoadOptions(quantization, precision, name, backendOptions);
  }

  /**
   * Returns the same with other threads and memory.
   *
   * @param options threads and memory
   * @return the options
   */
  public LoadOptions with(BackendOptions options) {
    return new LoadOptions(quantization, precision, backend, options);
  }

  Backend open() {
    return backend == null
        ? Backends.best(backendOptions)
        : Backends.named(backend, backendOptions);
  }
}
