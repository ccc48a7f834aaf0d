package io.github.lorascope.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.backend.BackendException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The kernels through NVIDIA's run-time compiler, which needs no GPU. */
@RequiresNvrtc
class NvrtcTest {
  private static final Pattern SPILLS =
      Pattern.compile(
          "(\\d+) bytes stack frame, (\\d+) bytes spill stores, (\\d+) bytes spill loads");

  @TempDir Path folder;

  static Stream<Arguments> sources() {
    return Stream.of(80, 90, 120)
        .flatMap(
            architecture ->
                Stream.of(KernelSource.values()).map(s -> Arguments.of(s, architecture)));
  }

  /** A file that says it spills no registers to memory must not, nor have arrays there. */
  @ParameterizedTest(name = "{0} for sm_{1}")
  @MethodSource("sources")
  void compiles(KernelSource source, int architecture) {
    List<String> options = new ArrayList<>(KernelCompiler.options(architecture));
    options.add("--ptxas-options=--verbose");
    Nvrtc.Compiled compiled = Nvrtc.compile(source, options);
    assertEquals(0x7f, compiled.cubin()[0], "machine code is an ELF file");
    Matcher spills = SPILLS.matcher(compiled.log());
    int kernels = 0;
    while (spills.find()) {
      kernels++;
      if (source.text().contains("// Spills: none.")) {
        for (int kind = 1; kind <= spills.groupCount(); kind++) {
          assertEquals("0", spills.group(kind), compiled.log());
        }
      }
    }
    assertEquals(source.kernels().size(), kernels, compiled.log());
  }

  private KernelCompiler compiler(int architecture) {
    return new KernelCompiler(new KernelCache(folder), architecture);
  }

  @Test
  void machineCodeIsKept() throws IOException {
    byte[] first = compiler(80).cubin(KernelSource.ROPE);
    assertEquals(1, files().size());
    String name = files().get(0).getFileName().toString().replace(".cubin", "");
    byte[] other = {1, 2, 3};
    new KernelCache(folder).put(name, other);
    assertArrayEquals(other, compiler(80).cubin(KernelSource.ROPE));
    assertArrayEquals(first, compiler(80).compile(KernelSource.ROPE));
    assertArrayEquals(first, compiler(80).cubin(KernelSource.ROPE));
    assertFalse(Arrays.equals(first, compiler(90).cubin(KernelSource.ROPE)));
    assertEquals(2, files().size());
  }

  @Test
  void whereNothingCanBeKeptItIsCompiledAnew() throws IOException {
    KernelCache none = new KernelCache(Files.createFile(folder.resolve("no folder")));
    assertEquals(0x7f, new KernelCompiler(none, 80).cubin(KernelSource.ROPE)[0]);
  }

  @Test
  void theBuildSaysMoreThanTheVersion() {
    assertTrue(Nvrtc.build().contains("V" + Nvrtc.version() + "."), Nvrtc.build());
  }

  @Test
  void whatTheCompilerRefusesSaysWhy() {
    BackendException e =
        assertThrows(
            BackendException.class,
            () -> Nvrtc.compile(KernelSource.ROPE, List.of("--gpu-architecture=sm_7")));
    assertTrue(e.getMessage().contains("rope.cu"), e.getMessage());
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }
}
