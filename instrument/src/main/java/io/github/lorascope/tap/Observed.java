package io.github.lorascope.tap;

import io.github.lorascope.data.PairExample;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What an {@link Observation} found.
 *
 * @param attention who attends to whom, if it was asked for
 * @param states states of the residual stream, if they were asked for
 * @param lens what the head reads behind every layer, if it was asked for
 */
public record Observed(
    Optional<AttentionMeasurement> attention, Optional<HiddenStates> states, Optional<Lens> lens) {
  /**
   * Reads what lies in a run's folder.
   *
   * @param folder the folder
   * @param name such as {@code before} or {@code after}
   * @return what is there under that name
   * @throws TapException if one of the files cannot be read or holds something else
   */
  public static Observed read(Path folder, String name) {
    return new Observed(
        read(attentionFile(folder, name), AttentionMeasurement::read),
        read(statesFile(folder, name), HiddenStates::read),
        read(lensFile(folder, name), Lens::read));
  }

  /**
   * Tells whether all that is there was found on the same pairs.
   *
   * @param pairs the pairs, in their order
   * @return true if none of it was found on others
   */
  public boolean isOf(List<PairExample> pairs) {
    ExampleSet examples = ExampleSet.of(pairs);
    return attention.filter(a -> !a.examples().isSame(examples)).isEmpty()
        && states.filter(s -> !s.examples().isSame(examples)).isEmpty()
        && lens.filter(l -> !l.examples().isSame(examples)).isEmpty();
  }

  private static <T> Optional<T> read(Path file, Function<Path, T> reader) {
    return Files.exists(file) ? Optional.of(reader.apply(file)) : Optional.empty();
  }

  static Path attentionFile(Path folder, String name) {
    return folder.resolve("attention").resolve(name + ".safetensors");
  }

  static Path statesFile(Path folder, String name) {
    return folder.resolve("states").resolve(name + ".safetensors");
  }

  static Path lensFile(Path folder, String name) {
    return folder.resolve("lens").resolve(name + ".safetensors");
  }
}
