package io.github.lorascope.examples;

import io.github.lorascope.ablation.LayerGroup;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Groups of layers as they are written on a command line. */
final class GroupList {
  private GroupList() {}

  /**
   * Reads for example {@code all,middle,mine=0,2,12-17}: names of the standard groups, and names
   * with their layers.
   *
   * @param text the groups, separated by commas, as are the layers of a group
   * @param depth the model's layers
   */
  static List<LayerGroup> parse(String text, int depth) {
    Map<String, LayerGroup> standard =
        LayerGroup.standard(depth).stream().collect(Collectors.toMap(LayerGroup::name, g -> g));
    Map<String, String> layers = new LinkedHashMap<>();
    String last = null;
    for (String part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      if (equals >= 0) {
        last = part.substring(0, equals);
        require(layers.put(last, part.substring(equals + 1)) == null, "'" + last + "' twice", text);
      } else if (last != null && part.matches("[0-9-]+")) {
        layers.merge(last, part, (a, b) -> a + "," + b);
      } else {
        last = null;
        LayerGroup group = standard.get(part);
        require(
            group != null,
            "'" + part + "', which is none of " + String.join(", ", standard.keySet()),
            text);
        require(layers.put(part, "") == null, "'" + part + "' twice", text);
      }
    }
    List<LayerGroup> groups = new ArrayList<>();
    layers.forEach(
        (name, list) ->
            groups.add(
                list.isEmpty() && standard.containsKey(name)
                    ? standard.get(name)
                    : new LayerGroup(
                        name, Arrays.stream(AdapterOptions.parseLayers(list)).boxed().toList())));
    return groups;
  }

  private static void require(boolean holds, String what, String text) {
    if (!holds) {
      throw new IllegalArgumentException(
          "the groups '" + text + "' name " + what + "; other layers are named as mine=0,2,12-17");
    }
  }
}
