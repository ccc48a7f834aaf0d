package io.github.lorascope.backend.onednn;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps oneDNN's OpenMP from starting threads of its own: the threads of {@link Workers} share out
 * the work, and two sets of threads would get in each other's way.
 */
final class OpenMp {
  private static final Logger log = LoggerFactory.getLogger(OpenMp.class);
  private static final String SET_THREADS = "omp_set_num_threads";
  private static final String[] LIBRARIES = {
    "libgomp.so.1",
    "libgomp.so",
    "libiomp5.so",
    "libomp.so",
    "libomp.dylib",
    "libiomp5.dylib",
    "libiomp5md.dll",
    "vcomp140.dll"
  };

  private final Optional<NativeLibrary> library;
  private final Optional<Function> setThreads;

  /** Looks for the OpenMP library beside oneDNN. */
  OpenMp(Path folder) {
    this.library = find(folder);
    this.setThreads = function(SET_THREADS);
  }

  /**
   * Holds oneDNN to one thread where it is called from the current one. To be said before every
   * operation: another user of the same library, such as ND4J, may have said otherwise meanwhile.
   */
  void useOneThread() {
    setThreads.ifPresent(function -> function.invokeVoid(new Object[] {1}));
  }

  /** Finds a function of OpenMP. */
  Optional<Function> function(String name) {
    return library.map(found -> found.getFunction(name));
  }

  private static Optional<NativeLibrary> find(Path folder) {
    for (String library : LIBRARIES) {
      Path file = folder.resolve(library);
      if (Files.exists(file)) {
        try {
          NativeLibrary found = NativeLibrary.getInstance(file.toString());
          found.getFunction(SET_THREADS);
          return Optional.of(found);
        } catch (UnsatisfiedLinkError e) {
          log.debug("{} cannot be used", file, e);
        }
      }
    }
    log.warn("no OpenMP library beside oneDNN in {}: its threads cannot be limited", folder);
    return Optional.empty();
  }
}
