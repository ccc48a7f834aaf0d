package io.github.lorascope.decoder;

import io.github.lorascope.decoder.AdapterTensors.Site;
import java.util.ArrayList;
import java.util.List;

/** A {@link DecoderLayer} before there are weights. */
record PlannedLayer(List<Part> qkv, Part output, List<Part> gateUp, Part down) {

  /**
   * A {@link LayerPart} before there is a weight.
   *
   * @param layer the decoder layer
   * @param module the linear layer
   * @param outputs its rows, or those that this part has
   * @param asked whether it makes queries, which the last layer has for last tokens alone
   * @param path whether the adapter has a path here
   */
  record Part(int layer, LinearModule module, long outputs, boolean asked, boolean path) {
    long inputs() {
      return module.inputs();
    }

    long elements() {
      return outputs * inputs();
    }

    /** Whether it is some rows of a fused projection, which are held apart. */
    boolean divided() {
      return outputs < module.outputs();
    }
  }

  static PlannedLayer of(StepShape shape, int index) {
    List<Part> qkv = new ArrayList<>();
    List<Part> gateUp = new ArrayList<>();
    Part output = null;
    Part down = null;
    boolean last = index == shape.config().layers() - 1;
    int queries = shape.config().queryWidth();
    for (LinearModule module : LinearModule.of(shape.config())) {
      boolean path = shape.sites().contains(new Site(index, module.path()));
      Part whole = new Part(index, module, module.outputs(), qkv.isEmpty(), path);
      switch (module.name()) {
        case "o_proj" -> output = whole;
        case "down_proj" -> down = whole;
        case "gate_up_proj", "gate_proj", "up_proj" -> gateUp.add(whole);
        case "qkv_proj" -> {
          if (last) {
            qkv.add(new Part(index, module, queries, true, path));
            qkv.add(new Part(index, module, module.outputs() - queries, false, path));
          } else {
            qkv.add(whole);
          }
        }
        default -> qkv.add(whole);
      }
    }
    return new PlannedLayer(List.copyOf(qkv), output, List.copyOf(gateUp), down);
  }

  /** All parts, in the order they are loaded. */
  List<Part> parts() {
    List<Part> parts = new ArrayList<>(qkv);
    parts.addAll(afterAttention());
    return parts;
  }

  /** The linear layers behind attention, in their order. */
  List<Part> afterAttention() {
    List<Part> parts = new ArrayList<>();
    parts.add(output);
    parts.addAll(gateUp);
    parts.add(down);
    return parts;
  }
}
