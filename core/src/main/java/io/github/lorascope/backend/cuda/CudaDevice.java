package io.github.lorascope.backend.cuda;

import static org.bytedeco.cuda.global.cublas.CUBLAS_COMPUTE_32F;
import static org.bytedeco.cuda.global.cublas.CUBLAS_GEMM_DEFAULT;
import static org.bytedeco.cuda.global.cublas.CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION;
import static org.bytedeco.cuda.global.cublas.CUBLAS_OP_N;
import static org.bytedeco.cuda.global.cublas.CUBLAS_OP_T;
import static org.bytedeco.cuda.global.cublas.cublasCreate_v2;
import static org.bytedeco.cuda.global.cublas.cublasDestroy_v2;
import static org.bytedeco.cuda.global.cublas.cublasGemmEx;
import static org.bytedeco.cuda.global.cublas.cublasSetMathMode;
import static org.bytedeco.cuda.global.cublas.cublasSetStream_v2;
import static org.bytedeco.cuda.global.cublas.cublasSetWorkspace_v2;
import static org.bytedeco.cuda.global.cudart.CUDA_R_16BF;
import static org.bytedeco.cuda.global.cudart.CUDA_R_32F;
import static org.bytedeco.cuda.global.cudart.CUDA_SUCCESS;
import static org.bytedeco.cuda.global.cudart.CU_STREAM_NON_BLOCKING;
import static org.bytedeco.cuda.global.cudart.cuCtxPopCurrent;
import static org.bytedeco.cuda.global.cudart.cuCtxPushCurrent;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetName;
import static org.bytedeco.cuda.global.cudart.cuDevicePrimaryCtxRelease;
import static org.bytedeco.cuda.global.cudart.cuDevicePrimaryCtxRetain;
import static org.bytedeco.cuda.global.cudart.cuMemGetInfo;
import static org.bytedeco.cuda.global.cudart.cuStreamCreate;
import static org.bytedeco.cuda.global.cudart.cuStreamDestroy;
import static org.bytedeco.cuda.global.cudart.cuStreamSynchronize;

import io.github.lorascope.LorascopeException;
import io.github.lorascope.backend.BackendException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import org.bytedeco.cuda.cublas.cublasContext;
import org.bytedeco.cuda.cudart.CUctx_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * The first GPU that the driver offers, through the driver's API: one stream, on which everything
 * runs in order, copies included.
 */
final class CudaDevice implements Device {
  private static final int ORDINAL = 0;

  /** Left to the driver: the kernels' code, and what pools of memory lose between allocations. */
  private static final long RESERVE = 512L << 20;

  private final int architecture;
  private final CUctx_st context = new CUctx_st();
  private final CUstream_st stream = new CUstream_st();
  private final cublasContext blas = new cublasContext();
  private final CUctx_st left = new CUctx_st();
  private final FloatPointer alpha = number();
  private final FloatPointer beta = number();
  private final CudaKernels kernels;
  private final CudaMemory pool = new CudaMemory(stream);
  private final Staging staging = new Staging(stream);
  private final long memory;
  private long workspaceAddress;
  private boolean closed;

  /**
   * Opens the device; {@link CudaLibraries} must have found no obstacle.
   *
   * @throws BackendException if the GPU or its memory is not to be had
   */
  CudaDevice() {
    architecture = CudaLibraries.architecture(ORDINAL);
    kernels = new CudaKernels(new KernelCompiler(KernelCache.ofUser(), architecture));
    boolean done = false;
    try {
      memory = open();
      CudaStatus.opened();
      done = true;
    } catch (LorascopeException e) {
      throw new BackendException("the GPU cannot be opened: " + e.getMessage(), e);
    } finally {
      if (!done) {
        close();
      }
    }
  }

  /** Returns how much memory may be taken. */
  private long open() {
    CudaStatus.check(cuDevicePrimaryCtxRetain(context, ORDINAL), "asking for its context");
    CudaStatus.check(cuCtxPushCurrent(context), "entering its context");
    try {
      return openInContext();
    } finally {
      leave(true);
    }
  }

  private long openInContext() {
    CudaStatus.check(cuStreamCreate(stream, CU_STREAM_NON_BLOCKING), "making a stream");
    pool.open(ORDINAL);
    staging.open();
    CudaStatus.checkBlas(cublasCreate_v2(blas), "starting");
    CudaStatus.checkBlas(cublasSetStream_v2(blas, stream), "starting");
    // Parts of a product that are added up in bfloat16 would round more than its result does.
    CudaStatus.checkBlas(
        cublasSetMathMode(blas, CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION), "starting");
    // One of its own would depend on what else cuBLAS does, and its results with it. Asked for
    // before the free memory is counted, and after the stream is set, which takes it away.
    long workspace = architecture >= 90 ? 32L << 20 : 8L << 20;
    workspaceAddress = pool.take(workspace);
    CudaStatus.checkBlas(
        cublasSetWorkspace_v2(blas, new At(workspaceAddress), workspace), "starting");
    long free = freeMemory();
    if (free <= RESERVE) {
      throw new BackendException(
          String.format(
              Locale.ROOT,
              "%,.1f MB of its memory are free, and the backend leaves %,.1f MB to the driver: end"
                  + " other programs on it, which nvidia-smi lists",
              free / 1e6,
              RESERVE / 1e6));
    }
    return free - RESERVE;
  }

  private static long freeMemory() {
    try (SizeTPointer free = new SizeTPointer(1);
        SizeTPointer total = new SizeTPointer(1)) {
      CudaStatus.check(cuMemGetInfo(free, total), "asking for its free memory");
      return free.get();
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
    long[] address = new long[1];
    inContext(() -> address[0] = pool.take(bytes));
    return address[0];
  }

  @Override
  public synchronized void free(long address) {
    if (!closed) {
      boolean entered = cuCtxPushCurrent(context) == CUDA_SUCCESS;
      pool.give(address);
      leave(entered);
    }
  }

  @Override
  public synchronized void write(long address, ByteBuffer source) {
    inContext(() -> staging.write(address, source));
  }

  @Override
  public synchronized void read(long address, ByteBuffer target) {
    inContext(() -> staging.read(address, target));
  }

  @Override
  public synchronized void launch(String kernel, Grid grid, int sharedBytes, long[] arguments) {
    inContext(() -> kernels.launch(kernel, grid, sharedBytes, arguments, stream));
  }

  /** cuBLAS counts columns first, so it is asked for c^T = b^T a^T. */
  @Override
  public synchronized void multiply(Product product) {
    inContext(() -> CudaStatus.checkBlas(gemm(product), "multiplying"));
  }

  private int gemm(Product product) {
    Operand a = product.a();
    Operand b = product.b();
    return cublasGemmEx(
        blas,
        b.transposed() ? CUBLAS_OP_T : CUBLAS_OP_N,
        a.transposed() ? CUBLAS_OP_T : CUBLAS_OP_N,
        product.columns(),
        product.rows(),
        product.inner(),
        alpha.put(product.alpha()),
        new At(b.address()),
        type(b),
        b.stride(),
        new At(a.address()),
        type(a),
        a.stride(),
        beta.put(product.beta()),
        new At(product.c().address()),
        type(product.c()),
        product.c().stride(),
        CUBLAS_COMPUTE_32F,
        CUBLAS_GEMM_DEFAULT);
  }

  private static int type(Operand operand) {
    return operand.bf16() ? CUDA_R_16BF : CUDA_R_32F;
  }

  /** What the driver reports now helps nobody, least of all where it only repeats a failure. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (context.isNull()) {
      return;
    }
    boolean entered = cuCtxPushCurrent(context) == CUDA_SUCCESS;
    if (!blas.isNull()) {
      cublasDestroy_v2(blas);
    }
    if (workspaceAddress != 0) {
      pool.give(workspaceAddress);
    }
    if (!stream.isNull()) {
      cuStreamSynchronize(stream);
    }
    kernels.unload();
    staging.close();
    pool.close();
    if (!stream.isNull()) {
      cuStreamDestroy(stream);
    }
    leave(entered);
    cuDevicePrimaryCtxRelease(ORDINAL);
  }

  /** An address on the device, which nothing on the host may free. */
  private static final class At extends Pointer {
    At(long address) {
      super((Pointer) null);
      this.address = address;
    }
  }

  /**
   * Threads of any caller may come, virtual ones on any thread of the system, and other libraries
   * may be at work on them in contexts of their own, to which they return. It costs far less than a
   * launch.
   */
  private void inContext(Runnable call) {
    if (closed) {
      throw new IllegalStateException("the cuda backend is closed");
    }
    CudaStatus.check(cuCtxPushCurrent(context), "entering the GPU");
    try {
      call.run();
    } finally {
      leave(true);
    }
  }

  private void leave(boolean entered) {
    if (entered) {
      cuCtxPopCurrent(left);
    }
  }

  /** Room for a number, which a {@code PointerScope} of the caller does not free. */
  private static FloatPointer number() {
    ByteBuffer room = ByteBuffer.allocateDirect(Float.BYTES).order(ByteOrder.nativeOrder());
    return new FloatPointer(room.asFloatBuffer());
  }
}
