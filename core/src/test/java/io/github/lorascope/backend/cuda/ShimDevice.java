package io.github.lorascope.backend.cuda;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A device that runs the kernels on the CPU, in a process of its own (see {@link Shim}). */
final class ShimDevice implements Device {
  private static final long MEMORY = 8L << 30;

  /** After which a kernel that still runs is taken to be endless. */
  static final int SECONDS = 120;

  /** What the address sanitizer of the process is told. */
  static final String SANITIZER = "detect_leaks=0:redzone=2048:quarantine_size_mb=8";

  private final Process process;
  private final Path errors;
  private final OutputStream commands;
  private final DataInputStream answers;
  private boolean failed;

  /**
   * Starts a process.
   *
   * @param backwards whether threads take their turns from the last to the first
   */
  ShimDevice(boolean backwards) {
    this(backwards, SECONDS);
  }

  /**
   * Starts a process.
   *
   * @param backwards whether threads take their turns from the last to the first
   * @param seconds after which a kernel that still runs is taken to be endless
   */
  ShimDevice(boolean backwards, int seconds) {
    String order = backwards ? "backwards" : "forwards";
    try {
      Path server = Shim.server();
      errors = Files.createTempFile(server.getParent(), "errors", ".txt");
      ProcessBuilder builder =
          new ProcessBuilder(server.toString(), order, Integer.toString(seconds))
              .redirectError(errors.toFile());
      builder.environment().put("ASAN_OPTIONS", SANITIZER);
      process = builder.start();
      commands = new BufferedOutputStream(process.getOutputStream(), 1 << 16);
      answers = new DataInputStream(process.getInputStream());
    } catch (IOException e) {
      throw new IllegalStateException("starting the shim", e);
    }
  }

  @Override
  public String description() {
    return "the CPU, thread by thread";
  }

  @Override
  public long memory() {
    return MEMORY;
  }

  @Override
  public synchronized long allocate(long bytes) {
    send(command('a', 8).putLong(bytes));
    return receive(ByteBuffer.allocate(8)).getLong(0);
  }

  @Override
  public synchronized void free(long address) {
    if (failed) {
      return;
    }
    send(command('f', 8).putLong(address));
  }

  @Override
  public synchronized void write(long address, ByteBuffer source) {
    send(command('w', 16).putLong(address).putLong(source.remaining()));
    send(ByteBuffer.allocate(source.remaining()).put(source.duplicate()));
  }

  @Override
  public synchronized void read(long address, ByteBuffer target) {
    send(command('r', 16).putLong(address).putLong(target.remaining()));
    receive(target);
  }

  @Override
  public synchronized void launch(String kernel, Grid grid, int sharedBytes, long[] arguments) {
    byte[] name = kernel.getBytes(StandardCharsets.UTF_8);
    ByteBuffer command = command('l', 28 + name.length + 8 * arguments.length);
    command.putInt(name.length).put(name).putInt(grid.x()).putInt(grid.y()).putInt(grid.z());
    command.putInt(grid.threads()).putInt(sharedBytes).putInt(arguments.length);
    for (long argument : arguments) {
      command.putLong(argument);
    }
    send(command);
  }

  @Override
  public synchronized void multiply(Product product) {
    ByteBuffer command = command('m', 20 + 3 * 14);
    command.putInt(product.rows()).putInt(product.columns()).putInt(product.inner());
    command.putFloat(product.alpha()).putFloat(product.beta());
    for (Operand operand : new Operand[] {product.a(), product.b(), product.c()}) {
      command.putLong(operand.address()).putInt(operand.stride());
      command.put((byte) (operand.bf16() ? 1 : 0)).put((byte) (operand.transposed() ? 1 : 0));
    }
    send(command);
  }

  @Override
  public synchronized void close() {
    try {
      commands.close();
    } catch (IOException e) {
      // The process has ended; whether well or not, its exit value says.
    }
    if (failed) {
      return; // and it was said
    }
    try {
      if (process.waitFor() != 0) {
        throw broken(null);
      }
      Files.deleteIfExists(errors);
    } catch (IOException e) {
      throw new IllegalStateException("deleting " + errors, e);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private static ByteBuffer command(char name, int bytes) {
    return ByteBuffer.allocate(1 + bytes).order(ByteOrder.LITTLE_ENDIAN).put((byte) name);
  }

  private void send(ByteBuffer written) {
    byte[] bytes = new byte[written.flip().remaining()];
    written.get(bytes);
    try {
      commands.write(bytes);
    } catch (IOException e) {
      throw broken(e);
    }
  }

  private ByteBuffer receive(ByteBuffer target) {
    try {
      commands.flush();
      byte[] bytes = new byte[target.remaining()];
      answers.readFully(bytes);
      return target.order(ByteOrder.LITTLE_ENDIAN).put(bytes);
    } catch (EOFException e) {
      throw broken(e);
    } catch (IOException e) {
      throw broken(e);
    }
  }

  private IllegalStateException broken(IOException cause) {
    failed = true;
    try {
      process.waitFor();
      return new IllegalStateException("a kernel failed:\n" + Files.readString(errors), cause);
    } catch (IOException e) {
      return new IllegalStateException("a kernel failed, and what it said cannot be read", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new IllegalStateException("interrupted", e);
    }
  }
}
