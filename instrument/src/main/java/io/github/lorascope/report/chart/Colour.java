package io.github.lorascope.report.chart;

/** Colours by what they stand for. Their values, light and dark, are in the page's style. */
public final class Colour {
  /** What was before the training. */
  public static final String BEFORE = "c:before";

  /** What is after it, and any series alone. */
  public static final String AFTER = "c:after";

  /** A control. */
  public static final String CONTROL = "c:control";

  /** What is not of the foreground. */
  public static final String SOFT = "c:soft";

  /** How many there are of {@link #of(int)} before they repeat. */
  private static final int PALETTE = 7;

  private Colour() {}

  /**
   * A colour of the palette that the colour-blind can tell apart (M. Okabe and K. Ito, "Color
   * universal design", 2002).
   *
   * @param index from 0
   * @return its name
   */
  public static String of(int index) {
    return "c:" + index % PALETTE;
  }
}
