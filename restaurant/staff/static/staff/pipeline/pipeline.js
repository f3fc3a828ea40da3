// Draws the page's inside again every few seconds, while somebody looks.

import { part } from "../../boards/ask.js";

const EVERY = 5000;
const root = document.querySelector("[data-pipeline]");
const stale = document.querySelector("[data-stale]");
const texts = JSON.parse(document.getElementById("texts").textContent);

const opened = () => new Set([...root.querySelectorAll("details[open]")].map((d) => d.dataset.key));

function isSelecting() {
  const { anchorNode, isCollapsed } = document.getSelection();
  return !isCollapsed && root.contains(anchorNode);
}

// Tells how to find again what has the focus.
function focused() {
  const active = root.contains(document.activeElement) && document.activeElement;
  if (!active) return null;
  if (active.matches("a")) return `a[href="${CSS.escape(active.getAttribute("href"))}"]`;
  const key = active.closest("details")?.dataset.key;
  return key && `details[data-key="${CSS.escape(key)}"] summary`;
}

async function look() {
  if (document.hidden) return;
  try {
    const found = await part(root.dataset.url, texts);
    stale.hidden = true;
    // What is being selected or pressed is not drawn away.
    if (isSelecting()) return;
    const keys = opened();
    for (const one of found.querySelectorAll("details")) one.open = keys.has(one.dataset.key);
    const again = focused();
    root.replaceChildren(found);
    if (again) root.querySelector(again)?.focus({ preventScroll: true });
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
