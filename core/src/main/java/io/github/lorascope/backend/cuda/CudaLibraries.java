package io.github.lorascope.backend.cuda;

import static org.bytedeco.cuda.global.cudart.CUDA_SUCCESS;
import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetAttribute;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetCount;
import static org.bytedeco.cuda.global.cudart.cuDriverGetVersion;
import static org.bytedeco.cuda.global.cudart.cuInit;

import io.github.lorascope.io.RootCause;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.bytedeco.cuda.global.cublas;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.cuda.global.nvrtc;
import org.bytedeco.javacpp.Loader;

/** Whether there are a GPU, a driver and NVIDIA's libraries, and what to do where there are not. */
final class CudaLibraries {
  /** What the driver makes where it is loaded; the last is that of Windows' Linux. */
  private static final List<Path> DRIVERS =
      List.of(
          Path.of("/dev/nvidiactl"), Path.of("/proc/driver/nvidia/version"), Path.of("/dev/dxg"));

  private static final String HOST_LIMIT = "org.bytedeco.javacpp.maxPhysicalBytes";
  private static final int DRIVER_VERSION = 13_000;
  private static final int ARCHITECTURE = 80;
  private static final String ADD =
      "put org.bytedeco:cuda, org.bytedeco:cuda-redist and org.bytedeco:cuda-redist-cublas"
          + " (13.1-9.19-1.5.13, the classifier of your platform) on the class path, or for the"
          + " last two install the CUDA 13 toolkit and name its libraries' folder in"
          + " LD_LIBRARY_PATH";

  private CudaLibraries() {}

  /** Says why the backend cannot run here; null if it can. Loads nothing where no driver is. */
  static String obstacle() {
    return obstacle(DRIVERS, System.getProperty("os.name"));
  }

  static String obstacle(List<Path> drivers, String system) {
    boolean linux = system.toLowerCase(Locale.ROOT).contains("linux");
    if (linux && drivers.stream().noneMatch(Files::exists)) {
      return "there is no NVIDIA driver here: install it (580 or newer), and in a container pass the"
          + " GPU on";
    }
    // JavaCPP would make no more pointers once the process holds four times the Java heap, which
    // weights outside of it soon do
    if (System.getProperty(HOST_LIMIT) == null) {
      System.setProperty(HOST_LIMIT, "0");
    }
    try {
      Loader.load(cudart.class);
      String missing = device();
      if (missing != null) {
        return missing;
      }
      Loader.load(nvrtc.class);
      Loader.load(cublas.class);
      Nvrtc.build(); // it may load from where an earlier program left it, without what it needs
      return Nvrtc.knows(architecture(0))
          ? null
          : "NVRTC "
              + Nvrtc.version()
              + " does not know the GPU's compute capability "
              + architecture(0) / 10.0
              + ": use a newer release of NVIDIA's libraries";
    } catch (LinkageError | RuntimeException e) {
      return doNotLoad(e);
    }
  }

  /**
   * JavaCPP's own exception names the library that it gave up on, the first one what that lacked.
   */
  static String doNotLoad(Throwable e) {
    String why = RootCause.of(e);
    return "NVIDIA's libraries do not load ("
        + (e.getCause() == null ? why : e + ", from " + why)
        + "): "
        + (why.contains("libcuda.so")
            ? "the driver's compute library is missing: install it, and in a container pass the"
                + " capability 'compute' on (NVIDIA_DRIVER_CAPABILITIES=compute,utility)"
            : ADD);
  }

  private static String device() {
    int status = cuInit(0);
    int[] found = new int[1];
    if (status == CUDA_SUCCESS) {
      status = cuDeviceGetCount(found);
    }
    if (status != CUDA_SUCCESS || found[0] == 0) {
      return noDevice(CudaStatus.name(status));
    }
    cuDriverGetVersion(found);
    return tooOld(found[0], architecture(0));
  }

  static String noDevice(String status) {
    return "the NVIDIA driver offers no GPU ("
        + status
        + "): see that nvidia-smi lists one, and what CUDA_VISIBLE_DEVICES says";
  }

  /**
   * Says what is too old; null if nothing is.
   *
   * @param driver the newest CUDA that the driver knows, as it tells it: 13000 for 13.0
   * @param architecture the GPU's compute capability, times ten
   */
  static String tooOld(int driver, int architecture) {
    if (driver < DRIVER_VERSION) {
      return String.format(
          Locale.ROOT,
          "the NVIDIA driver knows CUDA up to %d.%d, and 13.0 is needed: install driver 580 or"
              + " newer",
          driver / 1000,
          driver % 1000 / 10);
    }
    return architecture >= ARCHITECTURE
        ? null
        : "the GPU's compute capability is "
            + architecture / 10.0
            + ", and 8.0 (Ampere) or newer is needed: use the backend 'onednn'";
  }

  /** The compute capability of a device, times ten. */
  static int architecture(int device) {
    int[] major = new int[1];
    int[] minor = new int[1];
    cuDeviceGetAttribute(major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device);
    cuDeviceGetAttribute(minor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device);
    return 10 * major[0] + minor[0];
  }
}
