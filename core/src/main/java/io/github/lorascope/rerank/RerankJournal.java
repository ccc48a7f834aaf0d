package io.github.lorascope.rerank;

import io.github.lorascope.io.FileReadException;
import io.github.lorascope.io.FileWriteException;
import io.github.lorascope.io.Folders;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonException;
import io.github.lorascope.json.JsonObject;
import io.github.lorascope.trec.QueryRanking;
import io.github.lorascope.trec.ScoredDocument;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The queries that are reranked, as JSON Lines beside the run that they will make: first what they
 * were reranked with, then a line a query. A line that a killed process left unfinished is cut off,
 * and without a query there is nothing to go on with: the file is begun anew.
 */
final class RerankJournal implements AutoCloseable {
  /** What every journal names the first stage by. */
  static final String RUN = "run_sha256";

  private static final int SHOWN = 80;
  private static final int MAX_SETTINGS_BYTES = 16 << 20;

  private final Path file;
  private final FileChannel channel;
  private boolean isEmpty;

  private RerankJournal(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** Goes on with a file, or begins it; what it was begun with must be the same. */
  static RerankJournal open(Path file, Map<String, String> settings) {
    FileChannel channel = null;
    try {
      Folders.create(file.toAbsolutePath().getParent());
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      lock(file, channel);
      requireOurs(file, channel, settings);
      channel.truncate(wholeLines(channel));
      channel.position(channel.size());
      RerankJournal journal = new RerankJournal(file, channel);
      journal.isEmpty = journal.queries().isEmpty();
      if (journal.isEmpty) {
        channel.truncate(0);
        journal.write(new TreeMap<>(settings));
      } else {
        journal.requireSame(settings);
      }
      return journal;
    } catch (IOException e) {
      close(channel, e);
      throw failed(file, e);
    } catch (RuntimeException e) {
      close(channel, e);
      throw e;
    }
  }

  private static void lock(Path file, FileChannel channel) throws IOException {
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      throw new ResumeException(
          file + " is being written by another reranking; wait for it, or give another output");
    }
  }

  /** What another program has written is neither cut nor emptied. */
  private static void requireOurs(Path file, FileChannel channel, Map<String, String> settings)
      throws IOException {
    channel.position(0);
    byte[] bytes = Channels.newInputStream(channel).readNBytes(MAX_SETTINGS_BYTES);
    String start = new String(bytes, StandardCharsets.UTF_8);
    int end = start.indexOf('\n');
    boolean isOurs = end < 0 ? isBegun(start, settings) : areSettings(start.substring(0, end));
    if (!isOurs) {
      throw new ResumeException(
          file + " is not what a reranking has left; move it away, or give another output");
    }
  }

  /** A killed process may have left any part of the first line. */
  private static boolean isBegun(String start, Map<String, String> settings) {
    String line = Json.write(new TreeMap<>(settings));
    String head = line.substring(0, line.indexOf(':') + 1);
    return start.startsWith(head) || head.startsWith(start);
  }

  private static boolean areSettings(String line) {
    try {
      return Json.parse(line, "the first line").texts().containsKey(RUN);
    } catch (JsonException e) {
      return false;
    }
  }

  private static void close(FileChannel channel, Exception reason) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
  }

  /** Counts the bytes up to the last line's end. */
  private static long wholeLines(FileChannel channel) throws IOException {
    ByteBuffer block = ByteBuffer.allocate(1 << 13);
    for (long end = channel.size(); end > 0; ) {
      long start = Math.max(0, end - block.capacity());
      block.clear().limit((int) (end - start));
      while (block.hasRemaining() && channel.read(block, start + block.position()) >= 0) {}
      for (int i = block.position() - 1; i >= 0; i--) {
        if (block.get(i) == '\n') {
          return start + i + 1;
        }
      }
      end = start;
    }
    return 0;
  }

  private void requireSame(Map<String, String> settings) {
    Map<String, String> kept = new LinkedHashMap<>();
    read((number, json) -> kept.putAll(number == 1 ? json.texts() : Map.of()));
    Map<String, String> before = ModelIdentity.completed(kept, settings);
    Map<String, String> all = new TreeMap<>(before);
    all.putAll(settings);
    for (String name : all.keySet()) {
      String was = before.get(name);
      String is = settings.get(name);
      if (was == null || !was.equals(is)) {
        throw new ResumeException(
            file
                + " was begun with "
                + name
                + " = "
                + shown(was)
                + ", which is "
                + shown(is)
                + " now; go on with what it was begun with, or remove it to start anew");
      }
    }
  }

  private static String shown(String value) {
    String text = value == null ? "nothing" : value.replaceAll("\\s+", " ");
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
  }

  /** What is done with a line. */
  private interface LineUse {
    void accept(long number, JsonObject line);
  }

  /** Reads through the channel: closing another one of the file would end the lock on it. */
  private void read(LineUse use) {
    try {
      channel.position(0);
      InputStream bytes = Channels.newInputStream(channel);
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(bytes, StandardCharsets.UTF_8.newDecoder()));
      long number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        use.accept(number, Json.parse(line, file + ", line " + number));
      }
      channel.position(channel.size());
    } catch (JsonException e) {
      throw new ResumeException(e.getMessage() + "; remove the file to start anew", e);
    } catch (CharacterCodingException e) {
      throw new ResumeException(file + " is not UTF-8; remove the file to start anew", e);
    } catch (IOException e) {
      throw new FileReadException("Cannot read " + file + ": " + e, e);
    }
  }

  /** The queries that are reranked, each with its first documents in their new order. */
  List<RerankedQuery> queries() {
    List<RerankedQuery> queries = new ArrayList<>();
    read(
        (number, line) -> {
          if (number > 1) {
            queries.add(query(line));
          }
        });
    return queries;
  }

  private static RerankedQuery query(JsonObject line) {
    List<String> ids = line.strings("documents");
    List<Double> scores = line.numbers("scores");
    if (ids.size() != scores.size()) {
      throw new JsonException(
          line.source() + " has " + ids.size() + " documents and " + scores.size() + " scores");
    }
    List<ScoredDocument> documents = new ArrayList<>();
    for (int i = 0; i < ids.size(); i++) {
      documents.add(new ScoredDocument(ids.get(i), scores.get(i).floatValue()));
    }
    return new RerankedQuery(
        new QueryRanking(line.string("query"), documents),
        line.integer("asked"),
        line.bool("complete"));
  }

  /** Adds a query, so that it outlasts whatever happens to the process or the machine. */
  void append(RerankedQuery query) {
    QueryRanking ranking = query.ranking();
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("query", ranking.query());
    line.put("documents", ranking.documents().stream().map(ScoredDocument::id).toList());
    line.put("scores", ranking.documents().stream().map(ScoredDocument::score).toList());
    line.put("asked", query.asked());
    line.put("complete", query.complete());
    write(line);
    isEmpty = false;
  }

  private void write(Map<String, ?> line) {
    ByteBuffer bytes = ByteBuffer.wrap((Json.write(line) + "\n").getBytes(StandardCharsets.UTF_8));
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(false);
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  /** The run is written: there is nothing left to go on with. */
  void finish() {
    isEmpty = true;
  }

  private static FileWriteException failed(Path file, IOException e) {
    return new FileWriteException("Cannot write " + file + ": " + e, e);
  }

  /** Leaves no file without a query. */
  @Override
  public void close() {
    try {
      channel.close();
      if (isEmpty) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw failed(file, e);
    }
  }
}
