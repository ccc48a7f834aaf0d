package io.github.lorascope.backend.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The kernels compiled for the CPU: the same sources, with {@code shim.hpp} in the place of CUDA,
 * and a server around them. Compiled once, for the tests of all modules, and again when a source
 * has changed.
 */
final class Shim {
  private static final List<String> FILES =
      List.of(
          "shim.hpp",
          "tensor_core.hpp",
          "shared.hpp",
          "shared.cpp",
          "failure.hpp",
          "failure.cpp",
          "blocks.hpp",
          "blocks.cpp",
          "server.cpp",
          "faults.cu");
  private static final Pattern FAULT =
      Pattern.compile("^KERNEL .*?(fault_\\w+)\\(", Pattern.MULTILINE);
  private static final List<String> OPTIONS =
      List.of(
          "-std=c++17",
          "-O2",
          "-g1",
          "-ffp-contract=off",
          "-fsanitize=address,undefined",
          "-fno-sanitize-recover=all",
          "-Wall",
          "-Wextra",
          "-Werror",
          "-Wno-unknown-pragmas");

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
    Map<String, String> sources = sources();
    Path all = Path.of(System.getProperty("golden.dir"), "../../../../target/shim").normalize();
    Path folder = all.resolve(Integer.toHexString(Objects.hash(sources, OPTIONS)));
    if (!Files.exists(folder)) {
      Files.createDirectories(all);
      Path building = Files.createTempDirectory(all, "building");
      for (Map.Entry<String, String> source : sources.entrySet()) {
        Files.writeString(building.resolve(source.getKey()), source.getValue());
      }
      build(building);
      try {
        Files.move(building, folder, StandardCopyOption.ATOMIC_MOVE);
      } catch (FileSystemException e) {
        if (!Files.exists(folder)) {
          throw e;
        } // another module's tests were first
      }
    }
    return folder.resolve("server");
  }

  private static Map<String, String> sources() throws IOException {
    Map<String, String> sources = new TreeMap<>();
    for (String file : FILES) {
      sources.put(file, resource("/shim/" + file));
    }
    for (String header : KernelSource.HEADERS) {
      sources.put(header, KernelSource.text(header));
    }
    for (KernelSource source : KernelSource.values()) {
      sources.put(source.file(), source.text());
      sources.put(unit(source), registered(source.file(), source.kernels()));
    }
    sources.put("faults.cpp", registered("faults.cu", faults(sources.get("faults.cu"))));
    return sources;
  }

  private static List<String> faults(String source) {
    return FAULT.matcher(source).results().map(found -> found.group(1)).toList();
  }

  private static String unit(KernelSource source) {
    return source.name().toLowerCase(Locale.ROOT) + ".cpp";
  }

  private static void build(Path folder) throws IOException {
    List<Process> compilers = new ArrayList<>();
    for (KernelSource source : KernelSource.values()) {
      compilers.add(start(folder, "-c", unit(source)));
    }
    compilers.add(start(folder, "-c", "faults.cpp"));
    for (String file : FILES) {
      if (file.endsWith(".cpp")) {
        compilers.add(start(folder, "-c", file));
      }
    }
    for (Process compiler : compilers) {
      finish(compiler);
    }
    List<String> link = new ArrayList<>(List.of("-o", "server"));
    try (var files = Files.list(folder)) {
      files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(".o"))
          .sorted()
          .forEach(link::add);
    }
    finish(start(folder, link.toArray(String[]::new)));
  }

  private static String registered(String file, List<String> kernels) {
    StringBuilder text = new StringBuilder("#include \"shim.hpp\"\n");
    text.append("#include \"").append(file).append("\"\n");
    for (String kernel : kernels) {
      text.append("static shim::Registration registered_")
          .append(kernel)
          .append("(\"")
          .append(kernel)
          .append("\", ")
          .append(kernel)
          .append(");\n");
    }
    return text.toString();
  }

  private static Process start(Path folder, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("g++"));
    command.addAll(OPTIONS);
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
  }

  private static void finish(Process compiler) throws IOException {
    try (InputStream out = compiler.getInputStream()) {
      String said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      if (compiler.waitFor() != 0) {
        throw new IllegalStateException("g++ refused the kernels:\n" + said);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while compiling", e);
    }
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = Shim.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
