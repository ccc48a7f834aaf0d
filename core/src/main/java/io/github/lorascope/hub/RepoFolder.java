package io.github.lorascope.hub;

import io.github.lorascope.io.AtomicFiles;
import io.github.lorascope.io.Folders;
import io.github.lorascope.io.FreeSpace;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.UUID;

/**
 * A model's folder in the cache, laid out as huggingface_hub does: {@code blobs} named by their
 * hashes, {@code snapshots} of commits that link to them, and {@code refs} from branches and tags
 * to commits.
 */
final class RepoFolder {
  private static final String PROCESS = UUID.randomUUID().toString();

  private final Path root;
  private final Path folder;
  private final Path locks;
  private final BlobLock.SystemLock system;

  RepoFolder(Path cache, HubName name, BlobLock.SystemLock system) {
    this.system = system;
    root = cache.toAbsolutePath().normalize();
    String own = "models--" + name.id().replace("/", "--");
    folder = root.resolve(own);
    locks = root.resolve(".locks").resolve(own);
  }

  Path path() {
    return folder;
  }

  Path snapshot(String commit) {
    return folder.resolve("snapshots").resolve(commit);
  }

  Path blob(ListedFile file) {
    return folder.resolve("blobs").resolve(file.hash());
  }

  /**
   * Where a file's bytes are gathered: not under huggingface_hub's name for that, {@code
   * hash.incomplete}, which it may be writing to at the same time.
   */
  Path partial(ListedFile file) {
    return folder.resolve("blobs").resolve(file.hash() + ".lorascope.incomplete");
  }

  /** The same for this process alone, where others cannot be locked out. */
  Path partialOfThisProcess(ListedFile file) {
    String name = file.hash() + "." + PROCESS + ".lorascope.incomplete";
    return folder.resolve("blobs").resolve(name);
  }

  Path ref(HubName name) {
    return folder.resolve("refs").resolve(name.revision());
  }

  /** The commit that a name stood for when it was last looked up. */
  Optional<String> commit(HubName name) {
    if (name.isPinned()) {
      return Optional.of(name.revision());
    }
    try {
      return Optional.of(Files.readString(ref(name)).strip()).filter(HubName::isCommit);
    } catch (NoSuchFileException | CharacterCodingException e) {
      return Optional.empty(); // bytes that are no text name no commit
    } catch (IOException e) {
      throw new HubException("Cannot read " + ref(name) + ": " + e.getMessage(), e);
    }
  }

  boolean has(String commit, ListedFile file) {
    return hasSize(snapshot(commit).resolve(file.name()), file);
  }

  static boolean hasSize(Path path, ListedFile file) {
    try {
      return Files.isRegularFile(path) && Files.size(path) == file.size();
    } catch (IOException e) {
      return false; // gone in between
    }
  }

  /** Makes the folders of a snapshot and requires room in them. */
  void prepare(String commit, long bytes) throws IOException {
    Folders.create(root);
    inside(snapshot(commit));
    inside(folder.resolve("blobs"));
    inside(locks);
    FreeSpace.require(folder, folder, bytes);
  }

  /** Makes a folder, unless a link on the way to it leads out of the cache. */
  private void inside(Path wanted) throws IOException {
    Path real = root.toRealPath();
    Path at = root;
    for (Path part : root.relativize(wanted)) {
      at = at.resolve(part);
      if (!Files.exists(at, LinkOption.NOFOLLOW_LINKS)) {
        Folders.create(at); // which another may do at the same time
      }
      if (!Files.isDirectory(at) || !at.toRealPath().startsWith(real)) {
        throw new HubException(
            at
                + " leads out of the cache or is no folder; nothing is written through it. Remove it,"
                + " or set HF_HUB_CACHE to another cache");
      }
    }
  }

  BlobLock lock(ListedFile file) throws IOException {
    return BlobLock.acquire(locks.resolve(file.hash() + ".lorascope.lock"), system);
  }

  /**
   * Puts a blob into a snapshot: as a link, or as huggingface_hub does where there are none, moved
   * there if nothing else can hold it yet, else copied.
   */
  void place(String commit, ListedFile file, boolean fresh, boolean symbolicLinks)
      throws IOException {
    Path snapshot = snapshot(commit);
    Path target = snapshot.resolve(file.name());
    Files.deleteIfExists(target);
    if (symbolicLinks && link(target, snapshot.relativize(blob(file)))) {
      return;
    }
    if (fresh) {
      Files.move(blob(file), target, StandardCopyOption.ATOMIC_MOVE);
    } else {
      AtomicFiles.write(target, out -> Files.copy(blob(file), out));
    }
  }

  private static boolean link(Path target, Path to) {
    try {
      Files.createSymbolicLink(target, to);
      return true;
    } catch (IOException | UnsupportedOperationException | SecurityException e) {
      return false; // Windows lets only some users make links
    }
  }

  /** Notes the commit that a branch or tag stands for. */
  void note(HubName name, String commit) throws IOException {
    if (name.isPinned() || commit(name).filter(commit::equals).isPresent()) {
      return;
    }
    Path ref = ref(name);
    inside(ref.getParent());
    inside(locks);
    BlobLock lock = BlobLock.acquire(locks.resolve("refs.lorascope.lock"), system);
    try (lock) {
      AtomicFiles.write(ref, out -> out.write(commit.getBytes(StandardCharsets.US_ASCII)));
    }
  }
}
