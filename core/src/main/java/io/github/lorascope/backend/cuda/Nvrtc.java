package io.github.lorascope.backend.cuda;

import static org.bytedeco.cuda.global.nvrtc.NVRTC_SUCCESS;
import static org.bytedeco.cuda.global.nvrtc.nvrtcCompileProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcCreateProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcDestroyProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetCUBIN;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetCUBINSize;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetErrorString;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetNumSupportedArchs;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetPTX;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetPTXSize;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetProgramLog;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetProgramLogSize;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetSupportedArchs;
import static org.bytedeco.cuda.global.nvrtc.nvrtcVersion;

import io.github.lorascope.backend.BackendException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.cuda.nvrtc._nvrtcProgram;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.SizeTPointer;

/** NVIDIA's run-time compiler: CUDA C++ to the machine code of one architecture. Needs no GPU. */
final class Nvrtc {
  private static String build;

  private Nvrtc() {}

  /** A compiled file and what the compiler said of it. */
  @SuppressWarnings("ArrayRecordComponent") // handed on at once, never compared
  record Compiled(byte[] cubin, String log) {}

  /** Says whether it makes machine code for an architecture. */
  static boolean knows(int architecture) {
    int[] count = new int[1];
    check(nvrtcGetNumSupportedArchs(count), "asking for architectures");
    int[] known = new int[count[0]];
    check(nvrtcGetSupportedArchs(known), "asking for architectures");
    return Arrays.stream(known).anyMatch(a -> a == architecture);
  }

  /** The compiler's version. */
  static String version() {
    int[] major = new int[1];
    int[] minor = new int[1];
    check(nvrtcVersion(major, minor), "asking for the version");
    return major[0] + "." + minor[0];
  }

  /** The compiler's exact build, which it is asked for once. */
  static synchronized String build() {
    if (build == null) {
      build = readBuild();
    }
    return build;
  }

  /** It writes it into what it makes of an empty file alone. */
  @SuppressWarnings("try") // the scope frees what is made within
  private static String readBuild() {
    String what = "asking for the build";
    PointerPointer<BytePointer> none = null;
    try (PointerScope scope = new PointerScope()) {
      _nvrtcProgram program = new _nvrtcProgram();
      BytePointer empty = new BytePointer("");
      check(nvrtcCreateProgram(program, empty, empty, 0, none, none), what);
      try {
        check(nvrtcCompileProgram(program, 0, none), what);
        SizeTPointer size = new SizeTPointer(1);
        check(nvrtcGetPTXSize(program, size), what);
        BytePointer text = new BytePointer(size.get());
        check(nvrtcGetPTX(program, text), what);
        return text.getString()
            .lines()
            .filter(line -> line.startsWith("//"))
            .collect(Collectors.joining("\n"));
      } finally {
        nvrtcDestroyProgram(program);
      }
    }
  }

  /**
   * Compiles a file.
   *
   * @param source the file
   * @param options the compiler's options, the architecture among them; the file's own numbers are
   *     added
   * @throws BackendException if the compiler refuses it, with what it says
   */
  @SuppressWarnings("try") // the scope frees what is made within
  static Compiled compile(KernelSource source, List<String> options) {
    List<String> all = Stream.concat(options.stream(), source.defines().stream()).toList();
    try (PointerScope scope = new PointerScope()) {
      _nvrtcProgram program = new _nvrtcProgram();
      PointerPointer<BytePointer> headers =
          strings(KernelSource.HEADERS.stream().map(KernelSource::text).toList());
      check(
          nvrtcCreateProgram(
              program,
              new BytePointer(source.text()),
              new BytePointer(source.file()),
              KernelSource.HEADERS.size(),
              headers,
              strings(KernelSource.HEADERS)),
          "reading " + source.file());
      try {
        int status = nvrtcCompileProgram(program, all.size(), strings(all));
        String log = log(program);
        if (status != NVRTC_SUCCESS) {
          throw new BackendException(
              "NVRTC cannot compile " + source.file() + " with " + all + ":\n" + log);
        }
        return new Compiled(cubin(program), log);
      } finally {
        nvrtcDestroyProgram(program);
      }
    }
  }

  private static PointerPointer<BytePointer> strings(List<String> strings) {
    return new PointerPointer<>(strings.stream().map(BytePointer::new).toArray(BytePointer[]::new));
  }

  private static String log(_nvrtcProgram program) {
    SizeTPointer size = new SizeTPointer(1);
    check(nvrtcGetProgramLogSize(program, size), "reading the log");
    BytePointer text = new BytePointer(Math.max(1, size.get()));
    check(nvrtcGetProgramLog(program, text), "reading the log");
    return text.getString().replace("\0", "").strip();
  }

  private static byte[] cubin(_nvrtcProgram program) {
    SizeTPointer size = new SizeTPointer(1);
    check(nvrtcGetCUBINSize(program, size), "reading the machine code");
    byte[] cubin = new byte[Math.toIntExact(size.get())];
    BytePointer bytes = new BytePointer(size.get());
    check(nvrtcGetCUBIN(program, bytes), "reading the machine code");
    bytes.get(cubin);
    return cubin;
  }

  private static void check(int status, String what) {
    if (status != NVRTC_SUCCESS) {
      throw new BackendException(
          "NVRTC reported " + nvrtcGetErrorString(status).getString() + " while " + what);
    }
  }
}
