package io.github.lorascope.examples;

import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.io.FileWriteException;
import io.github.lorascope.json.Json;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.rerank.ModelIdentity;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.tap.AttentionTap;
import io.github.lorascope.tap.HiddenStateTap;
import io.github.lorascope.tap.Observation;
import io.github.lorascope.tap.Observed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A trained reranker that is looked at, and where what is found is kept. What the folder holds is
 * taken again where it was found of the same adapter, on the same pairs, and computed alike;
 * backends agree but for rounding, so another one's is taken too.
 *
 * @param decoder the frozen model
 * @param reranker asks with the trained adapter
 * @param adapter the trained adapter
 * @param pairs what is asked
 * @param folder the folder of its run
 * @param provenance what the numbers come from
 */
record Subject(
    Decoder decoder,
    Reranker reranker,
    LoraAdapter adapter,
    List<PairExample> pairs,
    Path folder,
    Map<String, String> provenance)
    implements AutoCloseable {
  static final String BEFORE = "before";
  static final String AFTER = "after";

  private static final List<String> KINDS = List.of("attention", "states", "lens");

  /** What the untrained model's files have to agree in. */
  private static final List<String> OF_BEFORE = List.of("precision", "quantization");

  /** What the trained model's have to. */
  private static final List<String> OF_AFTER =
      List.of("precision", "quantization", ModelIdentity.ADAPTER);

  /** Adds to a provenance how the model is computed, and which adapter it is. */
  static Subject of(
      Decoder decoder,
      Reranker reranker,
      LoraAdapter adapter,
      List<PairExample> pairs,
      Path folder,
      Map<String, String> provenance) {
    Map<String, String> values = new TreeMap<>(provenance);
    values.put("precision", decoder.precision().toString());
    values.put("quantization", decoder.options().quantization().toString());
    values.put("backend", decoder.backend().name());
    values.put(ModelIdentity.ADAPTER, adapter.view().sha256());
    return new Subject(decoder, reranker, adapter, pairs, folder, values);
  }

  /** The trained model's attention, states and lens: read from the folder, or found now. */
  Observed after() {
    return kept(AFTER, KINDS, OF_AFTER)
        .filter(kept -> kept.isOf(pairs))
        .orElseGet(
            () -> {
              Observed found = observe(AFTER, reranker, true, provenance);
              dropOthers();
              return found;
            });
  }

  /**
   * Before and after are only shown together, so what is of other pairs is found again if asked.
   */
  private void dropOthers() {
    Observed before = Observed.read(folder, BEFORE);
    dropOther(new Observed(before.attention(), Optional.empty(), Optional.empty()), "attention");
    dropOther(new Observed(Optional.empty(), before.states(), Optional.empty()), "states");
    dropOther(new Observed(Optional.empty(), Optional.empty(), before.lens()), "lens");
  }

  private void dropOther(Observed before, String kind) {
    if (!before.isOf(pairs)) {
      delete(file(kind, BEFORE));
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new FileWriteException("cannot delete " + file + ", which is of other pairs: " + e, e);
    }
  }

  private Path file(String kind, String name) {
    return folder.resolve(kind).resolve(name + ".safetensors");
  }

  /** The untrained model's attention and states; it may have no head to read a lens with. */
  Observed before() {
    Map<String, String> untrained = new TreeMap<>(provenance);
    untrained.remove(ModelIdentity.ADAPTER);
    return kept(BEFORE, List.of("attention", "states"), OF_BEFORE)
        .map(kept -> new Observed(kept.attention(), kept.states(), Optional.empty()))
        .filter(kept -> kept.isOf(pairs))
        .orElseGet(() -> observe(BEFORE, reranker.withAdapter(null), false, untrained));
  }

  private Optional<Observed> kept(String name, List<String> kinds, List<String> alike) {
    boolean current =
        kinds.stream()
            .map(kind -> file(kind, name))
            .allMatch(file -> Files.exists(file) && agrees(stated(file), alike));
    return current ? Optional.of(Observed.read(folder, name)) : Optional.empty();
  }

  /** Whether the folder has a JSON document of this name that would come out the same now. */
  boolean has(String document) {
    Path file = folder.resolve(document);
    if (!Files.exists(file)) {
      return false;
    }
    Map<String, String> stated = Json.read(file).object("provenance").texts();
    return agrees(stated, OF_AFTER) && agrees(stated, List.of("pairs_sha256"));
  }

  private static Map<String, String> stated(Path file) {
    String provenance = SafetensorsFile.open(file).metadata().getOrDefault("provenance", "{}");
    return Json.parse(provenance, file + ": provenance").texts();
  }

  private boolean agrees(Map<String, String> stated, List<String> names) {
    return names.stream().allMatch(name -> provenance.get(name).equals(stated.get(name)));
  }

  private Observed observe(String name, Reranker looked, boolean lens, Map<String, String> stated) {
    Observation observation =
        Observation.of(looked, pairs)
            .attention(AttentionTap.allLayers())
            .states(HiddenStateTap.allLayers())
            .progress(done -> ProgressLine.show("looking at pairs", done, pairs.size()));
    return (lens ? observation.lens() : observation).writeTo(folder, name, stated);
  }

  @Override
  public void close() {
    reranker.close();
    adapter.close();
    decoder.close();
  }
}
