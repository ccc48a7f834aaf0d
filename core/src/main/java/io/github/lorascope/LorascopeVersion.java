package io.github.lorascope;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of this library, for the provenance of what it writes. */
public final class LorascopeVersion {
  private LorascopeVersion() {}

  /**
   * Returns the version.
   *
   * @return the version, as the build named it
   */
  public static String get() {
    try (InputStream in = LorascopeVersion.class.getResourceAsStream("version.properties")) {
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
