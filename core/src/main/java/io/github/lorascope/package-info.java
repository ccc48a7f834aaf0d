/** What every part shares: the root of the named exceptions. */
package io.github.lorascope;
