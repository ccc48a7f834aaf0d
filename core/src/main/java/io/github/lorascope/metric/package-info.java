/**
 * What is measured: proportions and means with their uncertainty, and how good a ranking is, with
 * trec_eval's names and values.
 */
package io.github.lorascope.metric;
