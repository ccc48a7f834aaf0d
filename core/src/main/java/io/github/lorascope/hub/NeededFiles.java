package io.github.lorascope.hub;

import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Which of a model's files are used: configuration, tokenizer and safetensors. */
final class NeededFiles {
  static final String INDEX = "model.safetensors.index.json";
  static final String TOKENIZER = "tokenizer.json";
  private static final String CONFIG = "config.json";
  private static final String SINGLE = "model.safetensors";

  /** As a checkpoint's index may name them; such names need no encoding in an address. */
  private static final Pattern SHARD = Pattern.compile("[\\w-][\\w.-]*\\.safetensors");

  private static final List<String> BESIDE =
      List.of(
          TOKENIZER,
          "tokenizer_config.json",
          "tokenizer.model",
          "special_tokens_map.json",
          "added_tokens.json",
          "vocab.json",
          "merges.txt",
          "chat_template.jinja",
          "chat_template.json");

  private NeededFiles() {}

  /**
   * The index of the shards, which has to be there before the others are known; empty where all is
   * in one file, which goes first when a model is read.
   */
  static Optional<ListedFile> index(Listing listing) {
    return listing.file(SINGLE).isPresent() ? Optional.empty() : listing.file(INDEX);
  }

  /**
   * Chooses from a list.
   *
   * @param snapshot where the index lies, if there is one
   * @return the files, weights last, so that what is there with its weights is there as a whole
   */
  static List<ListedFile> of(Listing listing, HubName name, Path snapshot) {
    List<ListedFile> needed = new ArrayList<>();
    needed.add(require(listing, name, CONFIG));
    for (String file : BESIDE) {
      listing.file(file).ifPresent(needed::add);
    }
    if (index(listing).isPresent()) {
      for (String shard : shards(snapshot)) {
        needed.add(require(listing, name, shard));
      }
    } else {
      needed.add(require(listing, name, SINGLE));
    }
    return needed;
  }

  private static ListedFile require(Listing listing, HubName name, String file) {
    return listing
        .file(file)
        .orElseThrow(() -> new HubException(name + " holds no " + file + instead(listing)));
  }

  private static String instead(Listing listing) {
    for (String file : listing.files().keySet()) {
      if (file.endsWith(".gguf")) {
        return " but " + file + ": download that file and give its path";
      }
      if (file.equals("adapter_config.json")) {
        return ": it is an adapter; load the model that it belongs to, and the adapter into it";
      }
      if (file.startsWith("pytorch_model")) {
        return " but " + file + "; it has to be converted to safetensors first";
      }
    }
    return "; a model of config.json and " + SINGLE + " is needed";
  }

  private static Set<String> shards(Path snapshot) {
    Path index = snapshot.resolve(INDEX);
    try {
      Set<String> shards = new TreeSet<>(Json.read(index).object("weight_map").texts().values());
      for (String shard : shards) {
        if (!SHARD.matcher(shard).matches()) {
          throw new HubException(
              index
                  + " names '"
                  + ListedFile.printable(shard)
                  + "', which is not the name of a safetensors file beside it");
        }
      }
      return shards;
    } catch (JsonException e) {
      throw new HubException(e.getMessage(), e);
    }
  }

  /** Names what a snapshot in the cache lacks to be loaded. */
  static List<String> missing(Path snapshot) {
    List<String> needed = new ArrayList<>(List.of(CONFIG));
    if (Files.exists(snapshot.resolve(INDEX)) && !Files.exists(snapshot.resolve(SINGLE))) {
      needed.addAll(shards(snapshot));
    } else {
      needed.add(SINGLE);
    }
    needed.removeIf(file -> Files.isRegularFile(snapshot.resolve(file)));
    return needed;
  }
}
