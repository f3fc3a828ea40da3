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
  const focused = shown.contains(document.activeElement) ? pathOf(document.activeElement) : null;
  shown.replaceChildren(...piece.childNodes);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (focused) shown.querySelector(focused)?.focus({ preventScroll: true });
  if (piece.dataset.part === "figures") drawCharts(root, texts);
}

function pathOf(element) {
  const href = element.getAttribute("href");
  if (href) return `a[href="${CSS.escape(href).replace(/\\/g, "\\\\")}"]`;
  return element.id ? `#${element.id}` : element.tagName.toLowerCase();
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

const stream = follow(root.dataset.stream, {
  look: () =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      run();
    }),
  told: () => document.hidden || run(),
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
