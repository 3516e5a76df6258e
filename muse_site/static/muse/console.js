// Draws figures, shows times in the viewer's zone, and asks before what cannot be undone.
"use strict";

const inDark = () => document.documentElement.classList.contains("dark");

function draw(plot) {
  const { data, layout } = JSON.parse(document.getElementById(plot.dataset.figure).textContent);
  const ink = inDark() ? "#e5e7eb" : "#1f2937", grid = inDark() ? "#374151" : "#e5e7eb";
  const axes = Object.fromEntries(
    ["xaxis", "yaxis"].map((name) => [name, { gridcolor: grid, zerolinecolor: grid, automargin: true, ...layout[name] }])
  );
  const font = { color: ink, family: "Inter, sans-serif" };
  const file = { format: "png", filename: plot.dataset.file, scale: 2 };
  const settings = { responsive: true, displaylogo: false, toImageButtonOptions: file };
  Plotly.react(plot, data, { ...layout, ...axes, font, autosize: true }, settings);
}

function localTimes(root) {
  const zone = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  for (const time of root.querySelectorAll("time[datetime]")) time.textContent = zone.format(new Date(time.dateTime));
}

function start(root) {
  localTimes(root);
  for (const plot of root.querySelectorAll("[data-figure]")) draw(plot);
}

// Unfold's script would look for a text field beside each of these.
for (const input of document.querySelectorAll(".muse input[type=file]")) input.hasChangeListener = true;

addEventListener("DOMContentLoaded", () => {
  start(document);
  new MutationObserver(() => document.querySelectorAll("[data-figure]").forEach(draw)).observe(document.documentElement, {
    attributeFilter: ["class"],
  });
  document.addEventListener("htmx:afterSettle", (event) => start(event.target));
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.confirm && !confirm(form.dataset.confirm)) return event.preventDefault();
  // A second click does not do it twice.
  if (form.method === "post") for (const button of form.querySelectorAll("button")) setTimeout(() => (button.disabled = true));
});

// Coming back by the browser's button finds the form usable again.
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll(".muse button:disabled")) button.disabled = false;
});
