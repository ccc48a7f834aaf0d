package io.github.lorascope.backend.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_bf16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx2;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core_amx;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core_bf16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_engine_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_get_effective_cpu_isa;
import static org.bytedeco.dnnl.global.dnnl.dnnl_success;
import static org.bytedeco.dnnl.global.dnnl.dnnl_version;

import io.github.lorascope.backend.BackendException;
import java.nio.file.Path;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;

/** The native library: whether it loads, what it found of the processor, and its engine. */
final class OneDnnLibrary {
  private static final Object LOCK = new Object();
  private static OneDnnLibrary loaded;
  private static String obstacle;

  private final dnnl_engine engine = new dnnl_engine();
  private final OpenMp openMp;

  private OneDnnLibrary(Path file) {
    check(dnnl_engine_create(engine, dnnl_cpu, 0), "starting the engine");
    openMp = new OpenMp(file.toAbsolutePath().getParent());
  }

  /**
   * Says why the library cannot be loaded here.
   *
   * @return null if it can
   */
  static String obstacle() {
    synchronized (LOCK) {
      if (loaded == null && obstacle == null) {
        try {
          loaded = new OneDnnLibrary(Path.of(Loader.load(dnnl.class)));
        } catch (LinkageError | RuntimeException e) {
          obstacle = obstacle(Loader.getPlatform(), e);
        }
      }
      return obstacle;
    }
  }

  private static String obstacle(String platform, Throwable cause) {
    return "oneDNN does not load on "
        + platform
        + " ("
        + cause
        + "); it exists for linux-x86_64, linux-arm64, macosx-x86_64, macosx-arm64 and"
        + " windows-x86_64: put javacpp, opencl and dnnl of org.bytedeco, in the versions of the"
        + " jars without classifier, with the classifier "
        + platform
        + " on the class path (dnnl-platform brings those of all platforms), or use the backend"
        + " 'reference'";
  }

  /**
   * Returns the library.
   *
   * @throws BackendException if it cannot be loaded
   */
  static OneDnnLibrary get() {
    String reason = obstacle();
    if (reason != null) {
      throw new BackendException(reason);
    }
    synchronized (LOCK) {
      return loaded;
    }
  }

  /** Turns a status of oneDNN into an exception. */
  static void check(int status, String what) {
    if (status != dnnl_success) {
      throw new BackendException("oneDNN reported status " + status + " while " + what);
    }
  }

  dnnl_engine engine() {
    return engine;
  }

  OpenMp openMp() {
    return openMp;
  }

  String version() {
    dnnl_version_t version = dnnl_version();
    return version.major() + "." + version.minor();
  }

  /** Tells whether the processor multiplies tiles of bfloat16 (AMX). */
  boolean amx() {
    return has(dnnl_get_effective_cpu_isa(), dnnl_cpu_isa_avx512_core_amx);
  }

  /** Tells whether the processor has AVX-512. */
  boolean avx512() {
    return has(dnnl_get_effective_cpu_isa(), dnnl_cpu_isa_avx512_core);
  }

  String instructions() {
    int isa = dnnl_get_effective_cpu_isa();
    if (amx()) {
      return "amx";
    }
    if (has(isa, dnnl_cpu_isa_avx512_core_bf16)) {
      return "avx512 bf16";
    }
    if (avx512()) {
      return "avx512";
    }
    return has(isa, dnnl_cpu_isa_avx2) ? "avx2" : System.getProperty("os.arch");
  }

  /**
   * Tells whether products of bfloat16 run on instructions for them. oneDNN also accepts them on
   * AVX-512 without, and emulates them there more slowly than float32.
   */
  boolean nativeBf16() {
    int isa = dnnl_get_effective_cpu_isa();
    boolean emulates = avx512() && !has(isa, dnnl_cpu_isa_avx512_core_bf16);
    return !emulates && Matmul.exists(engine, dnnl_bf16);
  }

  private static boolean has(int isa, int wanted) {
    return (isa & wanted) == wanted;
  }
}
