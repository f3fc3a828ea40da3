// Looking again: at the cards that changed, and at what is around them.

import { part } from "../../boards/ask.js";
import { follow } from "../../boards/live.js";
import { looker, paced, untilReleased } from "../../boards/looking.js";
import { showGone, showState, texts } from "../../boards/shell.js";
import { askedToCancel, drawTimes, place } from "./cards.js";
import { lookAtMenu } from "./dishes.js";

// Looks at changed cards follow one another no closer than this; others are less pressing.
const CARDS_EVERY = 250;
const AROUND_EVERY = 1000;
const MENU_AGAIN = 3000; // Milliseconds after which a menu that could not be read is asked for again.

const { cardsUrl, aroundUrl, station, stream: streamUrl } =
  document.querySelector("[data-board]").dataset;

const sheet = document.querySelector("[data-recall]");
// What the server drew last: what is shown has clocks in it that run on.
const drawn = new Map();

function ofStation(address) {
  const url = new URL(address, location.href);
  if (station) url.searchParams.set("station", station);
  return url;
}

const lookAtCards = looker(ofStation(cardsUrl), texts, CARDS_EVERY, {
  async place(...what) {
    await untilReleased();
    place(...what);
  },
  failed: () => stream.doubt(),
});

const lookAround = paced(() => lookAtAround().catch(() => stream.doubt()), AROUND_EVERY);

// That the menu cannot be read says nothing of the tickets.
const lookAtMenuSoon = paced(() => lookAtMenu().catch(askAgain), AROUND_EVERY);
let menuTimer = null;

function askAgain() {
  clearTimeout(menuTimer);
  menuTimer = setTimeout(lookAtMenuSoon, MENU_AGAIN);
}

// The rows of the open recall sheet stay under the finger, unless the list itself is asked for.
export async function lookAtAround({ isList = false } = {}) {
  const fragment = await part(ofStation(aroundUrl), texts);
  for (const fresh of fragment.querySelectorAll("[data-part]"))
    if (fresh.dataset.part !== "bumped" || isList || !sheet.open) show(fresh);
  drawTimes();
}

function show(fresh) {
  const { part: name } = fresh.dataset;
  if (drawn.get(name) === fresh.innerHTML) return;
  drawn.set(name, fresh.innerHTML);
  const box = document.querySelector(`[data-part="${name}"]`);
  const focused = box.contains(document.activeElement) ? keyOf(document.activeElement) : null;
  box.replaceChildren(...fresh.childNodes);
  const again = focused && [...box.querySelectorAll("a, button")].find((one) => keyOf(one) === focused);
  if (again) again.focus({ preventScroll: true });
}

// Of a station's tab, or of the button of a ticket's row: what is drawn anew is another element.
const keyOf = (element) => element.href || element.closest("[data-ticket]").dataset.ticket;

export function lookAtList() {
  return lookAtAround({ isList: true }).catch(() => stream.doubt());
}

sheet.addEventListener("close", lookAround);

async function look() {
  lookAtMenuSoon();
  await Promise.all([lookAtCards.all(), lookAtAround()]);
}

// Looks at an order that was pressed here.
export function lookAtOrder(order) {
  lookAtCards.orders([order]);
  if (sheet.open) lookAtList();
  else lookAround();
}

function told(changes) {
  for (const { type, orders = [], skus } of changes) {
    if (skus) lookAtMenuSoon();
    // The kitchen decides on it in a moment, and tells that too.
    if (type === "order_cancel_requested") orders.forEach(askedToCancel);
    else lookAtCards.orders(orders);
  }
  lookAround();
}

const stream = follow(streamUrl, { look, told, gone: showGone, state: showState });
