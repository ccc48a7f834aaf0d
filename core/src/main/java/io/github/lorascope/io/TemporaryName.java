package io.github.lorascope.io;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names of what is not whole yet, beside its target. Each writer has one of its own, so that none
 * gets into what another writes; the process in it tells what a dead one left. A writer of another
 * machine or container may be taken for dead: it then fails at its end, and spoils nothing.
 */
final class TemporaryName {
  private static final Set<String> IN_USE = ConcurrentHashMap.newKeySet();
  private static final long PROCESS = ProcessHandle.current().pid();
  private static final Pattern REST = Pattern.compile("(\\d{1,10})-[0-9a-f-]{36}\\.tmp");

  private TemporaryName() {}

  /** Takes a new name, to be given back. */
  static Path take(Path target) {
    String name = prefix(target) + PROCESS + "-" + UUID.randomUUID() + ".tmp";
    IN_USE.add(name);
    return target.resolveSibling(name);
  }

  static void giveBack(Path temporary) {
    IN_USE.remove(temporary.getFileName().toString());
  }

  /** Removes what dead writers of a target left; what cannot be removed takes room alone. */
  static void removeLeft(Path target) {
    try (DirectoryStream<Path> left =
        Files.newDirectoryStream(target.getParent(), path -> isLeft(path, target))) {
      for (Path path : left) {
        remove(path);
      }
    } catch (IOException | DirectoryIteratorException e) {
      return; // the folder is not there yet, or another removes the same
    }
  }

  private static boolean isLeft(Path path, Path target) {
    String name = path.getFileName().toString();
    String prefix = prefix(target);
    if (!name.startsWith(prefix)) {
      return false;
    }
    Matcher rest = REST.matcher(name.substring(prefix.length()));
    if (!rest.matches()) {
      return false;
    }
    long process = Long.parseLong(rest.group(1));
    return process == PROCESS
        ? !IN_USE.contains(name) // a process of an earlier start may have had the same number
        : ProcessHandle.of(process).isEmpty();
  }

  private static String prefix(Path target) {
    return "." + target.getFileName() + ".";
  }

  /** Removes a file, or a folder of files: anything else is of no writer here, and stays. */
  static void remove(Path temporary) throws IOException {
    if (Files.isDirectory(temporary, LinkOption.NOFOLLOW_LINKS)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(temporary)) {
        for (Path file : files) {
          Files.delete(file);
        }
      }
    }
    Files.deleteIfExists(temporary);
  }
}
