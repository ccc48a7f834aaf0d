package io.github.lorascope.report.section;

import io.github.lorascope.report.data.RunFiles;
import io.github.lorascope.report.html.Table;
import java.util.ArrayList;
import java.util.List;

/** What the numbers come from. */
public final class OriginSection {
  private OriginSection() {}

  /**
   * Lists the entries of the summary that were not put into words, and every file's provenance.
   *
   * @param files of the run
   * @param findings what was said
   * @return the section
   */
  public static Section of(RunFiles files, Findings findings) {
    List<List<String>> rows = new ArrayList<>();
    files
        .summary()
        .entries()
        .forEach(
            (name, value) -> {
              if (!findings.says(name)) {
                rows.add(List.of(name, value, "summary.json"));
              }
            });
    rows.addAll(files.origins().rows());
    return new Section(
        "provenance",
        "Where it came from",
        "",
        List.of(),
        rows.isEmpty()
            ? List.of()
            : List.of(new Table("Provenance", List.of("entry", "value", "stated in"), rows)));
  }
}
