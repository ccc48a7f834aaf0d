package io.github.lorascope.backend.cuda;

import static org.bytedeco.cuda.global.cudart.CUDA_ERROR_OUT_OF_MEMORY;
import static org.bytedeco.cuda.global.cudart.CUDA_SUCCESS;
import static org.bytedeco.cuda.global.cudart.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
import static org.bytedeco.cuda.global.cudart.cuFuncSetAttribute;
import static org.bytedeco.cuda.global.cudart.cuLaunchKernel;
import static org.bytedeco.cuda.global.cudart.cuModuleGetFunction;
import static org.bytedeco.cuda.global.cudart.cuModuleLoadData;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.BytePointer;

/**
 * The kernels in the current context; a file is compiled and loaded when one of its kernels is
 * first asked for. One thread at a time.
 */
final class CudaKernels {
  /** Shared memory that a kernel may have without asking. */
  private static final int SHARED = 48 * 1024;

  private final KernelCompiler compiler;
  private final List<CUmod_st> modules = new ArrayList<>();
  private final Map<String, Kernel> kernels = new HashMap<>();
  private final LaunchArguments arguments = new LaunchArguments();

  CudaKernels(KernelCompiler compiler) {
    this.compiler = compiler;
  }

  /** Runs a kernel on a stream. */
  void launch(String name, Grid grid, int sharedBytes, long[] values, CUstream_st stream) {
    Kernel kernel = kernels.get(name);
    if (kernel == null) {
      load(name);
      kernel = kernels.get(name);
    }
    kernel.allow(sharedBytes);
    CudaStatus.check(
        cuLaunchKernel(
            kernel.function,
            grid.x(),
            grid.y(),
            grid.z(),
            grid.threads(),
            1,
            1,
            sharedBytes,
            stream,
            arguments.of(values),
            null),
        kernel.running);
  }

  /** Unloads them; what the driver reports then helps nobody. */
  void unload() {
    modules.forEach(org.bytedeco.cuda.global.cudart::cuModuleUnload);
    modules.clear();
    kernels.clear();
  }

  private void load(String name) {
    KernelSource source =
        Arrays.stream(KernelSource.values())
            .filter(s -> s.kernels().contains(name))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("there is no kernel " + name));
    CUmod_st module = new CUmod_st();
    int status = load(module, compiler.cubin(source));
    if (status != CUDA_SUCCESS && status != CUDA_ERROR_OUT_OF_MEMORY) {
      // What is kept may be of another driver; what is compiled now is of this one.
      status = load(module, compiler.compile(source));
    }
    CudaStatus.check(status, "loading " + source.file());
    modules.add(module);
    for (String kernel : source.kernels()) {
      CUfunc_st function = new CUfunc_st();
      CudaStatus.check(cuModuleGetFunction(function, module, kernel), "looking for " + kernel);
      kernels.put(kernel, new Kernel(kernel, function));
    }
  }

  private static int load(CUmod_st module, byte[] cubin) {
    try (BytePointer code = new BytePointer(cubin)) {
      return cuModuleLoadData(module, code);
    }
  }

  /** A kernel and how much shared memory it has been allowed. */
  private static final class Kernel {
    private final String running;
    private final CUfunc_st function;
    private int allowed = SHARED;

    Kernel(String name, CUfunc_st function) {
      this.running = "running " + name;
      this.function = function;
    }

    void allow(int bytes) {
      if (bytes > allowed) {
        int attribute = CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
        CudaStatus.check(cuFuncSetAttribute(function, attribute, bytes), running);
        allowed = bytes;
      }
    }
  }
}
