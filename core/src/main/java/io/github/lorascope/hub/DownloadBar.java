package io.github.lorascope.hub;

import io.github.lorascope.io.StatusLine;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/** Shows a download as one line: the share that is there, its rate, and the time left. */
final class DownloadBar implements DownloadListener {
  private static final double MEGABYTE = 1e6;
  private static final double GIGABYTE = 1e9;
  private static final double SECOND = 1e9;

  private final StatusLine line;
  private final LongSupplier nanos;
  private String model = "";
  private long begun;
  private long before;

  DownloadBar(PrintStream out, boolean terminal, LongSupplier nanos) {
    this.line = new StatusLine(out, terminal);
    this.nanos = nanos;
  }

  @Override
  public void started(String name, long done, long total) {
    model = name;
    before = done;
    begun = nanos.getAsLong();
    line.restart();
  }

  @Override
  public void received(long done, long total) {
    before = Math.min(before, done); // a file that began again brought nothing
    double rate = (done - before) / Math.max((nanos.getAsLong() - begun) / SECOND, 1e-3);
    String text =
        String.format(
            Locale.ROOT,
            "%s %s %s/%s  %.1f MB/s%s",
            model,
            StatusLine.bar((double) done / total),
            size(done),
            size(total),
            rate / MEGABYTE,
            left(total - done, rate));
    line.show(text, done == total);
  }

  private static String left(long bytes, double rate) {
    if (rate <= 0) {
      return "";
    }
    long seconds = Math.round(bytes / rate);
    return String.format(Locale.ROOT, "  %d:%02d left", seconds / 60, seconds % 60);
  }

  private static String size(long bytes) {
    return bytes < GIGABYTE
        ? String.format(Locale.ROOT, "%.1f MB", bytes / MEGABYTE)
        : String.format(Locale.ROOT, "%.2f GB", bytes / GIGABYTE);
  }

  @Override
  public void ended() {
    line.clear();
  }
}
