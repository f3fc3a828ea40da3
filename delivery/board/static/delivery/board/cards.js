// The cards: where they stand, which one is picked, and how old they are.

import { serverNow, setClock, setText } from "../../boards/looking.js";
import { clock, fill, ring, texts } from "../../boards/shell.js";

const DIGITS = "1234567890";
const boxes = new Map([...document.querySelectorAll(".cards")].map((box) => [box.dataset.column, box]));

export const cards = () => [...document.querySelectorAll(".cards > .card:not([hidden])")];
export const cardOf = (delivery) => document.getElementById(`delivery-${delivery}`);

// Deliveries that were pressed here and not answered yet, or are being dragged: they are left alone.
export const held = new Set();
const settled = new Map(); // When they were let go: what was asked for before is too old for them.
let picked = null; // A delivery's key: its card may be drawn anew.
let isDrawn = false;

// What a card shows: a move is sent with it, and so is judged by what was seen.
export function factsOf(card) {
  const { delivery, order, number, column, attempt, courier, courierName } = card.dataset;
  return { delivery, order, number, column, attempt, courier: courier || null, courierName };
}

export function settle(delivery) {
  held.delete(delivery);
  settled.set(delivery, performance.now());
}

// Puts the cards in place of what is shown of these orders (null: of all); they were asked for at
// `asked`, of performance.now().
export function place(fragment, orders, asked) {
  const began = performance.now();
  setClock(fragment);
  const fresh = new Map([...fragment.children].map((card) => [card.id, card]));
  const isHeld = ({ dataset: { delivery } }) => held.has(delivery) || settled.get(delivery) > asked;
  for (const card of document.querySelectorAll(".cards > .card")) {
    const { delivery, order } = card.dataset;
    if (fresh.has(card.id) || isHeld(card) || (orders && !orders.has(order))) continue;
    if (delivery === picked) pick(null);
    card.remove();
  }
  const news = [...fresh.values()].filter((card) => !isHeld(card) && draw(card));
  if (news.length && isDrawn) announce(news);
  isDrawn = true;
  drawAll();
  // For who observes it; kept, it would grow all day.
  performance.measure("board-update", { start: began });
  performance.clearMeasures("board-update");
}

// Draws a card in place of the old one; tells whether somebody should look at it now.
function draw(card) {
  const old = document.getElementById(card.id);
  const focused = old && old.contains(document.activeElement) ? document.activeElement : null;
  const before = old && old.dataset.column;
  dress(card);
  // One that shows the same stays: somebody may be pressing it.
  if (old && isSame(old, card)) return false;
  if (old && before === card.dataset.column && old.dataset.place === card.dataset.place)
    old.replaceWith(card);
  else {
    if (old) old.remove();
    put(card);
  }
  if (focused) {
    const button = focused.dataset.deed && card.querySelector(`[data-deed=${focused.dataset.deed}]`);
    (button || card).focus({ preventScroll: true });
  }
  const { column } = card.dataset;
  // What somebody else has moved on is not what was picked: the next press would be of another step.
  if (old && column !== before && card.dataset.delivery === picked) pick(null);
  return column !== before && (column === "waiting" || column === "failed");
}

function isSame(old, card) {
  dress(old);
  setText(card.querySelector("[data-pick]"), old.querySelector("[data-pick]").textContent);
  return old.isEqualNode(card);
}

function announce(news) {
  for (const card of news) card.classList.add("is-new");
  ring();
}

export function dress(card) {
  const { delivery } = card.dataset;
  card.classList.toggle("is-pressed", held.has(delivery));
  card.classList.toggle("is-picked", delivery === picked);
  drawAge(card, serverNow());
}

// Puts a card where it belongs in its column.
export function put(card) {
  const box = boxes.get(card.dataset.column);
  let before = box.lastElementChild;
  while (before && before.dataset.place > card.dataset.place) before = before.previousElementSibling;
  if (before === card) return;
  if (before) before.after(card);
  else box.prepend(card);
}

// Shows a card as it will be, before the server has answered.
export function foresee(card, column, courier) {
  card.classList.replace(`is-${card.dataset.column}`, `is-${column}`);
  card.dataset.column = column;
  // Who acts on it before it is drawn anew acts on this.
  card.dataset.courier = courier ? courier.id : "";
  card.dataset.courierName = courier ? courier.name : "";
  card.querySelector("[data-courier-line]").hidden = !courier;
  setText(card.querySelector("[data-courier-shown]"), courier ? courier.name : "");
  // What is put elsewhere loses the focus.
  const focused = card.contains(document.activeElement) ? document.activeElement : null;
  put(card);
  if (focused) focused.focus({ preventScroll: true });
  drawAll();
}

// --- Time ----------------------------------------------------------------------------------------

const seconds = (until, since) => (until - since) / 1000;

export function drawTimes() {
  const now = serverNow();
  for (const card of cards()) drawAge(card, now);
  for (const person of document.querySelectorAll("[data-back]")) {
    const left = seconds(Date.parse(person.dataset.back), now);
    const tag = person.querySelector("[data-back-shown]");
    setText(tag, fill(left > 0 ? texts.back_in : texts.back_over, { time: clock(Math.abs(left)) }));
    tag.classList.toggle("is-late", left <= 0);
  }
}

function drawAge(card, now) {
  const { since, slow, late, expected } = card.dataset;
  const age = seconds(now, Date.parse(since));
  if (!("open" in card.dataset))
    return setText(card.querySelector("[data-ago]"), fill(texts.ago, { time: clock(age) }));
  setText(card.querySelector("[data-age]"), clock(age));
  card.classList.toggle("is-late", age >= late);
  card.classList.toggle("is-slow", age >= slow && age < late);
  if (!expected) return;
  const left = seconds(Date.parse(expected), now);
  const text = fill(left > 0 ? texts.arrives : texts.overdue, { time: clock(Math.abs(left)) });
  const tag = card.querySelector("[data-left]");
  setText(tag, text);
  tag.classList.toggle("is-slow", left <= 0 && age < late);
  tag.classList.toggle("is-late", age >= late);
}

export function drawAll() {
  cards().forEach((card, index) => setText(card.querySelector("[data-pick]"), DIGITS[index] || ""));
  for (const [name, box] of boxes) {
    const shown = box.querySelectorAll(".card:not([hidden])").length;
    const more = document.querySelector(`[data-part="hidden-${name}"]`);
    const text = more && more.textContent.trim() ? `${shown}+` : String(shown);
    for (const count of document.querySelectorAll(`[data-count="${name}"]`)) setText(count, text);
    document.querySelector(`[data-none="${name}"]`).hidden = shown > 0;
  }
}

// --- Picking -------------------------------------------------------------------------------------

export const pickedCard = () => (picked ? cardOf(picked) : null);

export function pick(card) {
  const old = pickedCard();
  if (old) old.classList.remove("is-picked");
  picked = card ? card.dataset.delivery : null;
  if (!card) return;
  card.classList.add("is-picked");
  card.focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest" });
}

// Goes on to a neighbour of a card that is done with.
export function pickNear(card) {
  if (card.dataset.delivery === picked) pick(inColumn(card, 1) || inColumn(card, -1) || null);
}

export function walk(across, down) {
  const from = pickedCard();
  if (!from || from.hidden) return pick(cards()[0] || null);
  const near = across ? beside(from, across) : inColumn(from, down);
  if (near) pick(near);
}

function inColumn(card, down) {
  const all = cards().filter((other) => other.parentElement === card.parentElement);
  return all[all.indexOf(card) + down];
}

// The card at the same height in the next column that has any.
function beside(card, across) {
  const order = [...boxes.values()];
  const here = card.getBoundingClientRect().top;
  const far = (other) => Math.abs(other.getBoundingClientRect().top - here);
  for (let at = order.indexOf(card.parentElement) + across; order[at]; at += across) {
    const near = cards().filter((other) => other.parentElement === order[at]);
    if (near.length) return near.reduce((best, other) => (far(other) < far(best) ? other : best));
  }
  return null;
}

export function keysThatPick() {
  return {
    ArrowLeft: () => walk(-1, 0),
    ArrowRight: () => walk(1, 0),
    ArrowUp: () => walk(0, -1),
    ArrowDown: () => walk(0, 1),
    ...Object.fromEntries([...DIGITS].map((d, index) => [d, () => pick(cards()[index] || null)])),
  };
}

// --- What the page came with ---------------------------------------------------------------------

export function begin() {
  setClock(document);
  cards().forEach(dress);
  isDrawn = true;
  drawAll();
  drawTimes();
  setInterval(drawTimes, 1000);
}
