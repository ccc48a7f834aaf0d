// Under each chart: the values at the step nearest to the pointer.
for (const chart of document.querySelectorAll(".chart[data-x]")) {
  const svg = chart.querySelector("svg");
  const cursor = chart.querySelector(".cursor");
  const output = chart.querySelector("output");
  const [low, high] = chart.dataset.x.split(" ").map(Number);
  const [left, right, width] = chart.dataset.plot.split(" ").map(Number);
  const series = [...svg.querySelectorAll("[data-points]")].map((group) => ({
    name: group.dataset.name,
    points: group.dataset.points.split(" ").map((pair) => pair.split(",").map(Number)),
  }));
  const show = (event) => {
    const box = svg.getBoundingClientRect();
    const share = ((event.clientX - box.left) / box.width - left) / (right - left);
    const step = low + Math.min(1, Math.max(0, share)) * (high - low);
    const nearest = series.map(({ name, points }) => {
      const [at, value] = points.reduce((a, b) => (Math.abs(b[0] - step) < Math.abs(a[0] - step) ? b : a));
      return { name, at, value };
    });
    const main = nearest.reduce((a, b) => (Math.abs(b.at - step) < Math.abs(a.at - step) ? b : a)).at;
    output.textContent = `step ${main}: ` + nearest
      .map(({ name, at, value }) => `${name} ${value}` + (at === main ? "" : ` (step ${at})`)).join(" \u00b7 ");
    const x = (left + ((main - low) / (high - low)) * (right - left)) * width;
    cursor.setAttribute("transform", `translate(${x})`);
    cursor.style.visibility = "visible";
  };
  svg.addEventListener("pointermove", show);
  svg.addEventListener("pointerdown", show);
  svg.addEventListener("pointerleave", () => { cursor.style.visibility = "hidden"; output.textContent = ""; });
}
