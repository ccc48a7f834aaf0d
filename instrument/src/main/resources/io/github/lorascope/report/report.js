"use strict";
(() => {
  const WIDE = 560;
  const VIRIDIS = ["#440154", "#482878", "#3e4a89", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725"];
  const specs = JSON.parse(document.getElementById("charts").textContent);
  const chosen = {};

  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const safe = (text) => String(text).replace(/[&<>"']/g, (c) => "&#" + c.charCodeAt(0) + ";");
  const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
  const list = (value) => (Array.isArray(value) ? value : value ? [value] : []);

  const short = (value) => {
    const size = Math.abs(value);
    if (value === 0) return "0";
    return size < 1e-3 || size >= 1e6
      ? value.toExponential(3).replace(/\.?0*e\+?/, "e")
      : String(Number(value.toPrecision(4)));
  };
  const between = (low, high) => (isNumber(low) && isNumber(high) ? ` [${short(low)}, ${short(high)}]` : "");

  // What an option can only name: each gets the chart's option and meta and returns the function.
  const FUNCTIONS = {
    axis: (option, meta) => (points) => {
      const shown = points.filter((p) => p.seriesName && p.seriesType !== "custom" && isNumber(p.value[1]));
      if (!shown.length) return "";
      const rows = shown.map((p) =>
        `${p.marker}${safe(p.seriesName)} <b>${short(p.value[1])}</b>${between(p.value[2], p.value[3])}`);
      return [`${safe(meta.x)} ${safe(points[0].axisValueLabel)}`, ...rows].join("<br>");
    },
    cell: (option, meta) => ({ value }) => {
      const ends = between(value[4], value[5]);
      return `${safe(meta.y)} ${safe(option.yAxis.data[value[1]])}, ${safe(meta.x)} ${safe(option.xAxis.data[value[0]])}`
        + `<br>${safe(meta.value)} <b>${short(value[3])}</b>${ends}${ends ? `<br><small>${safe(meta.ends)}</small>` : ""}`;
    },
    dot: (option, meta) => ({ value, seriesName }) => `${safe(option.yAxis.data[value[1]])}<br>`
      + (value.length > 3
        ? `${safe(meta.value)} <b>${short(value[0])}</b>${between(value[2], value[3])}`
        : `seed ${value[2]}: <b>${short(value[0])}</b>`),
    cloud: () => ({ value, seriesName }) => `example ${value[2]}: ${safe(seriesName)}`,
    short: () => short,
    whisker: () => (params, api) => whisker(api, [api.value(0), api.value(2)], [api.value(0), api.value(3)]),
    whiskerSideways: () => (params, api) => whisker(api, [api.value(2), api.value(1)], [api.value(3), api.value(1)]),
    span: (option) => (params, api) => {
      const half = api.size([1, 0])[0] / 2;
      const [left, y] = api.coord([api.value(0), api.value(1)]);
      const [right] = api.coord([api.value(2), api.value(1)]);
      const height = Math.min(17, api.size([0, 1])[1] - 3);
      const width = right - left + 2 * half - 2;
      const x = left - half + 1;
      const label = option.series[params.seriesIndex].name;
      const needed = echarts.format.getTextRect(label, "11px sans-serif").width + 10;
      const isRight = width < needed && x + width + needed < api.getWidth();
      const isLeft = width < needed && !isRight && x > needed;
      return { type: "group", children: [
        { type: "rect", shape: { x, y: y - height / 2, width, height, r: 3 }, style: { fill: api.visual("color"), opacity: 0.28 } },
        { type: "text", style: {
          text: label, x: isRight ? x + width + 4 : isLeft ? x - 4 : x + 6, y, align: isLeft ? "right" : "left", verticalAlign: "middle",
          fill: css("ink"), fontSize: 11, ...(isRight || isLeft ? {} : { width: width - 8, overflow: "truncate" }) } },
      ] };
    },
  };

  function whisker(api, from, to) {
    if (![...from, ...to].every(isNumber)) return undefined;
    const [a, b] = [api.coord(from), api.coord(to)];
    return { type: "line", shape: { x1: a[0], y1: a[1], x2: b[0], y2: b[1] }, style: { stroke: api.visual("color"), lineWidth: 1.6, opacity: 0.75 } };
  }

  function colour(name) {
    if (name === "c:sequential") return VIRIDIS;
    if (name === "c:diverging") return ["#1f5fa8", "#7fb0dc", css("mid"), "#f0a066", "#b4470c"];
    return css(name.slice(2));
  }

  // Only under keys that hold a colour or a function, so that no name of the data is taken for one.
  function resolve(node, option, meta) {
    for (const [key, value] of Object.entries(node)) {
      if (value !== null && typeof value === "object") {
        if (key !== "data" || !Array.isArray(value[0])) resolve(value, option, meta);
      } else if (key === "color" && typeof value === "string" && value.startsWith("c:")) {
        node[key] = colour(value);
      } else if ((key === "formatter" || key === "renderItem") && typeof value === "string" && value.startsWith("fn:")) {
        node[key] = FUNCTIONS[value.slice(3)](option, meta);
      }
    }
  }

  function axes(some, isX) {
    for (const axis of some) {
      const category = axis.type === "category";
      axis.axisLine = { show: isX, lineStyle: { color: css("line") }, ...axis.axisLine };
      axis.axisTick = { show: false, ...axis.axisTick };
      axis.axisLabel = { color: css("soft"), fontSize: 11, hideOverlap: true, ...axis.axisLabel };
      axis.splitLine = { show: !category && !isX, lineStyle: { color: css("line") }, ...axis.splitLine };
      axis.nameTextStyle = { color: css("soft"), fontSize: 11, align: isX ? "center" : "left" };
      axis.nameLocation = isX ? "middle" : "end";
      axis.nameGap = isX ? 24 : 8;
      if (axis.type === "log") axis.axisLabel.formatter = short;
    }
  }

  // Names at the ends of lines where there is room beside them, else above.
  function legend(option, width) {
    const names = list(option.legend && option.legend.data);
    const lines = option.series.filter((s) => s.type === "line" && names.includes(s.name));
    const direct = lines.length === names.length && names.length > 1 && names.length <= 7 && width >= WIDE;
    if (direct) {
      for (const line of lines) line.endLabel = { show: true, formatter: "{a}", color: line.color, fontSize: 12, distance: 6 };
      option.grid.right = 20 + 6.8 * Math.max(...names.map((name) => name.length));
      option.grid.top -= 12;
    } else if (names.length > 1 && !Array.isArray(option.grid)) {
      const rows = Math.ceil(names.reduce((sum, name) => sum + 30 + 6.2 * name.length, 0) / (width - 36));
      option.grid.top += 18 * (rows - 1);
    }
    option.legend = {
      ...option.legend, show: names.length > 1 && !direct, left: 0, right: 36, top: 5, padding: 0, align: "left",
      itemGap: 12, itemWidth: 16, itemHeight: 8, textStyle: { color: css("ink"), fontSize: 12 },
    };
  }

  // Moves names apart that would lie on each other.
  function spread(chart, option) {
    const ends = option.series.filter((s) => s.endLabel).flatMap((line) => {
      const last = line.data.filter((point) => point[1] !== null).at(-1);
      return last ? [{ name: line.name, y: chart.convertToPixel({ yAxisIndex: 0 }, last[1]) }] : [];
    }).sort((a, b) => a.y - b.y);
    let free = -Infinity;
    const moved = ends.map(({ name, y }) => {
      const to = Math.max(y, free);
      free = to + 15;
      return { name, endLabel: { offset: [0, to - y] } };
    });
    const beyond = free - 15 - (chart.getHeight() - 20);
    for (const { endLabel } of beyond > 0 ? moved : []) endLabel.offset[1] -= beyond;
    chart.setOption({ series: option.series.map((s) => moved.find(({ name }) => s.endLabel && name === s.name) ?? {}) });
  }

  // Labels of steps at round numbers.
  function roundSteps(axis, width) {
    const steps = axis.data.map((name) => Number(name.split("–")[0].replaceAll(",", "")));
    if (steps.length <= 30 || !steps.every(Number.isFinite)) return;
    const wanted = (steps.at(-1) - steps[0]) / (width / 60);
    const unit = 10 ** Math.floor(Math.log10(wanted));
    const every = [1, 2, 5, 10].find((factor) => factor * unit >= wanted) * unit;
    axis.axisLabel = { interval: (i) => i > 0 && Math.floor(steps[i] / every) > Math.floor(steps[i - 1] / every) };
  }

  function themed(id, { option: plain, meta }, width) {
    const option = structuredClone(plain);
    resolve(option, option, meta);
    option.animation = false;
    option.textStyle = { fontFamily: getComputedStyle(document.body).fontFamily, color: css("ink") };
    if (!Array.isArray(option.xAxis) && option.xAxis.type === "category") roundSteps(option.xAxis, width);
    for (const { markLine } of option.series) {
      if (markLine) Object.assign(markLine.label, { textBorderColor: css("card"), textBorderWidth: 3 });
    }
    axes(list(option.xAxis), true);
    axes(list(option.yAxis), false);
    legend(option, width);
    for (const title of list(option.title)) {
      title.textStyle = { color: css("ink"), ...title.textStyle, width: list(option.title).length > 2 ? width - 40 : width / 2 - 20, overflow: "truncate" };
      title.padding = 0;
    }
    if (option.visualMap) option.visualMap.textStyle = { color: css("soft"), fontSize: 11 };
    Object.assign(option.tooltip, {
      confine: true, backgroundColor: css("card"), borderColor: css("line"), textStyle: { color: css("ink"), fontSize: 12 },
      axisPointer: { type: meta.x === "layer" && list(option.grid).length > 1 ? "shadow" : "line", lineStyle: { color: css("soft") }, shadowStyle: { color: css("shade") } },
    });
    option.toolbox.iconStyle = { borderColor: css("soft") };
    Object.assign(option.toolbox.feature.saveAsImage, { title: "Save as image", name: id, backgroundColor: css("card"), pixelRatio: 2 });
    return option;
  }

  function draw(plot) {
    const views = specs[plot.id];
    const view = views[chosen[plot.id] ?? Object.keys(views)[0]];
    const chart = echarts.getInstanceByDom(plot) ?? echarts.init(plot);
    const option = themed(plot.id, view, plot.clientWidth);
    chart.setOption(option, true);
    spread(chart, option);
    plot.dataset.wide = plot.clientWidth >= WIDE;
  }

  const plots = [...document.querySelectorAll(".plot")];
  const isDrawn = (plot) => echarts.getInstanceByDom(plot) !== undefined;
  const drawAll = () => plots.filter((plot) => !isDrawn(plot)).forEach(draw);
  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (isIntersecting && !isDrawn(target)) draw(target);
    }
  }, { rootMargin: "400px" });
  const sized = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (!isDrawn(target)) continue;
      echarts.getInstanceByDom(target).resize();
      if (target.dataset.wide !== String(target.clientWidth >= WIDE)) draw(target);
    }
  });
  for (const plot of plots) {
    seen.observe(plot);
    sized.observe(plot);
  }

  for (const input of document.querySelectorAll(".switch input")) {
    input.addEventListener("change", () => {
      for (const plot of input.closest(".group").querySelectorAll(".plot")) {
        chosen[plot.id] = input.value;
        if (isDrawn(plot)) draw(plot);
      }
    });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => plots.filter(isDrawn).forEach(draw));
  addEventListener("beforeprint", drawAll);
})();
