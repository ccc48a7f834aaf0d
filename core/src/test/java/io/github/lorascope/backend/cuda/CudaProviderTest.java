package io.github.lorascope.backend.cuda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendException;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.Backends;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CudaProviderTest {
  private static final BackendOptions OPTIONS = BackendOptions.defaults();

  @Test
  void whereThereIsNoDriverNothingIsLoadedAndTheMessageSaysWhatToInstall() {
    String obstacle = CudaLibraries.obstacle(List.of(), "Linux");
    assertTrue(obstacle.contains("no NVIDIA driver"), obstacle);
    assertTrue(obstacle.contains("install"), obstacle);
  }

  /** Looks for the libraries as where there is a driver, which they need. */
  static final class WithDriversFile {
    private WithDriversFile() {}

    /** Prints the obstacle. */
    public static void main(String[] file) {
      System.out.println(CudaLibraries.obstacle(List.of(Path.of(file[0])), "Linux"));
      System.out.println("limit " + Pointer.maxPhysicalBytes());
    }
  }

  /** In a process of its own, as other tests load a library in the driver's place. */
  @Test
  void whereNothingLoadsTheMessageSaysWhatToAdd(@TempDir Path folder) throws Exception {
    assumeTrue(new CudaProvider().obstacle() != null, "there is a GPU");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                WithDriversFile.class.getName(),
                folder.toString())
            .redirectError(folder.resolve("log").toFile())
            .start();
    String obstacle = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor(), Files.readString(folder.resolve("log")));
    assertTrue(obstacle.contains("limit 0"), obstacle); // JavaCPP counts the weights as well
    assertTrue(
        obstacle.startsWith("NVIDIA's libraries do not load (")
            && obstacle.contains(
                obstacle.contains("libcuda.so")
                    ? "NVIDIA_DRIVER_CAPABILITIES=compute,utility"
                    : "org.bytedeco:cuda, org.bytedeco:cuda-redist and"),
        obstacle);
  }

  @Test
  void anOldDriverOrGpuIsNamed() {
    assertEquals(
        "the NVIDIA driver knows CUDA up to 12.9, and 13.0 is needed: install driver 580 or newer",
        CudaLibraries.tooOld(12_090, 90));
    assertEquals(
        "the GPU's compute capability is 7.5, and 8.0 (Ampere) or newer is needed: use the backend"
            + " 'onednn'",
        CudaLibraries.tooOld(13_000, 75));
    assertNull(CudaLibraries.tooOld(13_010, 120));
  }

  @Test
  void aDriverWithoutGpuIsTold() {
    String message = CudaLibraries.noDevice("CUDA_ERROR_NO_DEVICE");
    assertTrue(message.contains("(CUDA_ERROR_NO_DEVICE)"), message);
    assertTrue(message.contains("nvidia-smi"), message);
  }

  @Test
  void askedForAndAbsentItIsAnError() {
    String obstacle = new CudaProvider().obstacle();
    assumeTrue(obstacle != null, "there is a GPU");
    BackendException e =
        assertThrows(BackendException.class, () -> Backends.named("cuda", OPTIONS));
    assertEquals("the backend cuda cannot run here: " + obstacle, e.getMessage());
    assertFalse(Backends.names().contains("cuda"));
    try (Backend best = Backends.best(OPTIONS)) {
      assertNotEquals("cuda", best.name());
    }
  }

  /** As JavaCPP reports it: which library it gave up on, from what the system said of the first. */
  @Test
  void aLibraryThatDoesNotLoadIsNamedWithWhatItLacks() {
    UnsatisfiedLinkError gaveUp = new UnsatisfiedLinkError("no jnicudart in java.library.path");
    gaveUp.initCause(new UnsatisfiedLinkError("libcudart.so.13: cannot open shared object file"));
    String message = CudaLibraries.doNotLoad(gaveUp);
    assertTrue(message.contains("no jnicudart"), message);
    assertTrue(message.contains("libcudart.so.13: cannot open"), message);
    assertTrue(message.contains("org.bytedeco:cuda-redist"), message);
    UnsatisfiedLinkError driver = new UnsatisfiedLinkError("libcuda.so.1: cannot open");
    assertTrue(CudaLibraries.doNotLoad(driver).contains("NVIDIA_DRIVER_CAPABILITIES"));
  }
}
