// Looking again: at the cards that changed, and at what is around them.

import { part } from "../../boards/ask.js";
import { follow } from "../../boards/live.js";
import { looker, paced } from "../../boards/looking.js";
import { showGone, showState, texts } from "../../boards/shell.js";
import { drawAll, drawTimes, place } from "./cards.js";

// Looks at changed cards follow one another no closer than this; others are less pressing.
const CARDS_EVERY = 250;
const AROUND_EVERY = 500;

const { cardsUrl, aroundUrl, stream: streamUrl } = document.querySelector("[data-board]").dataset;
// What the server drew last: what is shown has clocks in it that run on.
const drawn = new Map(
  [...document.querySelectorAll("[data-part]")].map((box) => [box.dataset.part, box.innerHTML]),
);

const lookAtCards = looker(cardsUrl, texts, CARDS_EVERY, { place, failed: () => stream.doubt() });

export const lookAround = paced(() => lookAtAround().catch(() => stream.doubt()), AROUND_EVERY);

export function lookAtOrder(order) {
  lookAtCards.orders([order]);
  lookAround();
}

async function lookAtAround() {
  const fragment = await part(aroundUrl, texts);
  for (const fresh of fragment.querySelectorAll("[data-part]")) show(fresh);
  drawAll();
  drawTimes();
  document.dispatchEvent(new Event("board:around"));
}

function show(fresh) {
  const name = fresh.dataset.part;
  if (drawn.get(name) === fresh.innerHTML) return;
  drawn.set(name, fresh.innerHTML);
  const box = document.querySelector(`[data-part="${name}"]`);
  const active = document.activeElement;
  const focused = box.contains(active) ? active.closest("[data-person]") : null;
  box.replaceChildren(...fresh.childNodes);
  if (!focused) return;
  const again = box.querySelector(`[data-person="${focused.dataset.person}"] button`);
  if (again) again.focus({ preventScroll: true });
}

// Forgets what the server drew, so that the next look draws it anew.
export function doubt(name) {
  drawn.delete(name);
}

async function look() {
  await Promise.all([lookAtCards.all(), lookAtAround()]);
}

function told(changes) {
  for (const { orders = [] } of changes) lookAtCards.orders(orders);
  lookAround();
}

const stream = follow(streamUrl, { look, told, gone: showGone, state: showState });
