package io.github.lorascope.report.section;

import io.github.lorascope.report.data.RunFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** All sections after the summary, in the order of the page. */
public final class Sections {
  private Sections() {}

  /**
   * Makes the sections that there is something for.
   *
   * @param files of the run
   * @return the sections
   */
  public static List<Section> of(RunFiles files) {
    return Stream.of(
            TelescopeSection.of(files),
            TrainingSection.of(files),
            GradientSection.of(files),
            AttentionSection.of(files),
            ProbeSection.of(files),
            ProjectionSection.of(files),
            LensSection.of(files),
            AblationSection.of(files),
            KnockOutSection.of(files),
            PatchingSection.of(files))
        .filter(section -> !section.isEmpty())
        .toList();
  }

  /**
   * What the run did not record.
   *
   * @param files of the run
   * @return names for people
   */
  public static List<String> missing(RunFiles files) {
    List<String> out = new ArrayList<>(TrainingSection.missing(files));
    files.missing().stream().filter(name -> !name.equals("metrics.jsonl")).forEach(out::add);
    return out;
  }
}
