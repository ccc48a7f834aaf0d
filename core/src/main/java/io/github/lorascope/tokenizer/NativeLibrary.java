package io.github.lorascope.tokenizer;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import io.github.lorascope.io.RootCause;

/**
 * Loads DJL's native tokenizers once. Its functions are called directly: DJL's own {@code
 * HuggingFaceTokenizer} reports each load over the network and cuts and pads by rules of its own.
 */
final class NativeLibrary {
  /** In DJL's offline mode the loader takes the CPU build from the jar and downloads none. */
  private static final String OFFLINE = "ai.djl.offline";

  private static boolean loaded;

  private NativeLibrary() {}

  static synchronized TokenizersLibrary load() {
    if (!loaded) {
      String before = System.getProperty(OFFLINE);
      System.setProperty(OFFLINE, "true");
      try {
        LibUtils.checkStatus();
      } catch (RuntimeException | LinkageError | AssertionError e) {
        throw new TokenizerException(
            "DJL's native tokenizer library does not load on "
                + System.getProperty("os.name")
                + " "
                + System.getProperty("os.arch")
                + " ("
                + RootCause.of(e)
                + "). It exists for Linux (x86_64 and aarch64, glibc), macOS (aarch64) and Windows"
                + " (x86_64), and is unpacked into the home folder's .djl.ai; set ENGINE_CACHE_DIR"
                + " to another folder where that one cannot be written or executed",
            e);
      } finally {
        if (before == null) {
          System.clearProperty(OFFLINE);
        } else {
          System.setProperty(OFFLINE, before);
        }
      }
      loaded = true;
    }
    return TokenizersLibrary.LIB;
  }
}
