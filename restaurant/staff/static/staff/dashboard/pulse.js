// How live the picture is, said beside the title and, when it is not, in a line of its own.

import { fill, clock } from "./text.js";

let shown = { name: "connecting", since: Date.now() };

export function showState(root, texts, name, since) {
  shown = { name, since };
  draw(root, texts);
}

function draw(root, texts) {
  const { name, since } = shown;
  const pulse = root.querySelector("[data-pulse]");
  if (pulse.dataset.pulse !== name) {
    pulse.dataset.pulse = name;
    const word = { live: texts.live, connecting: texts.connecting }[name] || texts.lost;
    root.querySelector("[data-pulse-text]").textContent = word;
  }
  const stale = root.querySelector("[data-stale]");
  const isStale = name === "lost" || name === "unreachable";
  stale.hidden = !isStale;
  if (isStale) {
    const age = clock((Date.now() - since) / 1000);
    stale.textContent = fill(name === "lost" ? texts.stale : texts.unreachable, { age });
  }
}

// The session ended, or the right to look was taken: what was shown is taken away too.
export function showGone(root, texts) {
  for (const box of root.querySelectorAll("[data-part]")) box.replaceChildren();
  shown = { name: "gone", since: Date.now() };
  draw(root, texts);
  const stale = root.querySelector("[data-stale]");
  const link = document.createElement("a");
  link.href = location.href;
  link.textContent = texts.sign_in;
  stale.replaceChildren(texts.gone, " ", link);
  stale.hidden = false;
}
