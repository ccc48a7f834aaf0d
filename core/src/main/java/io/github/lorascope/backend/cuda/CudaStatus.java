package io.github.lorascope.backend.cuda;

import static org.bytedeco.cuda.global.cublas.CUBLAS_STATUS_ALLOC_FAILED;
import static org.bytedeco.cuda.global.cublas.CUBLAS_STATUS_SUCCESS;
import static org.bytedeco.cuda.global.cublas.cublasGetStatusString;
import static org.bytedeco.cuda.global.cudart.CUDA_ERROR_CONTEXT_IS_DESTROYED;
import static org.bytedeco.cuda.global.cudart.CUDA_ERROR_INVALID_CONTEXT;
import static org.bytedeco.cuda.global.cudart.CUDA_ERROR_OUT_OF_MEMORY;
import static org.bytedeco.cuda.global.cudart.CUDA_SUCCESS;
import static org.bytedeco.cuda.global.cudart.cuCtxSynchronize;
import static org.bytedeco.cuda.global.cudart.cuGetErrorName;

import io.github.lorascope.backend.BackendException;
import io.github.lorascope.tensor.MemoryCapException;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;

/** Turns the status of a call into an exception. */
final class CudaStatus {
  /** One for all devices, as a process has one context, which a fault takes from all of them. */
  private static final FirstFault FIRST = new FirstFault();

  private CudaStatus() {}

  /** Checks a call of the driver. */
  static void check(int status, String what) {
    if (status == CUDA_ERROR_OUT_OF_MEMORY) {
      throw usedUp(what);
    }
    if (status != CUDA_SUCCESS) {
      throw failed("CUDA reported " + name(status) + " while " + what);
    }
  }

  /** Checks a call of cuBLAS. */
  static void checkBlas(int status, String what) {
    if (status == CUBLAS_STATUS_ALLOC_FAILED) {
      throw usedUp(what);
    }
    if (status != CUBLAS_STATUS_SUCCESS) {
      String name = cublasGetStatusString(status).getString();
      throw failed("cuBLAS reported " + name + " while " + what);
    }
  }

  /** Begins anew, with a context that works. */
  static void opened() {
    FIRST.forget();
  }

  /** Asks the context whether the failure was a kernel's, which it does not outlive. */
  private static BackendException failed(String report) {
    int status = cuCtxSynchronize();
    boolean lasting =
        status != CUDA_SUCCESS
            && status != CUDA_ERROR_INVALID_CONTEXT
            && status != CUDA_ERROR_CONTEXT_IS_DESTROYED;
    String fault = name(status);
    boolean told = !lasting || report.contains(fault);
    return FIRST.after(told ? report : report + " (" + fault + ")", lasting);
  }

  private static MemoryCapException usedUp(String what) {
    return new MemoryCapException(
        "the GPU's memory is used up while "
            + what
            + ": use fewer or shorter pairs at once, 4-bit weights, or recompute activations; other"
            + " programs, which nvidia-smi lists, may hold the rest");
  }

  /** What the driver calls a status. */
  static String name(int status) {
    try (PointerPointer<BytePointer> name = new PointerPointer<>(1)) {
      return cuGetErrorName(status, name) == CUDA_SUCCESS
          ? name.get(BytePointer.class).getString()
          : "status " + status;
    }
  }
}
