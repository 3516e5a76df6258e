// Draws figures: inks for light and dark, each line's name at its end, downloads.
// models_app/figures/language.py made them.
"use strict";

const NARROW = 420; // pixels; below, names stand above the figure instead of beside it
const LIGHTER = { "#0072B2": "#56B4E9", "#009E73": "#2BC79A" }; // on dark ground
const DEEPER = { "#E69F00": "#8F6200", "#009E73": "#00785A", "#CC79A7": "#A3487C" }; // words, on light ground

// Plotly's own words in what language.py makes; other markup is what a client named, in figures that are older than its
// `as_sent`. And the way back from `as_sent`, for files.
const MARKUP = /<(?!br>|\/?extra>)/g;
const SENT = { "&lt;": "<", "&gt;": ">", "&#37;": "%", "&amp;": "&" };

const PAPER = { width: 670, height: 218 }; // pixels of a figure that is printed
const SAVED = { width: 1000, height: 560 }; // of one that is saved, with two dots a pixel

let onPaper = false;
const inDark = () => !onPaper && document.documentElement.classList.contains("dark");

function figureOf(plot) {
  const text = document.getElementById(plot.dataset.figure).textContent;
  const inked = inDark() ? text.replace(/#0072B2|#009E73/g, (color) => LIGHTER[color]) : text;
  return JSON.parse(inked, (_, value) => (typeof value === "string" ? value.replace(MARKUP, "&lt;") : value));
}

function draw(plot) {
  const { data, layout } = figureOf(plot);
  const narrow = !onPaper && plot.clientWidth < NARROW;
  const ink = inDark() ? "#d5dbe6" : "#344054";
  const grid = inDark() ? "#2b3444" : "#e6e9ee";
  const names = Object.keys(layout).filter((name) => /^[xy]axis/.test(name));
  const axes = Object.fromEntries(
    [...new Set([...names, "xaxis", "yaxis"])].map((name) => [
      name,
      { gridcolor: grid, zerolinecolor: grid, automargin: true, ...layout[name] },
    ]),
  );
  const direct = !narrow && named(data).length > 0 && !data.some((trace) => trace.mode === "markers" && trace.name);
  const frame = {
    title: undefined,
    ...(onPaper ? { autosize: false, ...PAPER } : { autosize: true, width: undefined, height: undefined }),
    font: { color: ink, size: narrow ? 11 : 12, family: "Inter, sans-serif" },
    margin: { l: 48, r: direct ? 84 : 12, t: direct ? 12 : 8, b: 44 },
    showlegend: !direct && data.filter((trace) => trace.name && trace.showlegend !== false).length > 1,
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" },
    hoverlabel: { font: { family: "Inter, sans-serif" } },
  };
  const shown = data.map((trace) => ({ hoverlabel: { namelength: -1 }, ...trace }));
  Plotly.react(plot, shown, { ...layout, ...frame, ...axes }, { responsive: true, displayModeBar: false }).then(() => {
    if (direct) Plotly.relayout(plot, { annotations: [...(layout.annotations ?? []), ...endings(plot)] });
  });
}

const named = (data) =>
  data.filter((trace) => trace.name && trace.showlegend !== false && /lines/.test(trace.mode ?? ""));

// Each line's name beside its end, moved apart where lines end close together.
function endings(plot) {
  const { xaxis, yaxis } = plot._fullLayout;
  const last = (trace) => {
    const points = Array.from(trace.x, (x, place) => ({ x: xaxis.d2p(x), y: yaxis.d2p(trace.y[place]) }));
    return points
      .filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))
      .reduce((a, b) => (b.x >= a.x ? b : a), { x: -1, y: 0 });
  };
  const ends = named(plot.data)
    .map((trace) => ({ name: trace.name, color: trace.line?.color, y: last(trace).y }))
    .sort((a, b) => a.y - b.y);
  for (let place = 1; place < ends.length; place++) ends[place].y = Math.max(ends[place].y, ends[place - 1].y + 15);
  const over = Math.max(0, (ends.at(-1)?.y ?? 0) - yaxis._length);
  return ends.map(({ name, color, y }) => ({
    text: name,
    showarrow: false,
    xref: "paper",
    x: 1,
    xanchor: "left",
    xshift: 6,
    yref: "paper",
    y: 1 - (y - over) / yaxis._length,
    yanchor: "middle",
    font: { color: (!inDark() && DEEPER[color]) || color, size: 12 },
  }));
}

// As tenants/spreadsheets.py has it: text that a spreadsheet would run as a formula stands behind an apostrophe.
function inCell(value) {
  const text =
    typeof value === "string" ? value.replace(/&(lt|gt|#37|amp);/g, (each) => SENT[each]) : String(value ?? "");
  const safe =
    /^[=+\-@＝＋－＠\t\r\n]/.test(text) && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? `'${text}` : text;
  return /[",\r\n\t;]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

// Every trace as rows of name, x, y and, where it has an interval, its ends; a map of cells as those that hold events.
function numbers(plot) {
  const { data, layout } = figureOf(plot);
  const { tickvals, ticktext } = layout.xaxis ?? {};
  const place = (x) => (ticktext ? ticktext[nearest(tickvals, x)].replace(/<br>[^<]*$/, "") : x);
  const rows = data.some((trace) => trace.z)
    ? [["series", "x", "y", "events"], ...data.filter((trace) => trace.z).flatMap(cells)]
    : [["series", "x", "y", "low", "high"], ...data.flatMap((trace) => points(trace, place))];
  return rows.map((row) => row.map(inCell).join(",")).join("\n") + "\n";
}

const nearest = (values, x) =>
  values.reduce((best, value, at) => (Math.abs(value - x) < Math.abs(values[best] - x) ? at : best), 0);
const rounded = (value) => (typeof value === "number" ? Number(value.toPrecision(12)) : value);

function points(trace, place) {
  const { array, arrayminus } = trace.error_y ?? {};
  return Array.from(trace.x ?? [], (x, at) => {
    const y = trace.y[at];
    const ends = array && y !== null ? [y - (arrayminus ?? array)[at], y + array[at]] : ["", ""];
    return [trace.name, place(x), y, ...ends].map(rounded);
  });
}

// Their colours are logarithms; what is counted stands beside them.
function cells({ name, x, y, customdata }) {
  const all = customdata.flatMap((row, up) => row.map((count, right) => [name, x[right], y[up], count]));
  return all.filter((cell) => cell[3] > 0);
}

async function download(plot, kind) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(
    kind === "png" ? await picture(plot) : new Blob([numbers(plot)], { type: "text/csv" }),
  );
  link.download = `${plot.dataset.file}.${kind}`;
  link.click();
  URL.revokeObjectURL(link.href);
}

// Plotly's own way to a PNG loads a blob as an image, which the Content-Security-Policy forbids; a data address may be
// loaded.
async function picture(plot) {
  const svg = await Plotly.toImage(plot, {
    format: "svg",
    width: SAVED.width,
    height: SAVED.height,
    imageDataOnly: true,
  });
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: 2 * SAVED.width, height: 2 * SAVED.height });
  const context = canvas.getContext("2d");
  context.fillStyle = getComputedStyle(plot).getPropertyValue("--ground"); // what its inks are chosen for
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

const drawAll = (root) => root.querySelectorAll("[data-figure]").forEach(draw);

addEventListener("DOMContentLoaded", () => {
  drawAll(document);
  new MutationObserver(() => drawAll(document)).observe(document.documentElement, { attributeFilter: ["class"] });
  document.addEventListener("htmx:afterSettle", (event) => drawAll(event.target));
  for (const [moment, paper] of [
    ["beforeprint", true],
    ["afterprint", false],
  ]) {
    addEventListener(moment, () => {
      onPaper = paper;
      drawAll(document);
    });
  }
  document.addEventListener("click", ({ target }) => {
    const kind = target.closest?.("[data-downloads]")?.dataset.downloads;
    if (kind) download(target.closest("figure").querySelector(".plot"), kind);
  });
});
