package io.github.lorascope.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.Golden;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.LoadOptions;
import io.github.lorascope.json.Json;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HubCacheTest extends HubFixture {
  @Test
  void fetchesWhatIsNeededInTheLayoutOfHuggingfaceHub() throws IOException {
    hub.files.put("generation_config.json", new byte[] {4});
    Path snapshot = cache().locate(MODEL);
    assertWhole(snapshot);
    assertEquals(TestHub.COMMIT, Files.readString(repository().resolve("refs/main")));
    for (String file : List.of("config.json", "tokenizer.json", WEIGHTS)) {
      assertEquals(
          Path.of("../../blobs", hub.hash(file)),
          Files.readSymbolicLink(snapshot.resolve(file)),
          file);
    }
    try (Stream<Path> blobs = Files.list(repository().resolve("blobs"))) {
      assertEquals(3, blobs.count(), "what is not needed is not fetched");
    }
  }

  @Test
  void isLoadedByItsName() {
    Path snapshot = cache().locate(MODEL);
    try (Decoder decoder =
        Decoder.load(
            cache("HF_HUB_OFFLINE", "1").locate(MODEL),
            LoadOptions.defaults().withBackend("reference"))) {
      assertEquals(snapshot, decoder.folder().orElseThrow());
    }
  }

  @Test
  void whatIsThereIsNotFetchedAgain() throws IOException {
    cache().locate(MODEL);
    int before = hub.requests().size();
    assertWhole(cache().locate(MODEL));
    assertEquals(before + 1, hub.requests().size(), "one for the list");
    assertWhole(cache("HF_HUB_OFFLINE", "1").locate(MODEL));
    assertWhole(cache().locate(MODEL + "@" + TestHub.COMMIT));
    assertEquals(before + 1, hub.requests().size(), "none");
    hub.close();
    assertWhole(cache().locate(MODEL));
  }

  @Test
  void aBranchThatMovedOnIsFetchedAndSharesItsBlobs() throws IOException {
    cache().locate(MODEL);
    hub.commit = "f".repeat(40);
    hub.files.put("config.json", Files.readAllBytes(Golden.path("phi3-window/config.json")));
    Path snapshot = cache().locate(MODEL);
    assertEquals(hub.commit, snapshot.getFileName().toString());
    assertEquals(hub.commit, Files.readString(repository().resolve("refs/main")));
    assertEquals(1, hub.requestsFor(WEIGHTS).size());
    assertEquals(2, hub.requestsFor("config.json").size());
  }

  @Test
  void onlyTheShardsOfTheIndexAreFetched() throws IOException {
    hub.files.clear();
    try (Stream<Path> files = Files.list(Golden.path("llama-sharded"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        hub.files.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    hub.files.put("other-00001-of-00001.safetensors", new byte[] {1});
    Path snapshot = cache().locate(MODEL);
    assertFalse(Files.exists(snapshot.resolve("other-00001-of-00001.safetensors")));
    try (Decoder decoder =
        Decoder.load(snapshot, LoadOptions.defaults().withBackend("reference"))) {
      assertTrue(decoder.config().layers() > 0);
    }
  }

  @Test
  void oneFileOfAllWeightsGoesBeforeAnIndex() throws IOException {
    String index = Json.write(Map.of("weight_map", Map.of("x", "absent.safetensors")));
    hub.files.put("model.safetensors.index.json", index.getBytes(UTF_8));
    Path snapshot = cache().locate(MODEL);
    assertWhole(snapshot);
    assertFalse(Files.exists(snapshot.resolve("model.safetensors.index.json")));
    assertWhole(cache("HF_HUB_OFFLINE", "1").locate(MODEL));
  }

  @Test
  void aCutConnectionIsGoneOnWith() throws IOException {
    cutTheWeights(1000);
    assertWhole(cache().locate(MODEL));
    List<TestHub.Request> asked = hub.requestsFor(WEIGHTS);
    assertEquals(2, asked.size());
    assertNull(asked.get(0).range());
    assertEquals("bytes=1000-", asked.get(1).range());
  }

  @Test
  void aDownloadThatFailedIsGoneOnWithByTheNextOne() throws IOException {
    cutTheWeights(1000);
    for (int i = 0; i < 5; i++) {
      hub.troubles.add(TestHub.status(503));
    }
    HubException e = assertThrows(HubException.class, () -> cache().locate(MODEL));
    assertTrue(e.getMessage().contains("1000 bytes are kept"), e.getMessage());
    assertFalse(Files.exists(repository().resolve("refs/main")));
    Path partial =
        repository().resolve("blobs").resolve(hub.hash(WEIGHTS) + ".lorascope.incomplete");
    assertEquals(1000, Files.size(partial));
    int before = hub.requestsFor(WEIGHTS).size();
    assertWhole(cache().locate(MODEL));
    assertEquals("bytes=1000-", hub.requestsFor(WEIGHTS).get(before).range());
    assertFalse(Files.exists(partial));
  }

  @Test
  void aServerWithoutRangesSendsAllAgain() throws IOException {
    cutTheWeights(1000);
    hub.heedsRanges = false;
    assertWhole(cache().locate(MODEL));
  }

  @Test
  void whatLayThereOfAnotherFileIsLetGo() throws IOException {
    Files.createDirectories(repository().resolve("blobs"));
    Path partial =
        repository().resolve("blobs").resolve(hub.hash(WEIGHTS) + ".lorascope.incomplete");
    Files.write(partial, new byte[500]);
    assertWhole(cache().locate(MODEL));
    assertEquals(2, hub.requestsFor(WEIGHTS).size());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatAProxySaysInPlaceOfTheRestCostsNothing(boolean tellsItsLength) throws IOException {
    cutTheWeights(1000);
    hub.troubles.add(
        tellsItsLength
            ? (exchange, whole) -> well(exchange, PAGE.getBytes(UTF_8))
            : HubFixture::page);
    assertWhole(cache().locate(MODEL));
    List<TestHub.Request> asked = hub.requestsFor(WEIGHTS);
    assertEquals(3, asked.size());
    assertEquals("bytes=1000-", asked.get(2).range());
  }

  @Test
  void aServerWithoutRangesAndLengthsSendsAllAgain() throws IOException {
    cutTheWeights(1000);
    hub.heedsRanges = false;
    hub.tellsLengths = false;
    assertWhole(cache().locate(MODEL));
  }

  @Test
  void whatDoesNotFitTogetherIsFetchedAgain() throws IOException {
    troubleTheWeights(HubFixture::page);
    assertWhole(cache().locate(MODEL));
    List<TestHub.Request> asked = hub.requestsFor(WEIGHTS);
    assertEquals(3, asked.size());
    assertEquals("bytes=" + PAGE.length() + "-", asked.get(1).range());
    assertNull(asked.get(2).range());
  }

  /** Python's appends to its own partial file, and may do so when this one is done. */
  @Test
  void whatPythonIsStillWritingDoesNotGetIntoAModel() throws IOException {
    Path theirs = repository().resolve("blobs").resolve(hub.hash(WEIGHTS) + ".incomplete");
    Files.createDirectories(theirs.getParent());
    byte[] whole = hub.files.get(WEIGHTS);
    try (OutputStream python = Files.newOutputStream(theirs)) {
      python.write(whole, 0, 500);
      Path snapshot = cache().locate(MODEL);
      python.write(whole, 500, 500);
      assertWhole(snapshot);
    }
    assertArrayEquals(Arrays.copyOf(whole, 1000), Files.readAllBytes(theirs));
  }

  @Test
  void withoutLocksAProcessWritesToAFileOfItsOwn() throws IOException {
    Path theirs =
        repository().resolve("blobs").resolve(hub.hash(WEIGHTS) + ".lorascope.incomplete");
    Files.createDirectories(theirs.getParent());
    byte[] part = Arrays.copyOf(hub.files.get(WEIGHTS), 500);
    Files.write(theirs, part);
    HubCache cache =
        builder()
            .systemLock(
                channel -> {
                  throw new IOException("No locks available");
                })
            .build();
    assertWhole(cache.locate(MODEL));
    assertNull(hub.requestsFor(WEIGHTS).get(0).range());
    assertArrayEquals(part, Files.readAllBytes(theirs));
  }

  @Test
  void anInterruptAtALockIsNoFaultOfTheFolder() {
    HubCache cache =
        builder()
            .systemLock(
                channel -> {
                  throw new ClosedByInterruptException();
                })
            .build();
    HubException e = assertThrows(HubException.class, () -> cache.locate(MODEL));
    assertTrue(e.getMessage().contains("was interrupted"), e.getMessage());
    assertTrue(Thread.interrupted(), "stays so");
  }

  @Test
  void aFileThatCanBeDoneWithoutDoesNotTakeAwayWhatIsThere() throws IOException {
    cache().locate(MODEL);
    hub.files.put("special_tokens_map.json", "{ }".getBytes(UTF_8));
    hub.refused.put("special_tokens_map.json", 401);
    assertWhole(cache().locate(MODEL));
    assertEquals(1, hub.requestsFor("special_tokens_map.json").size());
  }

  @Test
  void aNewCommitThatCannotBeWrittenDoesNotTakeAwayWhatIsThere() throws IOException {
    cache().locate(MODEL);
    hub.commit = "f".repeat(40);
    Files.writeString(repository().resolve("snapshots").resolve(hub.commit), "in the way");
    assertWhole(cache().locate(MODEL));
  }

  @Test
  void aNewCommitThatIsInterruptedIsNotPassedOver() throws IOException {
    cache().locate(MODEL);
    hub.commit = "f".repeat(40);
    hub.files.put("config.json", "{ }".getBytes(UTF_8));
    Thread asking = Thread.currentThread();
    CountDownLatch seen = new CountDownLatch(1);
    hub.troubles.add(
        (exchange, whole) -> {
          asking.interrupt();
          try {
            seen.await();
          } catch (InterruptedException e) {
            throw new InterruptedIOException();
          }
        });
    HubException e = assertThrows(HubException.class, () -> cache().locate(MODEL));
    seen.countDown();
    assertTrue(Thread.interrupted(), "stays so");
    assertTrue(e.getMessage().contains("was interrupted"), e.getMessage());
  }

  @Test
  void aBranchThatIsNoTextIsLookedUpAgain() throws IOException {
    Path ref = repository().resolve("refs/main");
    Files.createDirectories(ref.getParent());
    Files.write(ref, new byte[] {-1, -1, -1});
    assertWhole(cache().locate(MODEL));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b.safetensors", "a%2Fb.safetensors", "a?.safetensors", "../x"})
  void aShardThatNoCheckpointHasIsRefusedByName(String shard) {
    assertShardRefused(shard, shard);
  }

  @Test
  void nothingThatATerminalActsOnIsPrinted() {
    assertShardRefused("x\n\u001b[2J.safetensors", "'x??[2J.safetensors'");
  }

  private void assertShardRefused(String shard, String words) {
    hub.files.remove(WEIGHTS);
    String index = Json.write(Map.of("weight_map", Map.of("model.norm.weight", shard)));
    hub.files.put("model.safetensors.index.json", index.getBytes(UTF_8));
    HubException e = assertThrows(HubException.class, () -> cache().locate(MODEL));
    assertTrue(e.getMessage().contains(words), e.getMessage());
    assertFalse(Files.exists(repository().resolve("refs/main")));
  }

  @Test
  void aSizeThatIsNoNumberIsRefused() {
    hub.bare.add("config.json");
    hub.troubles.add(
        (exchange, whole) -> {
          exchange.getResponseHeaders().set("X-Linked-Size", "abc");
          exchange.sendResponseHeaders(200, -1);
        });
    HubException e = assertThrows(HubException.class, () -> cache().locate(MODEL));
    assertTrue(e.getMessage().contains("config.json of org/name"), e.getMessage());
    assertTrue(e.getMessage().contains("'abc', which is no number"), e.getMessage());
  }

  @Test
  void anotherSizeThanListedIsRefused() throws IOException {
    hub.listedSizes.put(WEIGHTS, 17L);
    assertWrong("17 are listed");
  }

  @Test
  void anotherHashThanListedIsRefused() throws IOException {
    hub.listedHashes.put(WEIGHTS, "a".repeat(64));
    assertWrong("is listed");
  }

  private void assertWrong(String words) throws IOException {
    HubException e = assertThrows(HubException.class, () -> cache().locate(MODEL));
    assertTrue(e.getMessage().contains(WEIGHTS), e.getMessage());
    assertTrue(e.getMessage().contains(words), e.getMessage());
    assertFalse(Files.exists(repository().resolve("refs/main")));
    assertTrue(everything().stream().noneMatch(f -> f.contains("incomplete")), "nothing is left");
  }

  @Test
  void theTokenGoesToTheHubAlone() throws IOException {
    try (TestHub store = new TestHub(Set.of(WEIGHTS))) {
      store.files.putAll(hub.files);
      hub.store = store;
      assertWhole(cache("HF_TOKEN", "hf_secret").locate(MODEL));
      assertTrue(hub.requests().size() >= 4);
      for (TestHub.Request request : hub.requests()) {
        assertEquals("Bearer hf_secret", request.authorization(), request.path());
      }
      assertEquals(3, store.requests().size());
      for (TestHub.Request request : store.requests()) {
        assertNull(request.authorization(), request.path());
      }
    }
  }

  @Test
  void aRedirectThatDoesNotEndIsRefused() {
    for (int i = 0; i < 20; i++) {
      hub.troubles.add(TestHub.redirect("/org/name/resolve/" + TestHub.COMMIT + "/config.json"));
    }
    HubException e = assertThrows(HubException.class, () -> cache().locate(MODEL));
    assertTrue(e.getMessage().contains("redirects more than"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../evil",
        "a/../../evil",
        "/etc/evil",
        "a//b",
        "..\\evil",
        "C:/evil",
        "nul\u0000.json",
        "./config.json"
      })
  void aFileThatLeadsOutOfTheCacheIsRefusedBeforeAnythingIsWritten(String name) throws IOException {
    hub.otherNames.add(name);
    HubException e = assertThrows(HubException.class, () -> cache().locate(MODEL));
    assertTrue(e.getMessage().contains("leads out of the model's folder"), e.getMessage());
    assertEquals(List.of(), everything());
  }

  @Test
  void aHashThatIsNoneIsRefusedBeforeAnythingIsWritten() throws IOException {
    hub.listedHashes.put(WEIGHTS, "../../../../evil");
    assertThrows(HubException.class, () -> cache().locate(MODEL));
    assertEquals(List.of(), everything());
  }

  @Test
  void aLinkInTheCacheThatLeadsOutOfItIsNotWrittenThrough() throws IOException {
    Path outside = Files.createDirectories(folder.resolve("outside"));
    Files.createDirectories(repository());
    Files.createSymbolicLink(repository().resolve("blobs"), outside);
    HubException e = assertThrows(HubException.class, () -> cache().locate(MODEL));
    assertTrue(e.getMessage().contains("leads out of the cache"), e.getMessage());
    assertEquals(List.of(), everything());
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x", "a/b/c", "org", "org/..", "org/na--me", "", "org/name@../x"})
  void whatIsNoNameIsRefusedWithoutARequest(String name) throws IOException {
    HubException e = assertThrows(HubException.class, () -> cache().locate(name));
    assertTrue(e.getMessage().contains("org/name"), e.getMessage());
    assertEquals(List.of(), hub.requests());
    assertEquals(List.of(), everything());
  }

  @Test
  void aFolderOfThatNameComesFirst() {
    assertEquals(folder, cache().locate(folder.toString()));
    assertEquals(List.of(), hub.requests());
  }

  @Test
  void offlineSaysWhatWasLookedForAndWhere() {
    HubException e =
        assertThrows(HubException.class, () -> cache("HF_HUB_OFFLINE", "1").locate(MODEL));
    assertTrue(e.getMessage().contains(MODEL), e.getMessage());
    assertTrue(e.getMessage().contains(repository().toString()), e.getMessage());
    assertTrue(e.getMessage().contains("HF_HUB_OFFLINE"), e.getMessage());
    assertEquals(List.of(), hub.requests());
  }

  @ParameterizedTest
  @CsvSource({
    "401, HF_TOKEN",
    "401, no longer valid",
    "403, accept the terms",
    "404, check the name",
    "404, private or gated",
    "404, HF_TOKEN",
    "503, try again"
  })
  void aRefusalSaysWhatToDo(int status, String words) throws IOException {
    hub.listStatus = status;
    HubException e =
        assertThrows(HubException.class, () -> cache("HF_TOKEN", "hf_secret").locate(MODEL));
    assertTrue(e.getMessage().contains(words), e.getMessage());
    assertTrue(e.getMessage().contains(MODEL), e.getMessage());
    assertFalse(e.getMessage().contains("hf_secret"));
    assertEquals(List.of(), everything());
  }

  @Test
  void aRefusalQuotesTheHub() {
    hub.listStatus = 401;
    hub.listHeaders.put("X-Error-Message", "Invalid \u009b credentials " + "x".repeat(300));
    HubException e = assertThrows(HubException.class, () -> cache().locate(MODEL));
    assertTrue(e.getMessage().contains("('Invalid ? credentials xxx"), e.getMessage());
    assertTrue(e.getMessage().contains("xxx...')"), e.getMessage());
  }

  @Test
  void aFileThatIsNotThereIsNotSaidToBePrivate() {
    hub.listStatus = 404;
    hub.listHeaders.put("X-Error-Code", "EntryNotFound");
    HubException e = assertThrows(HubException.class, () -> cache().locate(MODEL));
    assertFalse(e.getMessage().contains("private"), e.getMessage());
  }
}
