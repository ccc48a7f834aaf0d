package io.github.lorascope.hub;

/** Watches a download. It is called by the thread that asked for the model. */
public interface DownloadListener {
  /** Watches nothing. */
  DownloadListener NONE = (done, total) -> {};

  /**
   * A download begins.
   *
   * @param model the model's name
   * @param done bytes that an earlier download left
   * @param total bytes of all files that are not in the cache
   */
  default void started(String model, long done, long total) {}

  /**
   * Bytes have come.
   *
   * @param done bytes that are there; fewer than before where a file has to begin again
   * @param total bytes of all files that were not in the cache
   */
  void received(long done, long total);

  /** The download is at its end, whole or not. */
  default void ended() {}
}
