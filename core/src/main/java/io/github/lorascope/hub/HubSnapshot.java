package io.github.lorascope.hub;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Which model of a hub a folder in the Hugging Face cache is, as {@code
 * models--org--name/snapshots/commit} tells.
 *
 * @param model such as {@code org/name}
 * @param commit of the model's repository
 */
public record HubSnapshot(String model, String commit) {
  private static final String MODELS = "models--";

  /**
   * Reads a path; nothing has to be there.
   *
   * @param path a snapshot's folder, or a file in it
   * @return the model, or empty if the path is none of a cache
   */
  public static Optional<HubSnapshot> of(Path path) {
    for (Path at = path.toAbsolutePath().normalize(); at != null; at = at.getParent()) {
      Path snapshots = at.getParent();
      Path repository = snapshots == null ? null : snapshots.getParent();
      if (repository != null
          && repository.getFileName() != null
          && snapshots.endsWith("snapshots")
          && HubName.isCommit(at.getFileName().toString())
          && repository.getFileName().toString().startsWith(MODELS)) {
        String name = repository.getFileName().toString().substring(MODELS.length());
        return Optional.of(new HubSnapshot(name.replace("--", "/"), at.getFileName().toString()));
      }
    }
    return Optional.empty();
  }
}
