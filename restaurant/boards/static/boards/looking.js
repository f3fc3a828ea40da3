// Looking at the server again: how often, and by whose clock.

import { part } from "./ask.js";

let ahead = 0; // Milliseconds by which the server's clock is ahead of this machine's.

// Takes the server's time from what it has drawn: `<i data-now="…">`, which is removed.
export function setClock(fragment) {
  const now = fragment.querySelector("[data-now]");
  if (!now) return;
  ahead = Date.parse(now.dataset.now) - Date.now();
  now.remove();
}

export const serverNow = () => Date.now() + ahead;

// Calls `work` at once, and again after it is done when it was wanted meanwhile: never two at a time,
// never closer than `every` milliseconds.
export function paced(work, every) {
  let isRunning = false;
  let isWanted = false;
  return async function want() {
    isWanted = true;
    if (isRunning) return;
    isRunning = true;
    while (isWanted) {
      isWanted = false;
      // What cannot be read now is read by the next look: the stream or the poll sees to that.
      await work().catch(() => {});
      await new Promise((done) => setTimeout(done, every));
    }
    isRunning = false;
  };
}

const LONGEST_PRESS = 10_000; // Milliseconds: a hand may rest on a screen.
let released = Promise.resolve();
let release = () => {};

const press = () => {
  release();
  released = new Promise((done) => (release = done));
  setTimeout(release, LONGEST_PRESS);
};

document.addEventListener("pointerdown", press, true);
// The click comes right after the pointer is up.
for (const name of ["pointerup", "pointercancel"])
  document.addEventListener(name, () => setTimeout(release), true);

// Resolves once nothing is being pressed: a button that is drawn anew meanwhile loses its click.
export const untilReleased = () => released;

// Writes only what changes: a board has hundreds of clocks.
export function setText(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

const MOST_ORDERS = 100; // As many as the server takes in one question; beyond, all are asked for.

// Asks for cards, one question at a time, so that an older answer is never drawn over a newer one.
//
// `place(fragment, orders, asked)` draws what came of these orders (null: of all), asked for at
// `asked` of performance.now(). `failed()` is told when a question came to nothing.
export function looker(url, texts, every, { place, failed }) {
  const changed = new Set();
  let isAllWanted = false;
  let waiting = [];

  const run = paced(async () => {
    const isAll = isAllWanted || changed.size > MOST_ORDERS;
    const orders = isAll ? null : new Set(changed);
    if (orders && !orders.size) return;
    const told = waiting;
    [waiting, isAllWanted] = [[], false];
    changed.clear();
    const asked = performance.now();
    try {
      await place(await part(withOrders(url, orders), texts), orders, asked);
      for (const { resolve } of told) resolve();
    } catch (error) {
      for (const order of orders || []) changed.add(order);
      for (const { reject } of told) reject(error);
      if (!told.length) failed();
    }
  }, every);

  return {
    // Looks at some orders soon.
    orders(ids) {
      for (const id of ids) changed.add(id);
      if (changed.size) run();
    },
    // Looks at everything; resolves once it is drawn.
    all() {
      isAllWanted = true;
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        run();
      });
    },
  };
}

function withOrders(url, orders) {
  const full = new URL(url, location.href);
  for (const order of orders || []) full.searchParams.append("order", order);
  return full;
}
