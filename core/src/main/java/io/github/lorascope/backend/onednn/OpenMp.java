package io.github.lorascope.backend.onednn;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps oneDNN's OpenMP from starting threads of its own: the threads of {@link Workers} share out
 * the work, and two sets of threads would get in each other's way.
 */
final class OpenMp {
  private static final Logger log = LoggerFactory.getLogger(OpenMp.class);
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

  private final Function setThreads;
  private final ThreadLocal<Boolean> single = ThreadLocal.withInitial(this::limit);

  /** Looks for the OpenMP library beside oneDNN. */
  OpenMp(Path folder) {
    this.setThreads = find(folder);
  }

  /** Holds oneDNN to one thread where it is called from the current one. */
  void useOneThread() {
    single.get();
  }

  private boolean limit() {
    if (setThreads == null) {
      return false;
    }
    setThreads.invokeVoid(new Object[] {1});
    return true;
  }

  private static Function find(Path folder) {
    for (String library : LIBRARIES) {
      Path file = folder.resolve(library);
      if (Files.exists(file)) {
        try {
          return NativeLibrary.getInstance(file.toString()).getFunction("omp_set_num_threads");
        } catch (UnsatisfiedLinkError e) {
          log.debug("{} cannot be used", file, e);
        }
      }
    }
    log.warn("no OpenMP library beside oneDNN in {}: its threads cannot be limited", folder);
    return null;
  }
}
