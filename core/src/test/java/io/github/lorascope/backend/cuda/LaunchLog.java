package io.github.lorascope.backend.cuda;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/** Remembers which kernels a device is asked for. */
final class LaunchLog {
  private final Set<String> kernels = new ConcurrentSkipListSet<>();

  Device watch(Device device) {
    return (Device)
        Proxy.newProxyInstance(
            Device.class.getClassLoader(),
            new Class<?>[] {Device.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("launch")) {
                kernels.add((String) arguments[0]);
              }
              try {
                return method.invoke(device, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  Set<String> kernels() {
    return Set.copyOf(kernels);
  }
}
