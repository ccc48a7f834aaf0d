package io.github.lorascope.checkpoint;

import io.github.lorascope.json.JsonObject;

/** Checks that a checkpoint stored in fewer bits is stored in the one form that is read: NF4. */
record StoredQuantization(JsonObject config) {
  private static final String FIELD = "quantization_config";

  void check() {
    if (config.has("compression_config")) {
      throw refused("compression_config");
    }
    if (!config.has(FIELD)) {
      return;
    }
    JsonObject quantization = config.object(FIELD);
    boolean eightBits = flag(quantization, "load_in_8bit");
    boolean fourBits = flag(quantization, "load_in_4bit");
    String method =
        quantization.string("quant_method", eightBits || fourBits ? "bitsandbytes" : "unnamed");
    if (eightBits) {
      throw refused(FIELD + " " + method + " int8 (load_in_8bit)");
    }
    if (!method.equals("bitsandbytes") || !fourBits) {
      throw refused(FIELD + " " + method);
    }
    String type = quantization.string("bnb_4bit_quant_type", "fp4");
    if (!type.equals("nf4")) {
      throw refused(FIELD + " " + method + " " + type);
    }
  }

  private static boolean flag(JsonObject quantization, String name) {
    return quantization.bool(name, quantization.bool("_" + name, false));
  }

  private CheckpointException refused(String what) {
    return new CheckpointException(
        config.source()
            + ": "
            + what
            + " is not supported; use a checkpoint in F32, F16 or BF16, or in NF4 of bitsandbytes");
  }
}
