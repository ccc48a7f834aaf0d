package io.github.lorascope.backend.cuda;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * NVIDIA's driver and cuBLAS where no GPU is, for a device whose kernels run on the CPU (see {@link
 * Shim}): with it the tests go through the same calls of the same bindings as on a GPU, with the
 * machine code that NVRTC made. Loaded once into the process, before the bindings want the real
 * ones.
 */
final class StandInDriver {
  private static final String DRIVER = "libcuda.so.1";
  private static final String BLAS = "libcublas.so.13";
  private static final String UNUSED_BLAS = "libcublasLt.so.13"; // the bindings want it as well
  private static final List<String> UNITS =
      List.of("driver.cpp", "state.cpp", "process.cpp", "cubin.cpp");
  private static final List<String> HEADERS =
      List.of("state.hpp", "process.hpp", "stream.hpp", "cubin.hpp");
  private static final List<String> OPTIONS =
      List.of("-std=c++17", "-O1", "-g1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC");

  private static boolean asked;
  private static String obstacle;

  private StandInDriver() {}

  /** Says why it cannot be had here; null if it is loaded, and NVIDIA's other libraries with it. */
  static synchronized String obstacle() {
    if (!asked) {
      asked = true;
      obstacle = "the driver's stand-in was tried before, and failed";
      obstacle = load();
    }
    return obstacle;
  }

  private static String load() {
    String missing = Shim.obstacle();
    if (missing != null) {
      return missing;
    }
    try {
      List<String> process =
          List.of(
              define("SERVER", Shim.server()),
              define("SANITIZER", ShimDevice.SANITIZER),
              define("SECONDS", ShimDevice.SECONDS));
      Path folder =
          NativeBuild.folder(
              "driver", sources(), List.of(OPTIONS, process), f -> build(f, process));
      for (String library : List.of(DRIVER, UNUSED_BLAS, BLAS)) {
        System.load(folder.resolve(library).toString());
      }
      return CudaLibraries.obstacle(List.of(folder), System.getProperty("os.name"));
    } catch (IOException | LinkageError e) {
      return "the driver's stand-in does not load: " + e;
    }
  }

  private static Map<String, String> sources() throws IOException {
    Map<String, String> sources = new TreeMap<>();
    List<String> files = new ArrayList<>(UNITS);
    files.addAll(HEADERS);
    files.add("cublas.cpp");
    for (String file : files) {
      sources.put(file, NativeBuild.resource("/driver/" + file));
    }
    return sources;
  }

  private static String define(String name, Object text) {
    return "-D" + name + "=\"" + text + "\"";
  }

  private static void build(Path folder, List<String> process) throws IOException {
    List<String> driver = new ArrayList<>(UNITS);
    driver.addAll(process);
    library(folder, DRIVER, driver);
    library(folder, BLAS, List.of("cublas.cpp", DRIVER));
    library(folder, UNUSED_BLAS, List.of("-x", "c++", "/dev/null"));
  }

  private static void library(Path folder, String name, List<String> parts) throws IOException {
    List<String> arguments = new ArrayList<>(OPTIONS);
    arguments.addAll(parts);
    // The bindings want a version of each symbol, which is the library's name.
    arguments.addAll(List.of("-Wl,-soname," + name, "-Wl,--default-symver", "-o", name));
    NativeBuild.said(NativeBuild.compiler(folder, arguments));
  }
}
