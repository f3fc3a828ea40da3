// The dashboard: draws the charts, and looks again when the live stream tells that something changed.

import { part } from "../../boards/ask.js";
import { follow } from "../../boards/live.js";
import { paced } from "../../boards/looking.js";
import { drawCharts } from "./charts.js";
import { prepareCounting } from "./counting.js";
import { showGone, showState } from "./pulse.js";

const EVERY = 2000; // The server is asked no more often than this,
const FIGURES_EVERY = 15000; // for the figures of days no more often than this,
const ANYWAY = 30000; // and so often though nothing was told: waits grow by themselves.

const root = document.querySelector("[data-dashboard]");
const texts = JSON.parse(document.getElementById("texts").textContent);
let figuresAt = performance.now();
let waiting = [];
let isFiguresWanted = false;
let figuresTimer = null;

async function look() {
  const isDue = performance.now() - figuresAt > FIGURES_EVERY && root.dataset.running === "yes";
  const withFigures = isFiguresWanted || isDue;
  isFiguresWanted = false;
  const fresh = await part(root.dataset.look + (withFigures ? "&figures=1" : ""), texts);
  for (const piece of fresh.querySelectorAll("[data-part]")) place(piece);
  if (withFigures) figuresAt = performance.now();
}

// Puts a part in the place of the one that is shown; what was opened and focused there stays so.
function place(piece) {
  const shown = root.querySelector(`[data-part="${piece.dataset.part}"]`);
  const open = [...shown.querySelectorAll("details[open]")].map((box) => box.id);
  const stops = stopsOf(shown);
  const at = stops.indexOf(document.activeElement);
  shown.replaceChildren(...piece.childNodes);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (at >= 0) again(stops, at, stopsOf(shown))?.focus({ preventScroll: true });
  if (piece.dataset.part === "figures") drawCharts(root, texts);
}

function stopsOf(shown) {
  return [...shown.querySelectorAll("a, button, summary, [tabindex]")];
}

// Finds what had the focus: the nearest that leads to the same list, or, since the dates in an
// address move on, what stands in its place.
function again(before, at, stops) {
  const is = (stop) => `${stop.tagName} ${stop.getAttribute("href")}`;
  const same = stops.filter((stop) => is(stop) === is(before[at]));
  const far = (stop) => Math.abs(stops.indexOf(stop) - at);
  same.sort((one, other) => far(one) - far(other));
  return same[0] || (stops.length === before.length ? stops[at] : null);
}

const run = paced(async () => {
  const told = waiting;
  waiting = [];
  try {
    await look();
    for (const { resolve } of told) resolve();
  } catch (error) {
    for (const { reject } of told) reject(error);
    if (!told.length) stream.doubt();
  }
}, EVERY);

// What was told of changes the figures too: they follow when their time has come, though nothing
// more is told by then.
function told() {
  if (document.hidden) return;
  run();
  const due = figuresAt + FIGURES_EVERY - performance.now();
  if (due > 0 && figuresTimer === null)
    figuresTimer = setTimeout(() => {
      figuresTimer = null;
      told();
    }, due + 1);
}

const stream = follow(root.dataset.stream, {
  look: () =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      run();
    }),
  told,
  gone: () => showGone(root, texts),
  state: (name, since) => showState(root, texts, name, since),
});

setInterval(() => document.hidden || run(), ANYWAY);
document.addEventListener("visibilitychange", () => document.hidden || run());

prepareCounting(root, texts, () => {
  isFiguresWanted = true;
  run();
});
// Unfold sets the theme when its own scripts have run.
window.addEventListener("load", () => drawCharts(root, texts));
new MutationObserver(() => drawCharts(root, texts)).observe(document.documentElement, {
  attributeFilter: ["class"],
});
