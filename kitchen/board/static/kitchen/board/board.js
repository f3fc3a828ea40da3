// The kitchen's board: cards that come, move and go, and the cook's hands on them.

import { part, press, read } from "../../boards/ask.js";
import { follow } from "../../boards/live.js";
import { clock, fill, keys, ring, showGone, showState, texts, toast } from "../../boards/shell.js";

const $ = (selector) => document.querySelector(selector);
const board = $("[data-board]");
const grid = $("[data-cards]");
const { station } = board.dataset;
// Looks at changed cards follow one another no closer than this, at what is around them half as often.
const CARDS_EVERY = 250;
const AROUND_EVERY = 1000;
const MOST_ORDERS = 100;
// What space does to a card, whatever its state.
const ADVANCE = "[data-deed=start], [data-deed=bump], [data-deed=acknowledge]";
const DIGITS = "1234567890";

const cards = () => [...grid.querySelectorAll(".card")];
const cardOf = (ticket) => document.getElementById(`ticket-${ticket}`);

// --- Time: the server's clock, whatever this machine's says --------------------------------------

let ahead = 0;

function setClock(fragment) {
  const now = fragment.querySelector("[data-now]");
  if (!now) return;
  ahead = Date.parse(now.dataset.now) - Date.now();
  now.remove();
}

const seconds = (until, since) => (until - since) / 1000;

function setText(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

function drawTimes() {
  const now = Date.now() + ahead;
  for (const card of grid.children) drawAge(card, now);
  for (const time of document.querySelectorAll("[data-expected]")) {
    const left = seconds(Date.parse(time.dataset.expected), now);
    setText(time, left > 0 ? clock(left) : "");
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
const asked = new Set(); // Orders whose customers asked to cancel.
const going = new Set(); // Tickets pressed here and not answered yet.

// Puts the cards in place of what is shown of these orders (null: of all).
function place(fragment, orders) {
  const began = performance.now();
  setClock(fragment);
  const fresh = new Map([...fragment.children].map((card) => [card.id, card]));
  const news = [];
  for (const card of cards()) {
    if (fresh.has(card.id) || (orders && !orders.has(card.dataset.order))) continue;
    if (card.dataset.ticket === picked) pickNear(card);
    card.remove();
  }
  for (const card of fresh.values()) {
    const old = document.getElementById(card.id);
    const wasFocused = old && old.contains(document.activeElement);
    dress(card);
    if (old) old.replaceWith(card);
    else {
      insert(card);
      if (card.dataset.status !== "cancelled") news.push(card);
    }
    if (wasFocused) (card.querySelector(ADVANCE) || card).focus();
  }
  if (news.length && grid.dataset.isDrawn) announce(news);
  grid.dataset.isDrawn = "yes";
  drawAll();
  performance.measure("board-update", { start: began });
}

function dress(card) {
  const { order, ticket, status } = card.dataset;
  if (status === "cancelled") asked.delete(order);
  card.querySelector("[data-asked]").hidden = !asked.has(order);
  card.classList.toggle("is-pressed", going.has(ticket));
  card.classList.toggle("is-picked", ticket === picked);
  drawAge(card, Date.now() + ahead);
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

// --- Looking again -------------------------------------------------------------------------------

function address(base, orders) {
  const url = new URL(base, location.href);
  if (station) url.searchParams.set("station", station);
  for (const order of orders || []) url.searchParams.append("order", order);
  return url;
}

// Calls `work` at once, and again after it is done when it was wanted meanwhile: never two at a time,
// never closer than `every` milliseconds.
function paced(work, every) {
  let isRunning = false;
  let isWanted = false;
  return async function want() {
    isWanted = true;
    if (isRunning) return;
    isRunning = true;
    while (isWanted) {
      isWanted = false;
      await work().catch(() => stream.doubt());
      await new Promise((done) => setTimeout(done, every));
    }
    isRunning = false;
  };
}

const changed = new Set();

const lookAtChanged = paced(async () => {
  const orders = new Set(changed);
  changed.clear();
  if (!orders.size) return;
  if (orders.size > MOST_ORDERS) return lookAtCards();
  try {
    place(await part(address(board.dataset.cardsUrl, orders), texts), orders);
  } catch (error) {
    for (const order of orders) changed.add(order);
    throw error;
  }
}, CARDS_EVERY);

const lookAround = paced(lookAtAround, AROUND_EVERY);

async function lookAtCards() {
  place(await part(address(board.dataset.cardsUrl), texts), null);
}

async function lookAtAround() {
  const fragment = await part(address(board.dataset.aroundUrl), texts);
  for (const fresh of fragment.querySelectorAll("[data-part]")) {
    const shown = $(`[data-part="${fresh.dataset.part}"]:not([data-gone] *)`);
    if (shown && shown.innerHTML !== fresh.innerHTML) shown.replaceChildren(...fresh.childNodes);
  }
  drawTimes();
}

async function look() {
  changed.clear();
  await Promise.all([lookAtCards(), lookAtAround(), lookAtMenu()]);
}

function told(changes) {
  for (const change of changes) {
    if (change.skus) lookAtMenu().catch(() => {});
    for (const order of change.orders || []) {
      if (change.type !== "order_cancel_requested") changed.add(order);
      else askedToCancel(order);
    }
  }
  if (changed.size) lookAtChanged();
  lookAround();
}

function askedToCancel(order) {
  const found = cards().filter((card) => card.dataset.order === order);
  if (!found.length) return;
  asked.add(order);
  found.forEach(dress);
}

// --- Picking -------------------------------------------------------------------------------------

function pick(card) {
  const old = picked && cardOf(picked);
  if (old) old.classList.remove("is-picked");
  picked = card ? card.dataset.ticket : null;
  if (!card) return;
  card.classList.add("is-picked");
  card.focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest" });
}

function pickNear(card) {
  const next = card.nextElementSibling || card.previousElementSibling;
  picked = null;
  if (next) pick(next);
}

function walk(across, down) {
  const all = cards();
  if (!all.length) return;
  const from = picked && cardOf(picked);
  if (!from) return pick(all[0]);
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

// --- Pressing ------------------------------------------------------------------------------------

async function move(ticket, order, deed) {
  if (going.has(ticket)) return;
  const card = cardOf(ticket);
  going.add(ticket);
  if (card) dress(card);
  const url = board.dataset.moveUrl.replace("/0/bump/", `/${ticket}/${deed}/`);
  try {
    await press(url, {}, texts);
  } catch (refusal) {
    toast(refusal.message, { kind: "bad" });
    if (refusal.status === 401) return showGone();
  } finally {
    going.delete(ticket);
    // Put back as it was; what it is in truth comes with the look.
    if (cardOf(ticket)) dress(cardOf(ticket));
  }
  changed.add(order);
  lookAtChanged();
  lookAround();
}

function moveCard(card, deed) {
  return move(card.dataset.ticket, card.dataset.order, deed);
}

function advance() {
  const card = picked && cardOf(picked);
  const button = card && card.querySelector(ADVANCE);
  if (!button) return toast(texts.none, { seconds: 3 });
  moveCard(card, button.dataset.deed);
}

function recallLast() {
  const button = $("[data-recall] [data-deed=recall]");
  if (!button) return toast(texts.no_recall, { seconds: 3 });
  const row = button.closest("[data-ticket]");
  move(row.dataset.ticket, row.dataset.order, "recall");
}

grid.addEventListener("click", (event) => {
  const card = event.target.closest(".card");
  if (!card) return;
  pick(card);
  const button = event.target.closest("[data-deed]");
  if (!button) return;
  if (button.dataset.deed === "dishes") showDishes(card);
  else moveCard(card, button.dataset.deed);
});

$("[data-recall]").addEventListener("click", (event) => {
  const button = event.target.closest("[data-deed=recall]");
  if (!button) return;
  const row = button.closest("[data-ticket]");
  button.disabled = true;
  move(row.dataset.ticket, row.dataset.order, "recall");
});

// --- 86 ------------------------------------------------------------------------------------------

let off = new Map(); // SKU → name of the dishes that cannot be ordered.

async function lookAtMenu() {
  if (!board.dataset.dishesUrl) return;
  const menu = await read(board.dataset.dishesUrl, texts);
  const items = menu.categories.flatMap((category) => category.items);
  off = new Map(items.filter((item) => !item.available).map((item) => [item.sku, item.name]));
  const badge = $("[data-off-count]");
  badge.hidden = !off.size;
  badge.textContent = off.size;
  $("[data-off-none]").hidden = off.size > 0;
  $("[data-off-list]").replaceChildren(...[...off].map(([sku, name]) => dishRow(sku, name)));
}

function dishRow(sku, name) {
  const row = $("[data-row]").content.firstElementChild.cloneNode(true);
  const isOff = off.has(sku);
  row.querySelector("[data-row-name]").textContent = name;
  row.querySelector("[data-row-off]").hidden = isOff;
  row.querySelector("[data-row-back]").hidden = !isOff;
  const button = row.querySelector("button");
  button.classList.toggle("is-danger", !isOff);
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await sell(sku, name, isOff);
      // The line with its undo is out of reach while a sheet is open.
      document.querySelectorAll("dialog[open]").forEach((sheet) => sheet.close());
    } catch (refusal) {
      toast(refusal.message, { kind: "bad" });
      button.disabled = false;
    }
  });
  return row;
}

async function sell(sku, name, available) {
  const url = board.dataset.availabilityUrl.replace("SKU", encodeURIComponent(sku));
  await press(url, { available }, texts);
  lookAtMenu().catch(() => {});
  const undo = () =>
    sell(sku, name, !available).catch((refusal) => toast(refusal.message, { kind: "bad" }));
  toast(fill(available ? texts.back : texts.off, { dish: name }), { undo });
}

function showDishes(card) {
  const dishes = new Map();
  for (const line of card.querySelectorAll("[data-sku]")) dishes.set(line.dataset.sku, line.dataset.dish);
  $("[data-dish-list]").replaceChildren(...[...dishes].map(([sku, name]) => dishRow(sku, name)));
  $("[data-dishes]").showModal();
}

function showDishesOfPicked() {
  const card = picked && cardOf(picked);
  if (card && card.querySelector("[data-deed=dishes]")) showDishes(card);
  else toast(card ? texts.no_dishes : texts.none, { seconds: 3 });
}

// --- Tools and keys ------------------------------------------------------------------------------

function showRecall() {
  $("[data-recall]").showModal();
  drawTimes();
}

function toggleAllDay() {
  const box = $("[data-allday]");
  box.hidden = !box.hidden;
  localStorage.setItem("boardAllDay", box.hidden ? "off" : "on");
  drawAllDayTool();
}

function drawAllDayTool() {
  const isShown = !$("[data-allday]").hidden;
  $("[data-tool=allday]").setAttribute("aria-pressed", String(isShown));
}

$("[data-tool=recall]").addEventListener("click", showRecall);
$("[data-tool=menu]").addEventListener("click", () => $("[data-menu]").showModal());
$("[data-tool=allday]").addEventListener("click", toggleAllDay);
$("[data-allday]").hidden = localStorage.getItem("boardAllDay") === "off";
drawAllDayTool();

keys({
  " ": advance,
  z: recallLast,
  r: showRecall,
  x: showDishesOfPicked,
  ArrowLeft: () => walk(-1, 0),
  ArrowRight: () => walk(1, 0),
  ArrowUp: () => walk(0, -1),
  ArrowDown: () => walk(0, 1),
  ...Object.fromEntries([...DIGITS].map((digit, index) => [digit, () => pick(cards()[index] || null)])),
});

// --- Go ------------------------------------------------------------------------------------------

setClock(grid);
for (const card of cards()) dress(card);
grid.dataset.isDrawn = "yes";
drawAll();
drawTimes();
setInterval(drawTimes, 1000);
lookAtMenu().catch(() => {});
const stream = follow(board.dataset.stream, { look, told, gone: showGone, state: showState });
