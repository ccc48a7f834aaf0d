package io.github.lorascope.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;

/** Makes folders. */
public final class Folders {
  private Folders() {}

  /**
   * Makes a folder and those above it, unless it is there. A link to a folder is one; Java before
   * 17.0.14 and 20 refuses that by itself.
   *
   * @param folder the folder
   * @param attributes of what is made
   * @throws IOException if it cannot be made, or is something else
   */
  public static void create(Path folder, FileAttribute<?>... attributes) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder, attributes);
    }
  }
}
