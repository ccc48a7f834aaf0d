/**
 * Retrieval experiments in the files of TREC and MS MARCO: collections, queries, relevance
 * judgments and runs, read as trec_eval reads them, and runs measured and compared. What may be
 * larger than memory is streamed.
 */
package io.github.lorascope.trec;
