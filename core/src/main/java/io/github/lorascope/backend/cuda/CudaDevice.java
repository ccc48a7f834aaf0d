package io.github.lorascope.backend.cuda;

import static org.bytedeco.cuda.global.cublas.CUBLAS_COMPUTE_32F;
import static org.bytedeco.cuda.global.cublas.CUBLAS_GEMM_DEFAULT;
import static org.bytedeco.cuda.global.cublas.CUBLAS_OP_N;
import static org.bytedeco.cuda.global.cublas.CUBLAS_OP_T;
import static org.bytedeco.cuda.global.cublas.cublasCreate_v2;
import static org.bytedeco.cuda.global.cublas.cublasDestroy_v2;
import static org.bytedeco.cuda.global.cublas.cublasGemmEx;
import static org.bytedeco.cuda.global.cublas.cublasSetStream_v2;
import static org.bytedeco.cuda.global.cudart.CUDA_R_16BF;
import static org.bytedeco.cuda.global.cudart.CUDA_R_32F;
import static org.bytedeco.cuda.global.cudart.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
import static org.bytedeco.cuda.global.cudart.CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
import static org.bytedeco.cuda.global.cudart.CU_STREAM_NON_BLOCKING;
import static org.bytedeco.cuda.global.cudart.cuCtxSetCurrent;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetDefaultMemPool;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetName;
import static org.bytedeco.cuda.global.cudart.cuDevicePrimaryCtxRelease;
import static org.bytedeco.cuda.global.cudart.cuDevicePrimaryCtxRetain;
import static org.bytedeco.cuda.global.cudart.cuFuncSetAttribute;
import static org.bytedeco.cuda.global.cudart.cuLaunchKernel;
import static org.bytedeco.cuda.global.cudart.cuMemAllocAsync;
import static org.bytedeco.cuda.global.cudart.cuMemFreeAsync;
import static org.bytedeco.cuda.global.cudart.cuMemGetInfo;
import static org.bytedeco.cuda.global.cudart.cuMemPoolSetAttribute;
import static org.bytedeco.cuda.global.cudart.cuMemcpyDtoHAsync;
import static org.bytedeco.cuda.global.cudart.cuMemcpyHtoDAsync;
import static org.bytedeco.cuda.global.cudart.cuModuleGetFunction;
import static org.bytedeco.cuda.global.cudart.cuModuleLoadData;
import static org.bytedeco.cuda.global.cudart.cuStreamCreate;
import static org.bytedeco.cuda.global.cudart.cuStreamDestroy;
import static org.bytedeco.cuda.global.cudart.cuStreamSynchronize;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.cuda.cublas.cublasContext;
import org.bytedeco.cuda.cudart.CUctx_st;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUmemPoolHandle_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * The first GPU that the driver offers, through the driver's API: one stream, on which everything
 * runs in order, and the driver's pool of memory, which keeps what is given back.
 */
final class CudaDevice implements Device {
  private static final int ORDINAL = 0;

  /** What a kernel may have without asking. */
  private static final int SHARED = 48 * 1024;

  /** Left for cuBLAS, the context and what the driver needs. */
  private static final long RESERVE = 512L << 20;

  private static final int CHUNK = 64 << 20;

  private final int architecture;
  private final KernelCompiler compiler;
  private final CUctx_st context = new CUctx_st();
  private final CUstream_st stream = new CUstream_st();
  private final cublasContext blas = new cublasContext();
  private final List<CUmod_st> modules = new ArrayList<>();
  private final Map<String, CUfunc_st> kernels = new HashMap<>();
  private final long memory;
  private boolean closed;

  /** Opens the device; {@link CudaLibraries} must have found no obstacle. */
  CudaDevice() {
    architecture = CudaLibraries.architecture(ORDINAL);
    compiler = new KernelCompiler(KernelCompiler.defaultFolder(), architecture);
    CudaStatus.check(cuDevicePrimaryCtxRetain(context, ORDINAL), "opening the GPU");
    boolean done = false;
    try {
      memory = open();
      done = true;
    } finally {
      if (!done) {
        close();
      }
    }
  }

  /** Returns how much memory may be taken. */
  @SuppressWarnings("try") // the scope frees what is made within
  private long open() {
    CudaStatus.check(cuCtxSetCurrent(context), "opening the GPU");
    CudaStatus.check(cuStreamCreate(stream, CU_STREAM_NON_BLOCKING), "making a stream");
    CudaStatus.checkBlas(cublasCreate_v2(blas), "starting");
    CudaStatus.checkBlas(cublasSetStream_v2(blas, stream), "starting");
    try (PointerScope scope = new PointerScope()) {
      CUmemPoolHandle_st pool = new CUmemPoolHandle_st();
      CudaStatus.check(cuDeviceGetDefaultMemPool(pool, ORDINAL), "asking for memory");
      CudaStatus.check(
          cuMemPoolSetAttribute(
              pool, CU_MEMPOOL_ATTR_RELEASE_THRESHOLD, new LongPointer(1).put(-1L)),
          "asking for memory");
      SizeTPointer free = new SizeTPointer(1);
      CudaStatus.check(cuMemGetInfo(free, new SizeTPointer(1)), "asking for memory");
      return Math.max(0, free.get() - RESERVE);
    }
  }

  @Override
  public String description() {
    byte[] name = new byte[128];
    CudaStatus.check(cuDeviceGetName(name, name.length, ORDINAL), "asking for the GPU's name");
    int end = 0;
    while (end < name.length && name[end] != 0) {
      end++;
    }
    return String.format(
        Locale.ROOT,
        "%s (sm_%d, %.1f GB free)",
        new String(name, 0, end, java.nio.charset.StandardCharsets.UTF_8),
        architecture,
        memory / 1e9);
  }

  @Override
  public long memory() {
    return memory;
  }

  @Override
  public synchronized long allocate(long bytes) {
    enter();
    long[] address = new long[1];
    CudaStatus.check(cuMemAllocAsync(address, bytes, stream), "taking " + bytes + " bytes");
    return address[0];
  }

  @Override
  public synchronized void free(long address) {
    if (!closed) {
      // After an error every call fails; what caused it has been said, and must not be hidden.
      cuCtxSetCurrent(context);
      cuMemFreeAsync(address, stream);
    }
  }

  @Override
  public synchronized void write(long address, ByteBuffer source) {
    enter();
    ByteBuffer rest = source.duplicate();
    long at = address;
    while (rest.hasRemaining()) {
      ByteBuffer part = rest.slice(rest.position(), Math.min(CHUNK, rest.remaining()));
      try (BytePointer host = new BytePointer(part.remaining())) {
        int bytes = part.remaining();
        host.asByteBuffer().put(part);
        CudaStatus.check(cuMemcpyHtoDAsync(at, host, bytes, stream), "copying to the GPU");
        CudaStatus.check(cuStreamSynchronize(stream), "copying to the GPU");
        at += bytes;
        rest.position(rest.position() + bytes);
      }
    }
  }

  @Override
  public synchronized void read(long address, ByteBuffer target) {
    enter();
    long at = address;
    while (target.hasRemaining()) {
      int bytes = Math.min(CHUNK, target.remaining());
      try (BytePointer host = new BytePointer(bytes)) {
        CudaStatus.check(cuMemcpyDtoHAsync(host, at, bytes, stream), "copying from the GPU");
        CudaStatus.check(cuStreamSynchronize(stream), "copying from the GPU");
        target.put(host.asByteBuffer());
        at += bytes;
      }
    }
  }

  @Override
  @SuppressWarnings("try") // the scope frees what is made within
  public synchronized void launch(String kernel, Grid grid, int sharedBytes, long[] arguments) {
    enter();
    try (PointerScope scope = new PointerScope()) {
      CUfunc_st function = function(kernel);
      if (sharedBytes > SHARED) {
        int attribute = CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
        CudaStatus.check(
            cuFuncSetAttribute(function, attribute, sharedBytes), "asking for " + kernel);
      }
      LongPointer values = new LongPointer(arguments);
      PointerPointer<Pointer> addresses = new PointerPointer<>(arguments.length);
      for (int i = 0; i < arguments.length; i++) {
        addresses.put(i, values.getPointer(i));
      }
      CudaStatus.check(
          cuLaunchKernel(
              function,
              grid.x(),
              grid.y(),
              grid.z(),
              grid.threads(),
              1,
              1,
              sharedBytes,
              stream,
              addresses,
              new PointerPointer<Pointer>()),
          "running " + kernel);
    }
  }

  /** cuBLAS counts columns first, so it is asked for c^T = b^T a^T. */
  @Override
  @SuppressWarnings("try") // the scope frees what is made within
  public synchronized void multiply(Product product) {
    enter();
    Operand a = product.a();
    Operand b = product.b();
    try (PointerScope scope = new PointerScope()) {
      CudaStatus.checkBlas(
          cublasGemmEx(
              blas,
              b.transposed() ? CUBLAS_OP_T : CUBLAS_OP_N,
              a.transposed() ? CUBLAS_OP_T : CUBLAS_OP_N,
              product.columns(),
              product.rows(),
              product.inner(),
              new FloatPointer(1).put(product.alpha()),
              new At(b.address()),
              type(b),
              b.stride(),
              new At(a.address()),
              type(a),
              a.stride(),
              new FloatPointer(1).put(product.beta()),
              new At(product.c().address()),
              type(product.c()),
              product.c().stride(),
              CUBLAS_COMPUTE_32F,
              CUBLAS_GEMM_DEFAULT),
          "multiplying");
    }
  }

  private static int type(Operand operand) {
    return operand.bf16() ? CUDA_R_16BF : CUDA_R_32F;
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    cuCtxSetCurrent(context);
    if (!stream.isNull()) {
      cuStreamSynchronize(stream);
    }
    if (!blas.isNull()) {
      cublasDestroy_v2(blas);
    }
    modules.forEach(org.bytedeco.cuda.global.cudart::cuModuleUnload);
    if (!stream.isNull()) {
      cuStreamDestroy(stream);
    }
    cuDevicePrimaryCtxRelease(ORDINAL);
  }

  /** An address on the device, which nothing on the host may free. */
  private static final class At extends Pointer {
    At(long address) {
      super((Pointer) null);
      this.address = address;
    }
  }

  /** Threads of any caller may come. */
  private void enter() {
    if (closed) {
      throw new IllegalStateException("the cuda backend is closed");
    }
    CudaStatus.check(cuCtxSetCurrent(context), "entering the GPU");
  }

  /** Compiles a file when one of its kernels is first asked for. */
  private CUfunc_st function(String kernel) {
    CUfunc_st known = kernels.get(kernel);
    if (known != null) {
      return known;
    }
    KernelSource source =
        Arrays.stream(KernelSource.values())
            .filter(s -> s.kernels().contains(kernel))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("there is no kernel " + kernel));
    byte[] cubin = compiler.cubin(source);
    CUmod_st module = new CUmod_st();
    try (BytePointer code = new BytePointer(cubin)) {
      CudaStatus.check(cuModuleLoadData(module, code), "loading " + source.file());
    }
    modules.add(module);
    for (String name : source.kernels()) {
      CUfunc_st function = new CUfunc_st();
      CudaStatus.check(cuModuleGetFunction(function, module, name), "looking for " + name);
      kernels.put(name, function);
    }
    return kernels.get(kernel);
  }
}
