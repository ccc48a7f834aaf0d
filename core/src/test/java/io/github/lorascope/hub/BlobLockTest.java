package io.github.lorascope.hub;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.OtherProcess;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobLockTest {
  @TempDir Path folder;

  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("hash.lock");
  }

  private BlobLock acquire() throws IOException {
    return BlobLock.acquire(file, FileChannel::tryLock);
  }

  /** The system ends all locks of a process on a file when it closes any channel of the file. */
  @Test
  void aWaiterThatIsInterruptedLeavesTheLockToItsHolder() throws Exception {
    BlobLock held = acquire();
    try (held) {
      assertTrue(held.excludesProcesses());
      FutureTask<HubException> waiter =
          new FutureTask<>(() -> assertThrows(HubException.class, this::acquire));
      untilItWaits(waiter).interrupt();
      assertTrue(waiter.get().getMessage().contains("was interrupted"));
      assertTrue(OtherProcess.isKeptFrom(file));
    }
    assertFalse(OtherProcess.isKeptFrom(file));
  }

  @Test
  void aLinkToTheFolderLeadsToTheSameLock() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder);
    BlobLock held = acquire();
    try (held) {
      FutureTask<HubException> waiter =
          new FutureTask<>(
              () ->
                  assertThrows(
                      HubException.class,
                      () -> BlobLock.acquire(link.resolve("hash.lock"), FileChannel::tryLock)));
      untilItWaits(waiter).interrupt();
      waiter.get();
      assertTrue(OtherProcess.isKeptFrom(file));
    }
  }

  @Test
  void withoutLocksOfTheSystemThreadsStillWaitForEachOther() throws Exception {
    AtomicBoolean released = new AtomicBoolean();
    BlobLock held = acquireWithoutLocks();
    FutureTask<Boolean> second =
        new FutureTask<>(
            () -> {
              BlobLock lock = acquireWithoutLocks();
              try (lock) {
                return released.get();
              }
            });
    try (held) {
      assertFalse(held.excludesProcesses());
      untilItWaits(second);
      released.set(true);
    }
    assertTrue(second.get());
  }

  private BlobLock acquireWithoutLocks() throws IOException {
    return BlobLock.acquire(
        file,
        channel -> {
          throw new IOException("Function not implemented");
        });
  }

  @Test
  void aLockThatFailsIsFreeAgain() throws Exception {
    assertThrows(
        ClosedByInterruptException.class,
        () ->
            BlobLock.acquire(
                file,
                channel -> {
                  throw new ClosedByInterruptException();
                }));
    FutureTask<Boolean> other =
        new FutureTask<>(
            () -> {
              BlobLock lock = acquire();
              try (lock) {
                return lock.excludesProcesses();
              }
            });
    new Thread(other).start();
    assertTrue(other.get());
  }

  private static Thread untilItWaits(FutureTask<?> task) {
    Thread thread = new Thread(task);
    thread.start();
    while (!Set.of(Thread.State.WAITING, Thread.State.TIMED_WAITING).contains(thread.getState())) {
      assertNotEquals(Thread.State.TERMINATED, thread.getState(), "did not wait");
      Thread.onSpinWait();
    }
    return thread;
  }
}
