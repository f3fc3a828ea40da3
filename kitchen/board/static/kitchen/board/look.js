// Looking again: at the cards that changed, and at what is around them.

import { part } from "../../boards/ask.js";
import { follow } from "../../boards/live.js";
import { looker, paced } from "../../boards/looking.js";
import { showGone, showState, texts } from "../../boards/shell.js";
import { askedToCancel, drawTimes, place } from "./cards.js";
import { lookAtMenu } from "./dishes.js";

// Looks at changed cards follow one another no closer than this; others are less pressing.
const CARDS_EVERY = 250;
const AROUND_EVERY = 1000;

const { cardsUrl, aroundUrl, station, stream: streamUrl } =
  document.querySelector("[data-board]").dataset;

// What the server drew last: what is shown has clocks in it that run on.
const drawn = new Map();

function ofStation(address) {
  const url = new URL(address, location.href);
  if (station) url.searchParams.set("station", station);
  return url;
}

const lookAtCards = looker(ofStation(cardsUrl), texts, CARDS_EVERY, {
  place,
  failed: () => stream.doubt(),
});

const lookAround = paced(() => lookAtAround().catch(() => stream.doubt()), AROUND_EVERY);

export async function lookAtAround() {
  const fragment = await part(ofStation(aroundUrl), texts);
  for (const fresh of fragment.querySelectorAll("[data-part]")) {
    const { part: name } = fresh.dataset;
    if (drawn.get(name) === fresh.innerHTML) continue;
    drawn.set(name, fresh.innerHTML);
    document.querySelector(`[data-part="${name}"]`).replaceChildren(...fresh.childNodes);
  }
  drawTimes();
}

async function look() {
  await Promise.all([lookAtCards.all(), lookAtAround(), lookAtMenu()]);
}

export function lookAtOrder(order) {
  lookAtCards.orders([order]);
  lookAround();
}

function told(changes) {
  for (const { type, orders = [], skus } of changes) {
    if (skus) lookAtMenu().catch(() => stream.doubt());
    // The kitchen decides on it in a moment, and tells that too.
    if (type === "order_cancel_requested") orders.forEach(askedToCancel);
    else lookAtCards.orders(orders);
  }
  lookAround();
}

const stream = follow(streamUrl, { look, told, gone: showGone, state: showState });
