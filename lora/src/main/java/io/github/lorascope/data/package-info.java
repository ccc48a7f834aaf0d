/**
 * Training data: triples of a query, a relevant and an irrelevant passage as MS MARCO publishes
 * them, and the seeded order in which training sees them as pairs A and B.
 */
package io.github.lorascope.data;
