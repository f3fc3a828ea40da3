// Draws the page's inside again every few seconds, while somebody looks.

import { part } from "../../boards/ask.js";

const EVERY = 5000;
const root = document.querySelector("[data-pipeline]");
const stale = document.querySelector("[data-stale]");
const texts = JSON.parse(document.getElementById("texts").textContent);

const opened = () => new Set([...root.querySelectorAll("details[open]")].map((d) => d.dataset.key));

async function look() {
  if (document.hidden) return;
  try {
    const found = await part(root.dataset.url, texts);
    const keys = opened();
    for (const one of found.querySelectorAll("details")) one.open = keys.has(one.dataset.key);
    // What is being read or pressed is not drawn away.
    const focused = root.contains(document.activeElement) && document.activeElement;
    const key = focused && focused.closest("details")?.dataset.key;
    root.replaceChildren(found);
    if (key) root.querySelector(`details[data-key="${CSS.escape(key)}"] summary`)?.focus();
    stale.hidden = true;
  } catch (error) {
    stale.textContent = error.message;
    stale.hidden = false;
  }
}

async function keepLooking() {
  for (;;) {
    await new Promise((done) => setTimeout(done, EVERY));
    await look();
  }
}

document.addEventListener("visibilitychange", look);
keepLooking();
