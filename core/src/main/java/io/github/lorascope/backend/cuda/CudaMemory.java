package io.github.lorascope.backend.cuda;

import static org.bytedeco.cuda.global.cudart.CUDA_ERROR_OUT_OF_MEMORY;
import static org.bytedeco.cuda.global.cudart.CUDA_SUCCESS;
import static org.bytedeco.cuda.global.cudart.CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
import static org.bytedeco.cuda.global.cudart.CU_MEM_ALLOCATION_TYPE_PINNED;
import static org.bytedeco.cuda.global.cudart.CU_MEM_LOCATION_TYPE_DEVICE;
import static org.bytedeco.cuda.global.cudart.cuMemAllocFromPoolAsync;
import static org.bytedeco.cuda.global.cudart.cuMemFreeAsync;
import static org.bytedeco.cuda.global.cudart.cuMemPoolCreate;
import static org.bytedeco.cuda.global.cudart.cuMemPoolDestroy;
import static org.bytedeco.cuda.global.cudart.cuMemPoolSetAttribute;
import static org.bytedeco.cuda.global.cudart.cuMemPoolTrimTo;
import static org.bytedeco.cuda.global.cudart.cuStreamSynchronize;

import java.util.Locale;
import org.bytedeco.cuda.cudart.CUmemPoolHandle_st;
import org.bytedeco.cuda.cudart.CUmemPoolProps_v1;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Memory of the device, taken and given back in the order of a stream. What is given back stays in
 * a pool for whoever asks next; the pool is not the driver's default one, which other libraries of
 * the same process use and set up as they like. One thread at a time.
 */
final class CudaMemory {
  private final CUstream_st stream;
  private final CUmemPoolHandle_st pool = new CUmemPoolHandle_st();

  /** Creates it without a pool; see {@link #open}. */
  CudaMemory(CUstream_st stream) {
    this.stream = stream;
  }

  /** Makes the pool of a device. */
  void open(int ordinal) {
    try (CUmemPoolProps_v1 properties = new CUmemPoolProps_v1();
        LongPointer everything = new LongPointer(1)) {
      Pointer.memset(properties, 0, properties.sizeof()); // as the driver wants what it reserves
      properties.allocType(CU_MEM_ALLOCATION_TYPE_PINNED);
      properties.location().type(CU_MEM_LOCATION_TYPE_DEVICE).id(ordinal);
      CudaStatus.check(cuMemPoolCreate(pool, properties), "making a pool of memory");
      everything.put(-1L);
      CudaStatus.check(
          cuMemPoolSetAttribute(pool, CU_MEMPOOL_ATTR_RELEASE_THRESHOLD, everything),
          "making a pool of memory");
    }
  }

  /**
   * Takes memory, aligned to at least 256 bytes; where none is left, once more after what the pool
   * holds in pieces has gone back to the driver.
   */
  long take(long bytes) {
    long[] address = new long[1];
    int status = cuMemAllocFromPoolAsync(address, bytes, pool, stream);
    if (status == CUDA_ERROR_OUT_OF_MEMORY) {
      cuStreamSynchronize(stream);
      cuMemPoolTrimTo(pool, 0);
      status = cuMemAllocFromPoolAsync(address, bytes, pool, stream);
    }
    if (status != CUDA_SUCCESS) {
      CudaStatus.check(status, String.format(Locale.ROOT, "taking %,.1f MB", bytes / 1e6));
    }
    return address[0];
  }

  /**
   * Gives memory back. What the driver reports is not looked at: after an error every call fails,
   * and what caused it has been said and must not be hidden.
   */
  void give(long address) {
    cuMemFreeAsync(address, stream);
  }

  /** Gives the pool back. */
  void close() {
    if (!pool.isNull()) {
      cuMemPoolDestroy(pool);
      pool.setNull();
    }
  }
}
