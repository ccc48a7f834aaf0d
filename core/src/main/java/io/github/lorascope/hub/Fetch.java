package io.github.lorascope.hub;

import io.github.lorascope.LorascopeException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings what a snapshot in the cache lacks of a listing. */
record Fetch(
    HubName name,
    RepoFolder repository,
    HubServer server,
    DownloadListener listener,
    boolean symbolicLinks) {
  private static final Logger log = LoggerFactory.getLogger(Fetch.class);

  /** Returns the snapshot, whole; only then does the branch point to it. */
  Path run(Listing listing) {
    String commit = listing.commit();
    Path snapshot = repository.snapshot(commit);
    boolean changed = false;
    try {
      Optional<ListedFile> index = NeededFiles.index(listing);
      if (index.isPresent()) {
        changed = bring(commit, List.of(index.get()), DownloadListener.NONE);
      }
      changed |= bring(commit, NeededFiles.of(listing, name, snapshot), listener);
    } catch (IOException e) {
      throw unwritable(e);
    }
    try {
      repository.note(name, commit);
    } catch (IOException | LorascopeException e) {
      if (changed) {
        throw e instanceof LorascopeException known ? known : unwritable((IOException) e);
      }
      log.info("cannot note in the cache that {} is {}", name, commit, e); // it may be read-only
    }
    return snapshot;
  }

  private HubException unwritable(IOException e) {
    if (e instanceof ClosedByInterruptException) {
      return HubClient.interrupted(e);
    }
    return new HubException(
        "Cannot write "
            + name
            + " to the cache: "
            + e
            + "; set HF_HUB_CACHE to a folder that can be written",
        e);
  }

  /** Returns whether something was missing. */
  private boolean bring(String commit, List<ListedFile> files, DownloadListener watcher)
      throws IOException {
    List<ListedFile> missing = new ArrayList<>();
    long total = 0;
    long begun = 0;
    for (ListedFile listed : files) {
      ListedFile file = server.described(commit, listed);
      if (!repository.has(commit, file)) {
        missing.add(file);
        total += file.size();
        begun += begun(file);
      }
    }
    if (missing.isEmpty()) {
      return false;
    }
    repository.prepare(commit, total - begun);
    Progress progress = new Progress(watcher, total);
    watcher.started(name.toString(), begun, total);
    try {
      for (ListedFile file : missing) {
        bring(commit, file, progress);
      }
    } finally {
      watcher.ended();
    }
    return true;
  }

  /** How many bytes of a file are there, under another commit or from an earlier download. */
  private long begun(ListedFile file) throws IOException {
    if (RepoFolder.hasSize(repository.blob(file), file)) {
      return file.size();
    }
    Path partial = repository.partial(file);
    boolean there = Files.isRegularFile(partial, LinkOption.NOFOLLOW_LINKS);
    return there ? Math.min(Files.size(partial), file.size()) : 0;
  }

  private void bring(String commit, ListedFile file, Progress progress) throws IOException {
    BlobLock lock = repository.lock(file);
    try (lock) {
      if (!repository.has(commit, file)) { // else another process brought it meanwhile
        boolean fresh = !RepoFolder.hasSize(repository.blob(file), file);
        if (fresh) {
          download(commit, file, partial(file, lock), progress);
        }
        repository.place(commit, file, fresh, symbolicLinks);
      }
    }
    progress.finished(file);
  }

  private Path partial(ListedFile file, BlobLock lock) {
    if (lock.excludesProcesses()) {
      return repository.partial(file);
    }
    Path partial = repository.partialOfThisProcess(file);
    partial.toFile().deleteOnExit(); // no other process would go on with it
    return partial;
  }

  private void download(String commit, ListedFile file, Path partial, Progress progress)
      throws IOException {
    server.download(commit, file, partial, progress::at);
    try (FileChannel whole = FileChannel.open(partial, StandardOpenOption.WRITE)) {
      whole.force(true);
    }
    Files.move(
        partial,
        repository.blob(file),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }
}
