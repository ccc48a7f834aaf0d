/**
 * Retrieval experiments in the files of TREC, MS MARCO and BEIR: collections, queries, relevance
 * judgments and runs, read as trec_eval reads them, and runs measured and compared. What may be
 * larger than memory is streamed.
 */
package io.github.lorascope.trec;
