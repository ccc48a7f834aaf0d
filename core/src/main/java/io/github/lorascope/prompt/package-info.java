/**
 * The question put to the model: a query and two passages set into a template, cut to a token limit
 * and encoded, with the tokens of each part known.
 */
package io.github.lorascope.prompt;
