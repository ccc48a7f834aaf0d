/** What is measured: proportions with their uncertainty. */
package io.github.lorascope.metric;
