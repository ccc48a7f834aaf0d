package io.github.lorascope.backend.cuda;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How many threads a kernel may be launched with, where its source says so. */
final class LaunchBounds {
  private static final Pattern BOUND = Pattern.compile("__launch_bounds__");
  private static final Pattern KERNEL =
      Pattern.compile(BOUND + "\\s*\\(\\s*(\\w+)[^()]*\\)\\s*(\\w+)\\s*\\(");

  private LaunchBounds() {}

  /**
   * Finds the bounds in a source whose macros have been replaced.
   *
   * @return the C++ expression of most threads, by kernel
   */
  static Map<String, String> of(String preprocessed) {
    Map<String, String> bounds = new TreeMap<>();
    for (Matcher kernel = KERNEL.matcher(preprocessed); kernel.find(); ) {
      bounds.put(kernel.group(2), kernel.group(1));
    }
    if (bounds.size() != BOUND.matcher(preprocessed).results().count()) {
      throw new IllegalStateException("launch bounds that are not of the known form: " + bounds);
    }
    return bounds;
  }
}
