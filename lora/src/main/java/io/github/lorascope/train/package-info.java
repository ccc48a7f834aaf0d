/**
 * Fine-tuning: the loop, its schedule, evaluation, the run folder that it can be resumed from, and
 * listeners that see every step.
 */
package io.github.lorascope.train;
