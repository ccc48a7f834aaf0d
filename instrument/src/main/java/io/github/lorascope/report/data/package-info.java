/** A run's folder as the report reads it: series, matrices and documents, checked as they come. */
package io.github.lorascope.report.data;
