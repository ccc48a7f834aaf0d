/**
 * Orders from answers about pairs: strategies that choose which pairs to ask about, aggregations
 * that make scores of the answers, and what an order reports of itself. Items are numbers from 0,
 * in the order in which they were given; what they stand for and who answers is not known here.
 */
package io.github.lorascope.ranking;
