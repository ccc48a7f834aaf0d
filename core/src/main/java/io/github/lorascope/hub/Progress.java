package io.github.lorascope.hub;

/** Adds up over the files of a download what its listener is told. */
final class Progress {
  private final DownloadListener listener;
  private final long total;
  private long finished;
  private long told = -1;

  Progress(DownloadListener listener, long total) {
    this.listener = listener;
    this.total = total;
  }

  /** Some bytes of the file that comes now are there. */
  void at(long bytes) {
    long done = finished + bytes;
    if (done != told) {
      told = done;
      listener.received(done, total);
    }
  }

  /** A file is there. */
  void finished(ListedFile file) {
    finished += file.size();
    at(0);
  }
}
