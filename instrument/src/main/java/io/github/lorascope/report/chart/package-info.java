/**
 * Charts as options of Apache ECharts (https://echarts.apache.org/en/option.html). Colours are
 * names that the page's style resolves, light or dark; functions are names that its script
 * resolves.
 */
package io.github.lorascope.report.chart;
