package io.github.lorascope.backend.cuda;

import static org.bytedeco.cuda.global.cudart.CUDA_SUCCESS;
import static org.bytedeco.cuda.global.cudart.CU_EVENT_DISABLE_TIMING;
import static org.bytedeco.cuda.global.cudart.cuEventCreate;
import static org.bytedeco.cuda.global.cudart.cuEventRecord;
import static org.bytedeco.cuda.global.cudart.cuEventSynchronize;
import static org.bytedeco.cuda.global.cudart.cuMemFreeHost;
import static org.bytedeco.cuda.global.cudart.cuMemHostAlloc;
import static org.bytedeco.cuda.global.cudart.cuMemcpyDtoHAsync;
import static org.bytedeco.cuda.global.cudart.cuMemcpyHtoDAsync;
import static org.bytedeco.cuda.global.cudart.cuStreamSynchronize;

import io.github.lorascope.backend.BackendException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Copies between the host and the device through pinned memory: what is written waits for no work
 * on the device, a large weight is copied on while its next part is fetched, and what is read is
 * there on return. One thread at a time.
 */
final class Staging implements StagingRing.Marks {
  private static final int SEGMENTS = 4;
  private static final int SEGMENT = 4 << 20;

  private final CUstream_st stream;
  private final BytePointer memory = new BytePointer((Pointer) null);
  private final List<CUevent_st> events = new ArrayList<>();
  private final StagingRing ring = new StagingRing(SEGMENTS, SEGMENT, this);
  private ByteBuffer bytes;

  /** Creates it without memory; see {@link #open}. */
  Staging(CUstream_st stream) {
    this.stream = stream;
  }

  /** Takes the memory; what was taken before a failure is given back by {@link #close}. */
  void open() {
    int size = SEGMENTS * SEGMENT;
    int status = cuMemHostAlloc(memory, size, 0);
    if (status != CUDA_SUCCESS) {
      throw new BackendException(
          String.format(
              Locale.ROOT,
              "%,.1f MB of the host's memory cannot be pinned for copies (%s): free memory, or allow"
                  + " more to be locked (ulimit -l)",
              size / 1e6,
              CudaStatus.name(status)));
    }
    bytes = memory.capacity(size).asByteBuffer();
    for (int i = 0; i < SEGMENTS; i++) {
      CUevent_st event = new CUevent_st();
      CudaStatus.check(cuEventCreate(event, CU_EVENT_DISABLE_TIMING), "making an event");
      events.add(event);
    }
  }

  /** Copies bytes from position to limit to the device. */
  void write(long address, ByteBuffer source) {
    int size = source.remaining();
    int done = 0;
    while (done < size) {
      int part = ring.take(size - done);
      bytes.put(ring.offset(), source, source.position() + done, part);
      CudaStatus.check(
          cuMemcpyHtoDAsync(address + done, memory.position(ring.offset()), part, stream),
          "copying to the GPU");
      done += part;
    }
  }

  /** Copies bytes from the device until the buffer is full. */
  void read(long address, ByteBuffer target) {
    long at = address;
    while (target.hasRemaining()) {
      int part = ring.take(target.remaining());
      CudaStatus.check(
          cuMemcpyDtoHAsync(memory.position(ring.offset()), at, part, stream),
          "copying from the GPU");
      CudaStatus.check(cuStreamSynchronize(stream), "copying from the GPU");
      target.put(bytes.slice(ring.offset(), part));
      at += part;
    }
  }

  @Override
  public void set(int segment) {
    CudaStatus.check(cuEventRecord(events.get(segment), stream), "copying to the GPU");
  }

  @Override
  public void await(int segment) {
    CudaStatus.check(cuEventSynchronize(events.get(segment)), "copying to the GPU");
  }

  /**
   * Gives the memory back, once the stream has nothing to do; what the driver says helps nobody.
   */
  void close() {
    events.forEach(org.bytedeco.cuda.global.cudart::cuEventDestroy);
    events.clear();
    if (!memory.isNull()) {
      cuMemFreeHost(memory.position(0));
      memory.setNull();
    }
  }
}
