package io.github.lorascope.backend.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The kernels compiled for the CPU: the same sources, with {@code shim.hpp} in the place of CUDA,
 * and a server around them. Compiled once, for the tests of all modules, and again when a source
 * has changed.
 */
final class Shim {
  private static final String FAULTS = "faults.cu";
  private static final List<String> FILES =
      List.of(
          "shim.hpp",
          "tensor_core.hpp",
          "shared.hpp",
          "shared.cpp",
          "failure.hpp",
          "failure.cpp",
          "kernels.hpp",
          "kernels.cpp",
          "memory.hpp",
          "memory.cpp",
          "blocks.hpp",
          "blocks.cpp",
          "server.cpp",
          FAULTS);
  private static final Pattern FAULT =
      Pattern.compile("^KERNEL .*?(fault_\\w+)\\(", Pattern.MULTILINE);

  /** Threads must meet by the same call, so no optimization may make two of one, or one of two. */
  private static final List<String> OPTIONS =
      List.of(
          "-std=c++17",
          "-O1",
          "-fno-thread-jumps",
          "-fno-tree-dominator-opts",
          "-g1",
          "-fsanitize=address,undefined",
          "-fno-sanitize-recover=all",
          "-Wall",
          "-Wextra",
          "-Werror",
          "-Wno-unknown-pragmas");

  /**
   * As CUDA's compiler does by default, a product and a sum become one operation, where no check of
   * the sanitizer lies between.
   */
  private static final List<String> CONTRACTION =
      List.of("-mfma", "-ffp-contract=fast", "-fexpensive-optimizations");

  private static Path server;
  private static String refusal;

  private Shim() {}

  /** Says why it cannot be built here; null if it can. */
  static String obstacle() {
    String machine = System.getProperty("os.arch") + " " + System.getProperty("os.name");
    if (!machine.equals("amd64 Linux")) {
      return "the kernels run on the CPU under Linux on x86-64 alone, not on " + machine;
    }
    try {
      return new ProcessBuilder("g++", "--version").start().waitFor() == 0
          ? null
          : "g++ does not work";
    } catch (IOException e) {
      return "g++ is missing";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  /** Whether kernels round a product and a sum once, as on a GPU: where the CPU can. */
  static boolean contracts() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines.anyMatch(line -> line.startsWith("flags") && line.contains(" fma "));
    } catch (IOException e) {
      throw new UncheckedIOException("asking for what the CPU can do", e);
    }
  }

  private static List<String> options() {
    return contracts() ? Stream.concat(OPTIONS.stream(), CONTRACTION.stream()).toList() : OPTIONS;
  }

  /** Returns the server's program; what g++ refused once, it is not asked for again. */
  static synchronized Path server() {
    if (refusal != null) {
      throw new IllegalStateException(refusal);
    }
    if (server == null) {
      try {
        server = built();
      } catch (IOException e) {
        throw new UncheckedIOException("building the shim", e);
      } catch (IllegalStateException e) {
        refusal = e.getMessage();
        throw e;
      }
    }
    return server;
  }

  private static Path built() throws IOException {
    List<Object> settings = List.of(options(), defines());
    return NativeBuild.folder("shim", sources(), settings, Shim::build).resolve("server");
  }

  private static Map<String, String> sources() throws IOException {
    Map<String, String> sources = new TreeMap<>();
    for (String file : FILES) {
      sources.put(file, NativeBuild.resource("/shim/" + file));
    }
    for (String header : KernelSource.HEADERS) {
      sources.put(header, KernelSource.text(header));
    }
    for (KernelSource source : KernelSource.values()) {
      sources.put(source.file(), source.text());
      sources.put(unit(source.file()), registered(source.file(), source.kernels()));
    }
    sources.put(unit(FAULTS), registered(FAULTS, faults(sources.get(FAULTS))));
    return sources;
  }

  private static List<String> faults(String source) {
    return FAULT.matcher(source).results().map(found -> found.group(1)).toList();
  }

  private static String unit(String file) {
    return file.replace(".cu", ".cpp");
  }

  private static String bounds(String file) {
    return file.replace(".cu", ".bounds");
  }

  /** What the compiler is told of each file's numbers. */
  private static Map<String, List<String>> defines() {
    return Stream.of(KernelSource.values())
        .collect(Collectors.toMap(KernelSource::file, KernelSource::defines));
  }

  private static void build(Path folder) throws IOException {
    List<String> kernels = new ArrayList<>(List.of(FAULTS));
    Stream.of(KernelSource.values()).map(KernelSource::file).forEach(kernels::add);
    findBounds(folder, kernels);
    List<Process> compilers = new ArrayList<>();
    List<String> link = new ArrayList<>(List.of("-o", "server"));
    for (String file : Stream.concat(kernels.stream(), FILES.stream()).distinct().toList()) {
      String unit = unit(file);
      if (unit.endsWith(".cpp")) {
        compilers.add(start(folder, file, "-c", unit));
        link.add(unit.replace(".cpp", ".o"));
      }
    }
    for (Process compiler : compilers) {
      NativeBuild.said(compiler);
    }
    NativeBuild.said(start(folder, "server", link.toArray(String[]::new)));
  }

  private static void findBounds(Path folder, List<String> kernels) throws IOException {
    Map<String, Process> preprocessors = new TreeMap<>();
    for (String file : kernels) {
      preprocessors.put(file, start(folder, file, "-E", "-P", "-x", "c++", file));
    }
    for (Map.Entry<String, Process> preprocessor : preprocessors.entrySet()) {
      StringBuilder text = new StringBuilder();
      LaunchBounds.of(NativeBuild.said(preprocessor.getValue()))
          .forEach((kernel, threads) -> text.append("BOUND(%s, %s)\n".formatted(kernel, threads)));
      Files.writeString(folder.resolve(bounds(preprocessor.getKey())), text);
    }
  }

  private static String registered(String file, List<String> kernels) {
    StringBuilder text = new StringBuilder();
    for (String header : List.of("shim.hpp", file, "kernels.hpp")) {
      text.append("#include \"%s\"\n".formatted(header));
    }
    kernels.forEach(kernel -> text.append("REGISTER(%s)\n".formatted(kernel)));
    return text.append("#include \"%s\"\n".formatted(bounds(file))).toString();
  }

  /** Starts the compiler for a file, whose numbers it is told. */
  private static Process start(Path folder, String file, String... arguments) throws IOException {
    List<String> all = new ArrayList<>(options());
    all.addAll(defines().getOrDefault(file, List.of()));
    all.addAll(List.of(arguments));
    return NativeBuild.compiler(folder, all);
  }
}
