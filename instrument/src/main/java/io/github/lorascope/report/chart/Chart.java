package io.github.lorascope.report.chart;

import java.util.Map;

/**
 * One drawing.
 *
 * @param option of ECharts
 * @param meta what the script needs to know beyond it, such as what the values are called
 */
public record Chart(Map<String, Object> option, Map<String, Object> meta) {}
