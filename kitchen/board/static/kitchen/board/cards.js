// The cards: where they stand, which one is picked, how old they are, and what they add up to.

import { serverNow, setClock, setText } from "../../boards/looking.js";
import { clock, fill, ring, texts } from "../../boards/shell.js";

const $ = (selector) => document.querySelector(selector);
const grid = $("[data-cards]");
const DIGITS = "1234567890";
// What space does to a card, whatever its state.
export const ADVANCE = "[data-deed=start], [data-deed=bump], [data-deed=acknowledge]";

export const cards = () => [...grid.querySelectorAll(".card")];
export const cardOf = (ticket) => document.getElementById(`ticket-${ticket}`);

// --- Time ----------------------------------------------------------------------------------------

const seconds = (until, since) => (until - since) / 1000;

export function drawTimes() {
  const now = serverNow();
  for (const card of grid.children) drawAge(card, now);
  for (const time of document.querySelectorAll("[data-expected]")) {
    const left = seconds(Date.parse(time.dataset.expected), now);
    setText(time, left >= 1 ? clock(left) : "");
  }
  for (const time of document.querySelectorAll("[data-recall][open] [data-ago]"))
    setText(time, clock(seconds(now, Date.parse(time.dataset.ago))));
}

function drawAge(card, now) {
  const { queued, due, slow, late, status } = card.dataset;
  const age = seconds(now, Date.parse(queued));
  setText(card.querySelector("[data-age]"), clock(age));
  if (status === "cancelled") return;
  card.classList.toggle("is-late", age >= late);
  card.classList.toggle("is-slow", age >= slow && age < late);
  if (!due) return;
  const left = seconds(Date.parse(due), now);
  const text = left > 0 ? fill(texts.left, { time: clock(left) }) : texts.due;
  setText(card.querySelector("[data-left]"), text);
}

// --- Cards ---------------------------------------------------------------------------------------

let picked = null; // A ticket's id: its card may be drawn anew.
let gap = 0; // Where the picked card stood that went away.
const asked = new Set(); // Orders whose customers asked to cancel.
// Tickets pressed here, until a look that was asked for after the answer has drawn what they are:
// of what order they are, and when the answer came.
export const going = new Map();

// Puts the cards in place of what is shown of these orders (null: of all); they were asked for at
// `askedAt`, of performance.now().
export function place(fragment, orders, askedAt) {
  const began = performance.now();
  setClock(fragment);
  const fresh = new Map([...fragment.children].map((card) => [card.id, card]));
  const news = [];
  for (const card of cards()) {
    if (fresh.has(card.id) || (orders && !orders.has(card.dataset.order))) continue;
    if (card.dataset.ticket === picked) leave(card);
    card.remove();
  }
  for (const [ticket, { order, answered }] of going)
    if (answered <= askedAt && (!orders || orders.has(order))) going.delete(ticket);
  for (const card of fresh.values()) {
    const old = document.getElementById(card.id);
    const focused = old && old.contains(document.activeElement) ? document.activeElement : null;
    dress(card);
    if (old) old.replaceWith(card);
    else {
      insert(card);
      if (card.dataset.status !== "cancelled") news.push(card);
    }
    if (focused) focusAgain(card, focused.dataset.deed);
  }
  if (news.length && grid.dataset.isDrawn) announce(news);
  grid.dataset.isDrawn = "yes";
  drawAll();
  // For who observes it; kept, it would grow all day.
  performance.measure("board-update", { start: began });
  performance.clearMeasures("board-update");
}

// The same button, if it is still there: what was meant for one must not press another.
function focusAgain(card, deed) {
  const button = deed && card.querySelector(`[data-deed=${deed}]`);
  (button || card).focus({ preventScroll: true });
}

export function dress(card) {
  const { order, ticket, status } = card.dataset;
  if (status === "cancelled") asked.delete(order);
  card.querySelector("[data-asked]").hidden = !asked.has(order);
  card.classList.toggle("is-pressed", going.has(ticket));
  card.classList.toggle("is-picked", ticket === picked);
  drawAge(card, serverNow());
}

// Oldest first; of the same age, by ticket.
function insert(card) {
  const isBefore = (other) =>
    other.dataset.queued < card.dataset.queued ||
    (other.dataset.queued === card.dataset.queued &&
      Number(other.dataset.ticket) < Number(card.dataset.ticket));
  let place = grid.lastElementChild;
  while (place && !isBefore(place)) place = place.previousElementSibling;
  if (place) place.after(card);
  else grid.prepend(card);
}

function announce(news) {
  for (const card of news) card.classList.add("is-new");
  ring();
}

function drawAll() {
  cards().forEach((card, index) => setText(card.querySelector("[data-pick]"), DIGITS[index] || ""));
  $("[data-empty]").hidden = grid.childElementCount > 0;
  drawAllDay();
}

// Counts by dish and option of what is still to be cooked.
function drawAllDay() {
  const counts = new Map();
  for (const line of grid.querySelectorAll(".card:not(.is-cancelled) li[data-dish]")) {
    const { dish, options, quantity } = line.dataset;
    const entry = counts.get(dish) || { total: 0, options: new Map() };
    entry.total += Number(quantity);
    entry.options.set(options, (entry.options.get(options) || 0) + Number(quantity));
    counts.set(dish, entry);
  }
  const rows = [...counts].sort(([a, x], [b, y]) => y.total - x.total || a.localeCompare(b));
  const key = JSON.stringify(rows.map(([dish, entry]) => [dish, entry.total, ...entry.options]));
  const list = $("[data-allday-list]");
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...rows.map(([dish, entry]) => allDayRow(dish, entry)));
}

function allDayRow(dish, { total, options }) {
  const row = document.createElement("li");
  row.append(paragraph("dish", `${total}× ${dish}`));
  for (const [names, count] of options)
    if (names) row.append(paragraph("options", `${count}× ${names}`));
  return row;
}

function paragraph(name, text) {
  const made = document.createElement("p");
  made.className = name;
  made.textContent = text;
  return made;
}

export function askedToCancel(order) {
  const found = cards().filter((card) => card.dataset.order === order);
  if (!found.length) return;
  asked.add(order);
  found.forEach(dress);
}

// --- Picking -------------------------------------------------------------------------------------

export function pick(card) {
  const old = picked && cardOf(picked);
  if (old) old.classList.remove("is-picked");
  picked = card ? card.dataset.ticket : null;
  if (!card) return;
  card.classList.add("is-picked");
  card.focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest" });
}

// Who pressed the picked card goes on to the next one. When it went away by itself the next one is
// not theirs to press unseen.
function leave(card) {
  const next = card.nextElementSibling || card.previousElementSibling;
  gap = cards().indexOf(card);
  picked = null;
  if (next && going.has(card.dataset.ticket)) pick(next);
}

export function walk(across, down) {
  const all = cards();
  if (!all.length) return;
  const from = picked && cardOf(picked);
  if (!from) return pick(all[Math.min(gap, all.length - 1)]);
  if (across) return pick(all[all.indexOf(from) + across] || from);
  // The nearest card of the next row up or down.
  const here = from.getBoundingClientRect();
  const rows = all
    .map((card) => [card, card.getBoundingClientRect()])
    .filter(([, box]) => (down > 0 ? box.top >= here.bottom : box.bottom <= here.top));
  const far = ([, box]) => Math.abs(box.left - here.left) + 2 * Math.abs(box.top - here.top);
  rows.sort((a, b) => far(a) - far(b));
  if (rows.length) pick(rows[0][0]);
}

export const pickedCard = () => (picked ? cardOf(picked) : null);

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
  setClock(grid);
  cards().forEach(dress);
  grid.dataset.isDrawn = "yes";
  drawAll();
  drawTimes();
  setInterval(drawTimes, 1000);
}
