package io.github.lorascope.decoder;

import io.github.lorascope.backend.Backend;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts the operations that a backend is asked for. */
final class CountingBackend {
  private final Backend backend;
  private final String answered;
  private final Object answer;
  private final Map<String, Integer> calls = new ConcurrentHashMap<>();

  CountingBackend(Backend backend) {
    this(backend, null, null);
  }

  /** Answers one question in the backend's place. */
  CountingBackend(Backend backend, String answered, Object answer) {
    this.backend = backend;
    this.answered = answered;
    this.answer = answer;
  }

  Backend proxy() {
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (proxy, method, arguments) -> {
              calls.merge(method.getName(), 1, Integer::sum);
              if (method.getName().equals(answered)) {
                return answer;
              }
              try {
                return method.invoke(backend, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  int calls(String operation) {
    return calls.getOrDefault(operation, 0);
  }

  void reset() {
    calls.clear();
  }
}
