package io.github.lorascope.hub;

import io.github.lorascope.io.FileDigest;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * A file of a model as a hub lists it. Large ones (Git LFS) are told by SHA-256, small ones by
 * git's own name for their bytes; the hash is the name of the file in the cache.
 *
 * @param name its path in the repository
 * @param size bytes
 * @param hash 64 hexadecimal digits of SHA-256, or 40 of git's SHA-1; null: the list did not say
 */
record ListedFile(String name, long size, String hash) {
  private static final int GIT_DIGITS = 40;
  private static final long LARGEST = 1L << 50;
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
  private static final Pattern CONTROL_OR_BACKSLASH =
      Pattern.compile("[\\x00-\\x1f\\x7f-\\x9f\\\\]");
  private static final Pattern DRIVE = Pattern.compile("[A-Za-z]:.*");

  /** Refuses what could lead out of the cache. */
  ListedFile {
    if (!isInside(name)) {
      throw new HubException(
          "the hub lists the file '"
              + printable(name)
              + "', whose name leads out of the model's folder; nothing was written");
    }
    if (size < 0 || size > LARGEST) {
      throw new HubException("the hub lists " + name + " with " + size + " bytes");
    }
    if (hash != null && !HASH.matcher(hash).matches()) {
      throw new HubException(
          "the hub lists "
              + name
              + " with something that is no SHA-1 or SHA-256 in place of a hash");
    }
  }

  /** A name from elsewhere, without what a terminal would act on. */
  static String printable(String name) {
    return CONTROL_OR_BACKSLASH.matcher(name).replaceAll("?");
  }

  private static boolean isInside(String name) {
    if (CONTROL_OR_BACKSLASH.matcher(name).find() || DRIVE.matcher(name).matches()) {
      return false;
    }
    for (String part : name.split("/", -1)) {
      if (part.isEmpty() || part.equals(".") || part.equals("..")) {
        return false;
      }
    }
    return true;
  }

  /** The hash, of the same kind, of what lies there. */
  String hashOf(Path file) {
    return hash.length() == GIT_DIGITS ? FileDigest.gitBlob(file) : FileDigest.sha256(file);
  }
}
