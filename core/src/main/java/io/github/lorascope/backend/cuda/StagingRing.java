package io.github.lorascope.backend.cuda;

/**
 * Shares out staging memory for copies to and from a device, so that the host seldom waits for one.
 * The memory is a ring of segments. Copies take their bytes from a segment until it is used up;
 * then the place in the device's order of work is marked, and the segment is written again only
 * once the device has passed that mark. One thread at a time.
 */
final class StagingRing {
  /** Places in the device's order of work, one a segment. */
  interface Marks {
    /** Marks the end of the work asked for so far. */
    void set(int segment);

    /** Waits until the device has passed the mark. */
    void await(int segment);
  }

  /** No two copies share a line of the processor's cache. */
  private static final int ALIGNMENT = 64;

  private final int segments;
  private final int size;
  private final Marks marks;
  private int segment;
  private int used;
  private boolean everyOneMarked;
  private int offset;

  /**
   * Creates a ring.
   *
   * @param segments how many segments
   * @param size bytes of each
   * @param marks what the device has done
   */
  StagingRing(int segments, int size, Marks marks) {
    this.segments = segments;
    this.size = size;
    this.marks = marks;
  }

  /**
   * Takes bytes for a copy, which the device must have been asked for before the next are taken.
   *
   * @param wanted how many, at least 1
   * @return how many there are at {@link #offset}, at most those wanted
   */
  int take(int wanted) {
    if (used >= size) {
      next();
    }
    offset = segment * size + used;
    int taken = Math.min(wanted, size - used);
    used += (taken + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return taken;
  }

  /** Where the bytes taken last begin. */
  int offset() {
    return offset;
  }

  private void next() {
    marks.set(segment);
    segment = (segment + 1) % segments;
    used = 0;
    everyOneMarked |= segment == 0;
    if (everyOneMarked) {
      marks.await(segment);
    }
  }
}
