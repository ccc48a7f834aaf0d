package io.github.lorascope.metric;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How good a ranking is, by trec_eval's formulas and under its names: {@code map}, {@code
 * recip_rank}, {@code ndcg}, and with a cut after k documents {@code P_k}, {@code recall_k}, {@code
 * success_k}, {@code ndcg_cut_k}. {@code recip_rank_cut_k} is MRR@k, which trec_eval lacks: {@code
 * recip_rank} of the first k documents alone.
 *
 * <p>The gain of a document is its level of relevance, discounted by log2(rank + 1) (K. Järvelin
 * and J. Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002); the ideal ranking
 * has all judged documents, cut at k for a cut. A query without relevant documents has 0 in every
 * measure.
 */
public final class RankingMeasure {
  private static final Pattern CUT = Pattern.compile("(.+?)_([1-9][0-9]{0,8})");

  private final Kind kind;
  private final int cut;

  private RankingMeasure(Kind kind, int cut) {
    this.kind = kind;
    this.cut = cut;
  }

  private enum Kind {
    MAP("map", false) {
      @Override
      double of(JudgedRanking ranking, int k) {
        double sum = 0;
        int found = 0;
        for (int i = 0; i < ranking.size(); i++) {
          if (ranking.isRelevant(i)) {
            sum += ++found / (i + 1.0);
          }
        }
        return share(sum, ranking.relevant());
      }
    },
    RECIPROCAL_RANK("recip_rank", false) {
      @Override
      double of(JudgedRanking ranking, int k) {
        return reciprocalRank(ranking, ranking.size());
      }
    },
    CUT_RECIPROCAL_RANK("recip_rank_cut", true) {
      @Override
      double of(JudgedRanking ranking, int k) {
        return reciprocalRank(ranking, k);
      }
    },
    PRECISION("P", true) {
      @Override
      double of(JudgedRanking ranking, int k) {
        return (double) ranking.relevantAmong(k) / k;
      }
    },
    RECALL("recall", true) {
      @Override
      double of(JudgedRanking ranking, int k) {
        return share(ranking.relevantAmong(k), ranking.relevant());
      }
    },
    SUCCESS("success", true) {
      @Override
      double of(JudgedRanking ranking, int k) {
        return ranking.relevantAmong(k) > 0 ? 1 : 0;
      }
    },
    NDCG("ndcg", false) {
      @Override
      double of(JudgedRanking ranking, int k) {
        return share(ranking.gain(Integer.MAX_VALUE), ranking.idealGain(Integer.MAX_VALUE));
      }
    },
    CUT_NDCG("ndcg_cut", true) {
      @Override
      double of(JudgedRanking ranking, int k) {
        return share(ranking.gain(k), ranking.idealGain(k));
      }
    };

    private final String label;
    private final boolean hasCut;

    Kind(String label, boolean hasCut) {
      this.label = label;
      this.hasCut = hasCut;
    }

    /** Measures a ranking; k is the cut, which kinds without one ignore. */
    abstract double of(JudgedRanking ranking, int k);

    private static double reciprocalRank(JudgedRanking ranking, int first) {
      for (int i = 0; i < Math.min(first, ranking.size()); i++) {
        if (ranking.isRelevant(i)) {
          return 1 / (i + 1.0);
        }
      }
      return 0;
    }

    private static double share(double part, double whole) {
      return whole == 0 ? 0 : part / whole;
    }
  }

  /**
   * Finds a measure.
   *
   * @param name its name, such as {@code ndcg_cut_10}
   * @return the measure
   * @throws IllegalArgumentException if there is none of that name
   */
  public static RankingMeasure of(String name) {
    for (Kind kind : Kind.values()) {
      if (!kind.hasCut && kind.label.equals(name)) {
        return new RankingMeasure(kind, 0);
      }
    }
    Matcher cut = CUT.matcher(name);
    if (cut.matches()) {
      for (Kind kind : Kind.values()) {
        if (kind.hasCut && kind.label.equals(cut.group(1))) {
          return new RankingMeasure(kind, Integer.parseInt(cut.group(2)));
        }
      }
    }
    throw new IllegalArgumentException(
        "there is no measure "
            + name
            + "; there are "
            + Arrays.stream(Kind.values())
                .map(kind -> kind.hasCut ? kind.label + "_k" : kind.label)
                .collect(Collectors.joining(", "))
            + ", with a number of documents for k");
  }

  /**
   * Finds several measures.
   *
   * @param names their names
   * @return the measures, in that order
   * @throws IllegalArgumentException if there is none of one of the names, or no name
   */
  public static List<RankingMeasure> of(List<String> names) {
    if (names.isEmpty()) {
      throw new IllegalArgumentException("no measure is named; give one, such as ndcg_cut_10");
    }
    return names.stream().map(RankingMeasure::of).toList();
  }

  /**
   * Returns the name.
   *
   * @return trec_eval's name, such as {@code ndcg_cut_10}
   */
  public String name() {
    return kind.hasCut ? kind.label + "_" + cut : kind.label;
  }

  /**
   * Measures a ranking.
   *
   * @param ranking what was retrieved and judged for a query
   * @return the value, from 0 to 1
   */
  public double of(JudgedRanking ranking) {
    return kind.of(ranking, cut);
  }

  @Override
  public String toString() {
    return name();
  }
}
