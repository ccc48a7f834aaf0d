package io.github.lorascope.lora;

import io.github.lorascope.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** PEFT's adapter_config.json. What changes the result and is not supported is refused by name. */
final class PeftConfig {
  static final String FILE = "adapter_config.json";

  private static final Set<String> READ =
      Set.of(
          "peft_type",
          "r",
          "lora_alpha",
          "lora_dropout",
          "use_rslora",
          "target_modules",
          "layers_to_transform",
          "layers_pattern",
          "modules_to_save",
          "bias",
          "init_lora_weights");

  /** What says where the adapter came from, or how it was first drawn. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "auto_mapping",
          "base_model_name_or_path",
          "corda_config",
          "ensure_weight_tying",
          "eva_config",
          "inference_mode",
          "loftq_config",
          "lora_ga_config",
          "megatron_core",
          "peft_version",
          "qalora_group_size",
          "revision",
          "runtime_config",
          "task_type");

  private PeftConfig() {}

  static LoraConfig read(JsonObject json) {
    String type = json.string("peft_type", "LORA");
    if (!type.equals("LORA")) {
      throw refused(json, "peft_type", type);
    }
    for (String name : json.names()) {
      if (!READ.contains(name) && !WITHOUT_EFFECT.contains(name) && !neutral(json, name)) {
        throw refused(json, name, json.node(name).toString());
      }
    }
    String bias = json.string("bias", "none");
    if (!bias.equals("none")) {
      throw refused(json, "bias", bias);
    }
    checkInitialization(json);
    if (json.has("modules_to_save")) {
      for (String module : json.strings("modules_to_save")) {
        if (!module.equals("score") && !module.equals("classifier")) {
          throw refused(json, "modules_to_save", module);
        }
      }
    }
    List<String> targets = targets(json);
    List<Integer> layers = layers(json);
    try {
      return new LoraConfig(
          targets,
          json.integer("r"),
          json.number("lora_alpha"),
          json.number("lora_dropout", 0),
          json.bool("use_rslora", false),
          layers);
    } catch (AdapterException e) {
      throw new AdapterException(json.source() + ": " + e.getMessage(), e);
    }
  }

  /** Tells whether the head was to be saved beside the paths. */
  static boolean savesHead(JsonObject json) {
    return json.has("modules_to_save") && json.strings("modules_to_save").contains("score");
  }

  private static List<String> targets(JsonObject json) {
    if (!json.has("target_modules")) {
      throw new AdapterException(json.source() + ": no target_modules");
    }
    if (!json.node("target_modules").isTextual()) {
      return json.strings("target_modules");
    }
    String target = json.string("target_modules");
    if (!target.matches("[A-Za-z0-9_.-]+")) {
      throw refused(json, "target_modules", "the regular expression " + target);
    }
    return List.of(target);
  }

  private static List<Integer> layers(JsonObject json) {
    if (!json.has("layers_to_transform")) {
      return List.of();
    }
    if (json.has("layers_pattern") && !List.of("", "layers").containsAll(patterns(json))) {
      throw refused(json, "layers_pattern", json.node("layers_pattern").toString());
    }
    return json.node("layers_to_transform").isInt()
        ? List.of(json.integer("layers_to_transform"))
        : json.integers("layers_to_transform");
  }

  private static List<String> patterns(JsonObject json) {
    return json.node("layers_pattern").isTextual()
        ? List.of(json.string("layers_pattern"))
        : json.strings("layers_pattern");
  }

  /**
   * Some initializations change the base weights, so that the saved base is not what the adapter
   * fits.
   */
  private static void checkInitialization(JsonObject json) {
    if (json.has("init_lora_weights") && json.node("init_lora_weights").isTextual()) {
      String how = json.string("init_lora_weights");
      if (!Set.of("gaussian", "eva", "orthogonal").contains(how)) {
        throw refused(json, "init_lora_weights", how);
      }
    }
  }

  private static boolean neutral(JsonObject json, String name) {
    if (!json.has(name)) {
      return true;
    }
    var value = json.node(name);
    return (value.isBoolean() && !value.booleanValue())
        || (value.isContainerNode() && value.isEmpty());
  }

  private static AdapterException refused(JsonObject json, String field, String value) {
    return new AdapterException(
        json.source() + ": " + field + " = " + value + " changes the result and is not supported");
  }

  /**
   * The targets are written out, since PEFT takes no layers beside its all-linear.
   *
   * @param base name of the base model
   * @param revision which of its commits; null where it is no model of a hub
   */
  static Map<String, Object> toJson(
      LoraConfig config, List<String> targets, String base, String revision) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("peft_type", "LORA");
    json.put("task_type", "SEQ_CLS");
    json.put("base_model_name_or_path", base);
    if (revision != null) {
      json.put("revision", revision);
    }
    json.put("r", config.rank());
    json.put("lora_alpha", whole(config.alpha()));
    json.put("lora_dropout", config.dropout());
    json.put("use_rslora", config.rankStabilized());
    json.put("target_modules", targets);
    json.put("layers_to_transform", config.layers().isEmpty() ? null : config.layers());
    json.put("modules_to_save", List.of("score"));
    json.put("bias", "none");
    json.put("fan_in_fan_out", false);
    json.put("use_dora", false);
    json.put("inference_mode", true);
    json.put("init_lora_weights", true);
    return json;
  }

  private static Number whole(double alpha) {
    if (alpha == Math.rint(alpha) && alpha < Integer.MAX_VALUE) {
      return (int) alpha;
    }
    return alpha;
  }
}
