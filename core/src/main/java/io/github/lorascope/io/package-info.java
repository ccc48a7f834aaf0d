/**
 * Writing files so that a reader meets either the old content or the new, never a part, and reading
 * files of lines, whatever their size.
 */
package io.github.lorascope.io;
