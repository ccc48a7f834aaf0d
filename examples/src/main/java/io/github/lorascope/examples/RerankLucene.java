package io.github.lorascope.examples;

import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.integration.lucene.PairwiseRescorer;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.rerank.Reranker;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Rescorer;
import org.apache.lucene.search.TopDocs;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Reranks a Lucene search as its Rescorer. */
@Command(
    name = "RerankLucene",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Searches a Lucene index of the bundled passages by BM25 and reranks the hits as Lucene's"
            + " Rescorer.")
public final class RerankLucene implements Callable<Integer> {
  @Mixin private SearchOptions search;

  /** For picocli. */
  public RerankLucene() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new RerankLucene(), arguments);
  }

  @Override
  public Integer call() throws IOException {
    int hits = search.hits();
    try (PassageIndex index = PassageIndex.of(search.passages());
        Decoder decoder = search.decoder();
        LoraAdapter adapter = search.adapter(decoder);
        Reranker reranker = search.reranker(decoder, adapter)) {
      IndexSearcher searcher = index.searcher();
      TopDocs found = searcher.search(index.words(search.query()), hits);
      Rescorer rescorer =
          new PairwiseRescorer(reranker, search.query(), PassageIndex.TEXT).withTopK(hits);
      TopDocs reranked = rescorer.rescore(searcher, found, hits);
      search.print("Lucene's Rescorer", index.read(found), index.read(reranked));
      return 0;
    }
  }
}
