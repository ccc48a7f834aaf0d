/** A page about a training run that needs nothing else: no server, no network, no other file. */
package io.github.lorascope.report;
