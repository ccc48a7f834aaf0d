package io.github.lorascope.backend.cuda;

import io.github.lorascope.Prerequisite;
import io.github.lorascope.backend.BackendException;
import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.cuda.global.nvrtc;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that compiles kernels with NVIDIA's compiler, which the Maven profile {@code nvrtc}
 * brings. Skipped where it is missing, with the reason; there it fails under {@code CI=true}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresNvrtc.Condition.class)
@interface RequiresNvrtc {
  /** Asks whether the compiler loads and compiles. */
  final class Condition extends Prerequisite {
    private static String obstacle;
    private static boolean asked;

    @Override
    protected String obstacle() {
      return ask();
    }

    private static synchronized String ask() {
      if (!asked) {
        asked = true;
        try {
          standInForTheDriver();
          Loader.load(nvrtc.class);
          Nvrtc.build(); // it may load from where an earlier build left it, without what it needs
        } catch (IOException | LinkageError | BackendException e) {
          obstacle = "NVRTC does not load, run with -Pnvrtc (" + e.getMessage() + ")";
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          obstacle = "interrupted";
        }
      }
      return obstacle;
    }

    /** The bindings want the driver's library, of which compiling calls nothing: an empty one. */
    private static void standInForTheDriver() throws IOException, InterruptedException {
      if (CudaLibraries.obstacle() == null) {
        return;
      }
      Path library = Files.createTempDirectory(Path.of("target"), "driver").resolve("libcuda.so.1");
      new ProcessBuilder(
              "g++",
              "-shared",
              "-Wl,-soname,libcuda.so.1",
              "-x",
              "c++",
              "/dev/null",
              "-o",
              library.toString())
          .inheritIO()
          .start()
          .waitFor();
      System.load(library.toAbsolutePath().toString());
    }
  }
}
