package io.github.lorascope.tap;

import io.github.lorascope.data.PairExample;
import io.github.lorascope.rerank.ModelIdentity;
import io.github.lorascope.train.StepRecord;
import io.github.lorascope.train.TrainingListener;
import io.github.lorascope.train.TrainingStart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the model of a training twice: untrained ({@code before}) and after the last step
 * ({@code after}), and writes what it finds to the run's folder as {@link Observation#writeTo}
 * does. A resumed run keeps what was found before; the untrained model cannot be looked at later,
 * so a listener that is new to a resumed run has no {@code before}. Holds one training at a time.
 *
 * <pre>{@code
 * Snapshots snapshots =
 *     AttentionTap.allLayers().on(pairs).states(HiddenStateTap.allLayers()).lens();
 * Trainer.Builder training = Trainer.of(reranker, adapter).listen(snapshots);
 * // ... and after the run:
 * AttentionMeasurement before = snapshots.before().orElseThrow().attention().orElseThrow();
 * AttentionMeasurement after = snapshots.after().orElseThrow().attention().orElseThrow();
 * MeanInterval change =
 *     AttentionComparison.of(before, after).of(AttentionQuantity.LAST_TO_QUERY, 16);
 * Observed later = Observed.read(folder, "before"); // the same, from the folder
 * }</pre>
 */
public final class Snapshots implements TrainingListener {
  private static final Logger log = LoggerFactory.getLogger(Snapshots.class);
  private static final String BEFORE = "before";
  private static final String AFTER = "after";

  private final List<PairExample> pairs;
  private final ExampleSet examples;
  private AttentionTap attention;
  private HiddenStateTap states;
  private boolean lens;
  private TrainingStart start;
  private Optional<Observed> before = Optional.empty();
  private Optional<Observed> after = Optional.empty();

  private Snapshots(List<PairExample> pairs) {
    this.pairs = List.copyOf(pairs);
    this.examples = ExampleSet.of(pairs);
  }

  /**
   * Chooses what to look at.
   *
   * @param pairs the pairs, at least one
   * @return a listener, without a tap yet
   */
  public static Snapshots on(List<PairExample> pairs) {
    return new Snapshots(pairs);
  }

  /**
   * Measures attention.
   *
   * @param tap what of it
   * @return this
   */
  public Snapshots attention(AttentionTap tap) {
    attention = tap;
    return this;
  }

  /**
   * Records states of the residual stream.
   *
   * @param tap which
   * @return this
   */
  public Snapshots states(HiddenStateTap tap) {
    states = tap;
    return this;
  }

  /**
   * Reads out behind every layer.
   *
   * @return this
   */
  public Snapshots lens() {
    lens = true;
    return this;
  }

  /**
   * Returns what the untrained model was like.
   *
   * @return what was found; empty before the training starts, and where it was resumed past that
   *     without
   */
  public Optional<Observed> before() {
    return before;
  }

  /**
   * Returns what the trained model is like.
   *
   * @return what was found; empty unless the last step was done while this listened
   */
  public Optional<Observed> after() {
    return after;
  }

  @Override
  public void started(TrainingStart training) {
    start = training;
    after = Optional.empty();
    before = training.resumed() ? recorded() : Optional.empty();
    if (!training.resumed()) {
      remove(BEFORE);
      remove(AFTER);
    }
    if (before.isEmpty() && training.step() == 0) {
      before = Optional.of(look(BEFORE));
    } else if (before.isEmpty()) {
      log.warn(
          "the run goes on after step {} and was not looked at before its first: start it anew to"
              + " compare before and after",
          training.step());
    }
  }

  /** Before the step's checkpoint, so that a run that is killed meanwhile does it again. */
  @Override
  public void stepDone(StepRecord step) {
    if (step.step() == start.options().steps()) {
      after = Optional.of(look(AFTER));
    }
  }

  private Observed look(String name) {
    log.info("looking at {} pairs ({} the training)", pairs.size(), name);
    Observation observation = Observation.of(start.reranker(), pairs);
    if (attention != null) {
      observation.attention(attention);
    }
    if (states != null) {
      observation.states(states);
    }
    if (lens) {
      observation.lens();
    }
    return start
        .folder()
        .map(folder -> observation.writeTo(folder.path(), name, provenance(name)))
        .orElseGet(observation::run);
  }

  /** The adapter is saved after this, so a file's time would not tell which one it is of. */
  private Map<String, String> provenance(String name) {
    Map<String, String> values = new TreeMap<>(start.provenance());
    if (name.equals(AFTER)) {
      values.put(ModelIdentity.ADAPTER, start.adapter().view().sha256());
    }
    return values;
  }

  /** What an earlier process of this run found, if all that is asked for is there. */
  private Optional<Observed> recorded() {
    if (start.folder().isEmpty()) {
      return Optional.empty();
    }
    Path folder = start.folder().get().path();
    Observed found;
    try {
      found = Observed.read(folder, BEFORE);
    } catch (TapException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw e; // what was recorded is there, only not to be read now
      }
      log.warn("{}", e.getMessage());
      return Optional.empty();
    }
    boolean all =
        (attention == null || found.attention().isPresent())
            && (states == null || found.states().isPresent())
            && (!lens || found.lens().isPresent());
    if (all && !isAlike(found)) {
      throw new TapException(
          folder
              + " was looked at on other pairs, layers or positions before its training;"
              + " resume it with the same");
    }
    return all ? Optional.of(found) : Optional.empty();
  }

  private boolean isAlike(Observed found) {
    int layers = start.reranker().decoder().config().layers();
    return (attention == null
            || (found.attention().get().examples().isSame(examples)
                && found.attention().get().layers().equals(attention.choice().upTo(layers - 1))))
        && (states == null
            || (found.states().get().examples().isSame(examples)
                && found.states().get().layers().equals(states.choice().upTo(layers))
                && found.states().get().position().equals(states.position().label())))
        && (!lens || found.lens().get().examples().isSame(examples));
  }

  /** Those of its own taps alone: others may be another listener's. */
  private void remove(String name) {
    if (start.folder().isEmpty()) {
      return;
    }
    Path folder = start.folder().get().path();
    try {
      if (attention != null) {
        Files.deleteIfExists(Observed.attentionFile(folder, name));
      }
      if (states != null) {
        Files.deleteIfExists(Observed.statesFile(folder, name));
      }
      if (lens) {
        Files.deleteIfExists(Observed.lensFile(folder, name));
      }
    } catch (IOException e) {
      throw new TapException("cannot remove an old file in " + folder + ": " + e.getMessage(), e);
    }
  }
}
