package io.github.lorascope.backend;

/** Makes a backend; found by {@link java.util.ServiceLoader}. */
public interface BackendProvider {
  /**
   * Returns the name that the backend is chosen by.
   *
   * @return the name
   */
  String name();

  /**
   * Says how it ranks where no backend is named: the highest that can run is taken.
   *
   * @return the rank
   */
  int rank();

  /**
   * Says why the backend cannot run here.
   *
   * @return null if it can; else what is missing and what to do
   */
  String obstacle();

  /**
   * Starts the backend.
   *
   * @param options threads and memory
   * @return the backend, to be closed by the caller
   * @throws BackendException if it cannot run here
   */
  Backend open(BackendOptions options);
}
