package io.github.lorascope.ablation;

import io.github.lorascope.data.PairExample;
import io.github.lorascope.io.AtomicFiles;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonException;
import io.github.lorascope.json.JsonObject;
import io.github.lorascope.rerank.PairScore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which evaluation pairs a trained adapter answers right, kept in its run's folder with the hashes
 * of the pairs and the parameters that they belong to.
 */
record StoredAnswers(String pairsHash, String parametersHash, String right) {
  private static final String FILE_NAME = "answers.json";

  static StoredAnswers of(
      String pairsHash, String parametersHash, List<PairExample> pairs, List<PairScore> scores) {
    StringBuilder right = new StringBuilder();
    for (int i = 0; i < scores.size(); i++) {
      right.append(scores.get(i).preferred() == pairs.get(i).label() ? '1' : '0');
    }
    return new StoredAnswers(pairsHash, parametersHash, right.toString());
  }

  /** Reads the answers of these pairs and parameters, if the folder has them. */
  static Optional<StoredAnswers> read(Path folder, String pairsHash, String parametersHash) {
    Path file = folder.resolve(FILE_NAME);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    JsonObject json = Json.read(file);
    StoredAnswers answers =
        new StoredAnswers(
            json.string("evaluation_sha256"),
            json.string("parameters_sha256"),
            json.string("right"));
    if (!answers.right.matches("[01]*") || answers.right.length() != json.integer("n")) {
      throw new JsonException(file + ": right has to be a 0 or 1 for each of n pairs");
    }
    return Optional.of(answers)
        .filter(a -> a.pairsHash.equals(pairsHash) && a.parametersHash.equals(parametersHash));
  }

  void write(Path folder, Map<String, String> provenance) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("provenance", new TreeMap<>(provenance));
    json.put("evaluation_sha256", pairsHash);
    json.put("parameters_sha256", parametersHash);
    json.put("n", right.length());
    json.put("right", right);
    AtomicFiles.writeString(folder.resolve(FILE_NAME), Json.writePretty(json));
  }
}
