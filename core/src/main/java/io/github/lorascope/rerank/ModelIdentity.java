package io.github.lorascope.rerank;

import io.github.lorascope.decoder.Adapter;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.io.FileReadException;
import io.github.lorascope.io.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Says which model numbers come from, so that they are gone on with by the same one. */
public final class ModelIdentity {
  /** What the hash of an adapter's numbers is called. */
  public static final String ADAPTER = "adapter_sha256";

  /** What the hash of a sample of a model's files is called. */
  public static final String SAMPLE = "model_sample_sha256";

  private static final String NAME = "model";
  private static final String REVISION = "model_revision";
  private static final Set<String> BESIDE_WEIGHTS = Set.of("config.json", "tokenizer.json");
  private static final int BLOCK = 1 << 16;
  private static final int BLOCKS = 256;

  private ModelIdentity() {}

  /**
   * Describes a model by its name, by its commit if it is one of the hub, and by a hash of the
   * sizes and of a sample of its files, which tells models apart that lie in folders of the same
   * name without reading all of them.
   *
   * @param decoder the model
   * @return values by name: {@code model}, {@code model_revision} and {@code model_sample_sha256},
   *     as far as there are any
   * @throws FileReadException if a file of the model cannot be read
   */
  public static Map<String, String> of(Decoder decoder) {
    Map<String, String> values = new TreeMap<>();
    values.put(NAME, decoder.name().orElse("random"));
    decoder.revision().ifPresent(commit -> values.put(REVISION, commit));
    decoder.folder().ifPresent(path -> values.put(SAMPLE, sample(path)));
    return values;
  }

  /**
   * Describes what a reranker asks with: its model, and a hash of the adapter's numbers.
   *
   * @param reranker the reranker
   * @return what {@link #of(Decoder)} gives, and {@code adapter_sha256}
   * @throws FileReadException if a file of the model cannot be read
   */
  public static Map<String, String> of(Reranker reranker) {
    Map<String, String> values = of(reranker.decoder());
    values.put(ADAPTER, reranker.adapter().map(Adapter::sha256).orElse("none"));
    return values;
  }

  /**
   * Completes settings that were kept by a version that did not identify models, so that what was
   * begun then can be gone on with.
   *
   * @param kept the settings from then
   * @param now the settings to compare them with
   * @return those from then, with what they do not say of the model taken from those of now; as
   *     they are if they identify a model
   */
  public static Map<String, String> completed(Map<String, String> kept, Map<String, String> now) {
    Map<String, String> values = new TreeMap<>(kept);
    if (!kept.containsKey(SAMPLE)) {
      for (String name : List.of(NAME, REVISION, SAMPLE, ADAPTER)) {
        if (now.containsKey(name)) {
          values.putIfAbsent(name, now.get(name));
        }
      }
    }
    return values;
  }

  static String sample(Path path) {
    MessageDigest digest = Sha256.begin();
    try {
      for (Path file : files(path)) {
        add(digest, file);
      }
    } catch (IOException e) {
      throw new FileReadException("Cannot read the model in " + path + ": " + e, e);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static List<Path> files(Path path) throws IOException {
    if (Files.isRegularFile(path)) {
      return List.of(path);
    }
    try (Stream<Path> all = Files.list(path)) {
      return all.filter(ModelIdentity::matters).sorted().toList();
    }
  }

  private static boolean matters(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".safetensors") || BESIDE_WEIGHTS.contains(name);
  }

  /** A small file is read whole, of a larger one blocks at even distances, the last at its end. */
  private static void add(MessageDigest digest, Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      long size = channel.size();
      digest.update((file.getFileName() + " " + size + "\0").getBytes(StandardCharsets.UTF_8));
      boolean whole = size <= (long) BLOCKS * BLOCK;
      long blocks = whole ? (size + BLOCK - 1) / BLOCK : BLOCKS;
      ByteBuffer block = ByteBuffer.allocate(BLOCK);
      for (long i = 0; i < blocks; i++) {
        long at = whole ? i * BLOCK : i * (size - BLOCK) / (BLOCKS - 1);
        block.clear();
        while (block.hasRemaining() && channel.read(block, at + block.position()) >= 0) {}
        digest.update(block.flip());
      }
    }
  }
}
