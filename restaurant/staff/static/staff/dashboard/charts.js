// Draws the charts that the page describes, in the colours of the theme.

const drawn = new Map();

export function drawCharts(root) {
  for (const [canvas, chart] of drawn)
    if (!canvas.isConnected) {
      chart.destroy();
      drawn.delete(canvas);
    }
  for (const canvas of root.querySelectorAll("canvas[data-chart]")) draw(canvas);
}

function draw(canvas) {
  drawn.get(canvas)?.destroy();
  const told = JSON.parse(document.getElementById(canvas.dataset.chart).textContent);
  const colours = coloursOf(canvas);
  drawn.set(canvas, new window.Chart(canvas, { type: told.kind, ...picture(told, colours) }));
}

function coloursOf(canvas) {
  const style = getComputedStyle(canvas.closest(".dash"));
  const of = (name) => style.getPropertyValue(`--dash-${name}`).trim();
  return { main: of("main"), past: of("past"), text: of("text"), line: of("line"), fill: of("fill") };
}

function picture(told, colours) {
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const shown = (value) =>
    told.currency
      ? new Intl.NumberFormat(document.documentElement.lang, {
          style: "currency",
          currency: told.currency,
          maximumFractionDigits: 0,
        }).format(value)
      : value;
  return {
    data: {
      labels: told.labels,
      datasets: told.series.map((series) => dataset(told.kind, series, colours)),
    },
    options: {
      animation: isStill || drawn.size > 1 ? false : { duration: 300 },
      responsive: true,
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      plugins: {
        legend: {
          align: "end",
          labels: { color: colours.text, boxWidth: 10, boxHeight: 10, usePointStyle: true },
        },
        tooltip: {
          callbacks: { label: (at) => `${at.dataset.label}: ${shown(at.parsed.y)}` },
        },
      },
      scales: {
        x: { ...edges(told), grid: { display: false }, ticks: { color: colours.text, maxRotation: 0 } },
        y: {
          beginAtZero: true,
          border: { display: false },
          grid: { color: colours.line },
          ticks: { color: colours.text, maxTicksLimit: 5, precision: 0, callback: shown },
        },
      },
    },
  };
}

// Bars, and a lone point, stand off the sides.
function edges({ kind, labels }) {
  return { offset: kind === "bar" || labels.length === 1 };
}

function dataset(kind, { name, tone, values }, colours) {
  const common = { label: name, data: values, order: tone === "main" ? 0 : 1 };
  if (kind === "bar")
    // As wide as the room allows, and never a wall: the compiled default is.
    return {
      ...common,
      backgroundColor: colours[tone],
      borderRadius: 3,
      barThickness: values.length > 31 ? 4 : values.length > 16 ? 9 : 14,
      pointStyle: "rectRounded",
    };
  // A line of one point would not be seen.
  const isLone = values.filter((value) => value !== null).length < 2;
  return {
    ...common,
    borderColor: colours[tone],
    backgroundColor: tone === "main" ? colours.fill : "transparent",
    borderDash: tone === "main" ? [] : [4, 4],
    borderWidth: 2,
    fill: tone === "main",
    pointRadius: isLone ? 4 : 0,
    pointHoverRadius: 4,
    tension: 0.25,
    pointStyle: isLone ? "circle" : "line",
  };
}
