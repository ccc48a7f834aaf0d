/** Text that is safe within a page: escaping, tables, numbers for people. */
package io.github.lorascope.report.html;
