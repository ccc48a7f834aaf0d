/** The sections of the report, each made of whatever the run's folder holds for it. */
package io.github.lorascope.report.section;
