package io.github.lorascope.ranking;

/**
 * A network in which every node is connected with the ground. Its equations are solved by taking
 * away one node after the other and connecting its neighbours in its place: Cholesky's
 * factorization, but nothing is ever subtracted, so that rounding is harmless even where
 * conductances differ by a hundred powers of ten. The last node goes first; what it costs depends
 * on how many neighbours those have that go early.
 */
final class Conductances {
  /** Keeps quotients finite; of a node that has lost touch with all others nothing is known. */
  private static final double LEAST = 1e-200;

  private final double[][] below;
  private final double[] ground;

  Conductances(int nodes) {
    below = new double[nodes][];
    for (int node = 0; node < nodes; node++) {
      below[node] = new double[node];
    }
    ground = new double[nodes];
  }

  void toGround(int node, double conductance) {
    ground[node] = Math.max(LEAST, conductance);
  }

  void between(int node, int lower, double conductance) {
    below[node][lower] = conductance;
  }

  /** Gives the potentials for currents into the nodes. The network is used up. */
  double[] solve(double[] currents) {
    double[] potentials = currents.clone();
    double[] sums = new double[ground.length];
    for (int node = ground.length - 1; node >= 0; node--) {
      sums[node] = ground[node];
      for (double conductance : below[node]) {
        sums[node] += conductance;
      }
      for (int lower = 0; lower < node; lower++) {
        double share = below[node][lower] / sums[node];
        if (share > 0) {
          ground[lower] += share * ground[node];
          potentials[lower] += share * potentials[node];
          addScaled(below[node], share, below[lower]);
        }
      }
    }
    for (int node = 0; node < ground.length; node++) {
      for (int lower = 0; lower < node; lower++) {
        potentials[node] += below[node][lower] * potentials[lower];
      }
      potentials[node] /= sums[node];
    }
    return potentials;
  }

  private static void addScaled(double[] from, double share, double[] to) {
    for (int i = 0; i < to.length; i++) {
      to[i] += share * from[i];
    }
  }
}
