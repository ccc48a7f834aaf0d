package io.github.lorascope.data;

import io.github.lorascope.io.Sha256;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/** Triples in memory, in the order of their file or list. Immutable and thread-safe. */
public final class Triples {
  private final String source;
  private final String name;
  private final List<Triple> list;
  private final String sha256;

  private Triples(Path file, List<Triple> triples) {
    this(file.toString(), file.getFileName().toString(), triples);
  }

  private Triples(String source, String name, List<Triple> triples) {
    this.source = source;
    this.name = name;
    this.list = List.copyOf(triples);
    this.sha256 = hash(list);
  }

  /**
   * Takes triples that are in memory.
   *
   * @param name what to call them where a run says what it was trained on
   * @param triples the triples, at least one
   * @return the triples
   * @throws IllegalArgumentException if there are none
   */
  public static Triples of(String name, List<Triple> triples) {
    Objects.requireNonNull(name, "name");
    requirePositive(triples.size());
    for (int i = 0; i < triples.size(); i++) {
      Objects.requireNonNull(triples.get(i), "triple " + i);
    }
    return new Triples(name, name, triples);
  }

  /**
   * Reads all triples of a file; see {@link TripleReader} for its form.
   *
   * @param file tab-separated triples, plain or gzip
   * @return the triples
   * @throws TriplesException when a line is no triple, or the file is missing, empty or damaged
   */
  public static Triples tsv(Path file) {
    return tsv(file, Integer.MAX_VALUE);
  }

  /**
   * Reads the first triples of a file and leaves the rest unread.
   *
   * @param file tab-separated triples, plain or gzip
   * @param limit how many at most, at least 1
   * @return the triples; fewer when the file has fewer
   * @throws TriplesException when a line is no triple, or the file is missing, empty or damaged
   */
  public static Triples tsv(Path file, int limit) {
    requirePositive(limit);
    List<Triple> triples = new ArrayList<>();
    try (TripleReader reader = TripleReader.open(file)) {
      while (triples.size() < limit) {
        Triple triple = reader.next();
        if (triple == null) {
          break;
        }
        triples.add(triple);
      }
    }
    return new Triples(file, triples);
  }

  /**
   * Draws a uniform sample from a file of any size in one pass (Vitter's algorithm R), holding no
   * more than the sample. The same file, size and seed give the same sample.
   *
   * @param file tab-separated triples, plain or gzip
   * @param size how many, at least 1
   * @param seed chooses them
   * @return the sample in the file's order; all triples when the file has no more than {@code size}
   * @throws TriplesException when a line is no triple, or the file is missing, empty or damaged
   */
  public static Triples sample(Path file, int size, long seed) {
    requirePositive(size);
    SeededRandom random = new SeededRandom(seed);
    List<Numbered> reservoir = new ArrayList<>();
    try (TripleReader reader = TripleReader.open(file)) {
      long number = 0;
      for (Triple triple = reader.next(); triple != null; triple = reader.next()) {
        Numbered numbered = new Numbered(number++, triple);
        if (reservoir.size() < size) {
          reservoir.add(numbered);
          continue;
        }
        long place = random.below(number);
        if (place < size) {
          reservoir.set((int) place, numbered);
        }
      }
    }
    reservoir.sort(Comparator.comparingLong(Numbered::number));
    return new Triples(file, reservoir.stream().map(Numbered::triple).toList());
  }

  private record Numbered(long number, Triple triple) {}

  private static void requirePositive(int count) {
    if (count < 1) {
      throw new IllegalArgumentException(count + " triples: give 1 or more");
    }
  }

  /**
   * Tells where the triples come from, for messages.
   *
   * @return the path of the file, or the name of those that were in memory
   */
  public String source() {
    return source;
  }

  /**
   * Tells what they are called.
   *
   * @return the file's name without its folder, or the name that was given
   */
  public String name() {
    return name;
  }

  /**
   * Gives the triples.
   *
   * @return the triples, in the order of their file or list, unmodifiable
   */
  public List<Triple> list() {
    return list;
  }

  /**
   * Counts the triples.
   *
   * @return how many there are, at least 1
   */
  public int size() {
    return list.size();
  }

  /**
   * Identifies the triples by content, whatever file they came in: SHA-256 of each one's three
   * fields in UTF-8, separated by tabs and ended by LF. That is the hash of the uncompressed file
   * when all of it was read and its lines end so. Texts in memory that have a tab or LF themselves
   * are told apart by their lengths, which then come first.
   *
   * @return the hash, 64 hexadecimal digits
   */
  public String sha256() {
    return sha256;
  }

  /**
   * Lays the triples out for evaluation: in the file's order, with the relevant passage as B (label
   * 1) and A (label 0) in turn, so that an answer that is always the same scores one half.
   *
   * @return an example a triple
   */
  public List<PairExample> evaluationPairs() {
    List<PairExample> pairs = new ArrayList<>(size());
    for (int i = 0; i < size(); i++) {
      pairs.add(list.get(i).asPair(i % 2 == 0 ? 1 : 0));
    }
    return List.copyOf(pairs);
  }

  private static String hash(List<Triple> triples) {
    MessageDigest digest = Sha256.begin();
    for (Triple triple : triples) {
      digest.update(line(triple).getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static String line(Triple triple) {
    List<String> fields = List.of(triple.query(), triple.positive(), triple.negative());
    String line = String.join("\t", fields) + "\n";
    boolean plain = fields.stream().noneMatch(f -> f.indexOf('\t') >= 0 || f.indexOf('\n') >= 0);
    return plain ? line : triple.query().length() + "," + triple.positive().length() + "\t" + line;
  }
}
