package io.github.lorascope.ablation;

import io.github.lorascope.train.TrainingListener;
import java.util.List;

/** Makes the listeners of each training of an ablation. */
@FunctionalInterface
public interface RunListeners {
  /**
   * Makes new listeners, since most keep something of one run. A run that is finished already is
   * read back and tells them nothing.
   *
   * @param group the group to be trained
   * @param seed the seed of the run
   * @return its listeners
   */
  List<TrainingListener> of(LayerGroup group, long seed);
}
