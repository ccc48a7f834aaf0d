/** Writing files so that a reader meets either the old content or the new, never a part. */
package io.github.lorascope.io;
