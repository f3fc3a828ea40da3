// What a dispatcher does: shown at once, asked of the server, put back when it refuses.

import { press } from "../../boards/ask.js";
import { fill, showGone, texts, toast } from "../../boards/shell.js";
import { cardOf, drawAll, dress, factsOf, foresee, held, pickNear, place, put, settle } from "./cards.js";
import { doubt, lookAround, lookAtOrder } from "./look.js";

const { moveUrl, shiftUrl } = document.querySelector("[data-board]").dataset;
const NOBODY = "00000000-0000-0000-0000-000000000000";

// The button that takes the newest deed back, once that was answered; null: nothing does.
let newest = Promise.resolve(null);

// Sends a move. `change(card)` shows what will be; `said` is told when it is, with its `undo`.
function move(facts, deed, body, told) {
  if (held.has(facts.delivery)) return;
  newest = send(facts, deed, body, told);
}

async function send(facts, deed, body, { change = null, said = "", undo = null }) {
  const { delivery } = facts;
  let button = null;
  held.add(delivery);
  const card = cardOf(delivery);
  const before = card && card.cloneNode(true);
  if (card) {
    if (change) change(card);
    dress(card);
  }
  try {
    const url = moveUrl.replace("/0/assign/", `/${delivery}/${deed}/`);
    const answer = await press(url, body, texts);
    settle(delivery);
    placeAnswer(answer.card, facts.order);
    button = tell(said, undo);
  } catch (refusal) {
    settle(delivery);
    if (card) putBack(before);
    refuse(refusal);
  }
  if (cardOf(delivery)) dress(cardOf(delivery));
  lookAtOrder(facts.order);
  return button;
}

// Tells of a deed that is done; gives the button of its undo.
function tell(said, undo) {
  toast(said, undo ? { undo } : { seconds: 4 });
  return document.querySelector("[data-toasts]").lastElementChild.querySelector("[data-undo]");
}

// Takes the newest deed back, where that can be: never an older one.
export async function undoNewest() {
  const button = await newest;
  if (button && button.isConnected) button.click();
}

function placeAnswer(html, order) {
  const template = document.createElement("template");
  template.innerHTML = html;
  place(template.content, new Set([order]), performance.now());
}

function putBack(card) {
  const now = document.getElementById(card.id);
  const hadFocus = now && now.contains(document.activeElement);
  if (now) now.remove();
  put(card);
  if (hadFocus) card.focus({ preventScroll: true });
  drawAll();
}

function refuse(refusal) {
  if (refusal.status === 401) showGone();
  else toast(refusal.message, { kind: "bad", seconds: 8 });
}

// --- Deliveries ----------------------------------------------------------------------------------

// `courier` is `{ id, name }`.
export function assign(facts, courier, isUndo = false) {
  const { number, courier: seen, courierName } = facts;
  const then = { ...facts, courier: courier.id, courierName: courier.name };
  const said = fill(seen ? texts.reassigned : texts.assigned, {
    number,
    before: courierName,
    courier: courier.name,
  });
  const undo = () =>
    seen ? assign(then, { id: seen, name: courierName }, true) : takeBack(then, true);
  return move(
    facts,
    "assign",
    { courier: courier.id, seen },
    {
      change: (card) => foresee(card, "assigned", courier),
      said: isUndo ? texts.undone : said,
      undo: isUndo ? null : undo,
    },
  );
}

export function takeBack(facts, isUndo = false) {
  const { number, courier: seen, courierName, attempt } = facts;
  const then = { ...facts, courier: null, courierName: "" };
  return move(
    facts,
    "unassign",
    { seen },
    {
      change: (card) => foresee(card, attempt > 1 ? "failed" : "waiting", null),
      said: fill(isUndo ? texts.undone_held : texts.taken_back, { number }),
      undo: isUndo ? null : () => assign(then, { id: seen, name: courierName }, true),
    },
  );
}

function release(facts) {
  return move(facts, "release", {}, { said: fill(texts.released, facts) });
}

export function pickUp(facts) {
  const courier = { id: facts.courier, name: facts.courierName };
  return move(
    facts,
    "pick_up",
    { seen: facts.courier },
    {
      change: (card) => foresee(card, "road", courier),
      said: fill(texts.picked_up, { number: facts.number, courier: courier.name }),
    },
  );
}

function deliver(facts) {
  const change = (card) => {
    pickNear(card);
    card.hidden = true;
    drawAll();
  };
  const said = fill(texts.delivered, facts);
  return move(facts, "deliver", { seen: facts.courier }, { change, said });
}

function fail(facts, reason) {
  const said = fill(facts.attempt > 1 ? texts.failed_twice : texts.failed_once, facts);
  const change = (card) => foresee(card, "failed", null);
  return move(facts, "fail", { reason, seen: facts.courier }, { change, said });
}

function giveUp(facts, reason) {
  const said = fill(texts.gave_up, facts);
  const change = (card) => foresee(card, "failed", null);
  const seen = { seen: facts.courier, column: facts.column };
  return move(facts, "give_up", { reason, ...seen }, { change, said });
}

const DEEDS = {
  assign: (facts, card) => openAssign(facts, card),
  unassign: (facts) => takeBack(facts),
  release,
  pick_up: pickUp,
  deliver,
  fail: (facts) => openWhy(facts, texts.fail, fail),
  give_up: (facts) => openWhy(facts, texts.give_up, giveUp),
};

// Does to a card what one of its buttons is for; the card must offer it.
export function act(card, deed) {
  if (!card) return toast(texts.nothing, { seconds: 3 });
  if (!card.querySelector(`[data-deed=${deed}]`)) return toast(texts.not_here, { seconds: 3 });
  return DEEDS[deed](factsOf(card), card);
}

// The next step of a card: what its main button is for.
export function step(card) {
  const button = card && card.querySelector(".is-main[data-deed]");
  return act(card, button ? button.dataset.deed : "assign");
}

// --- Choosing a courier --------------------------------------------------------------------------

const sheet = document.querySelector("[data-assign]");

export function people() {
  return [...document.querySelectorAll("[data-person][data-drop]")].map((row) => ({
    id: row.dataset.person,
    name: row.dataset.name,
    load: Number(row.dataset.load),
    limit: row.dataset.limit,
    isFull: "full" in row.dataset,
    back: row.querySelector("[data-back-shown]"),
  }));
}

export function openAssign(facts, card) {
  const found = people().filter(({ id }) => id !== facts.courier);
  found.sort((a, b) => a.isFull - b.isFull || a.load - b.load || a.name.localeCompare(b.name));
  const title = fill(facts.courier ? texts.reassign : texts.assign, facts);
  document.querySelector("[data-assign-title]").textContent = title;
  const rows = found.map((person, index) => choice(person, index, facts, card.dataset.failedCourier));
  document.querySelector("[data-choices]").replaceChildren(...rows);
  document.querySelector("[data-no-choices]").hidden = found.length > 0;
  sheet.showModal();
  const first = sheet.querySelector(".choice:not(:disabled)");
  if (first) first.focus();
}

function choice(person, index, facts, failed) {
  const row = document.querySelector("[data-choice]").content.firstElementChild.cloneNode(true);
  const button = row.querySelector("button");
  row.querySelector("[data-choice-key]").textContent = "1234567890"[index] || "";
  row.querySelector("[data-choice-name]").textContent = person.name;
  row.querySelector("[data-choice-load]").textContent =
    person.limit ? `${person.load}/${person.limit}` : person.load;
  row.querySelector("[data-choice-failed]").hidden = person.id !== failed;
  const back = row.querySelector("[data-choice-back]");
  back.hidden = !person.back;
  if (person.back) back.textContent = person.back.textContent;
  button.disabled = person.isFull;
  button.addEventListener("click", () => {
    sheet.close();
    assign(facts, person);
  });
  return row;
}

// --- Saying why ----------------------------------------------------------------------------------

const why = document.querySelector("[data-why]");
let because = null;

function openWhy(facts, title, deed) {
  document.querySelector("[data-why-title]").textContent = fill(title, facts);
  why.querySelector("[data-why-form]").reset();
  because = (reason) => {
    why.close();
    deed(facts, reason);
  };
  why.showModal();
}

why.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reason]");
  if (button) because(button.dataset.reason);
});

why.querySelector("[data-why-form]").addEventListener("submit", (event) => {
  event.preventDefault();
  const reason = event.target.elements.reason.value.trim();
  if (reason) because(reason);
  else event.target.elements.reason.focus();
});

for (const dialog of [sheet, why])
  dialog.addEventListener("keydown", (event) => {
    if (event.target.closest("input") || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = "1234567890".indexOf(event.key);
    const button = at >= 0 && dialog.querySelectorAll(".choice")[at];
    if (!button) return;
    event.preventDefault();
    button.click();
  });

// --- Shifts --------------------------------------------------------------------------------------

function shift(...what) {
  newest = sendShift(...what);
}

async function sendShift(person, deed, body, toastOf) {
  let button = null;
  const row = () => document.querySelector(`[data-person="${person.id}"]`);
  if (row()) {
    row().classList.add("is-pressed");
    row().classList.toggle("is-off", deed === "end");
    row().querySelector("[data-shift]").disabled = true;
  }
  try {
    const url = shiftUrl.replace(`${NOBODY}/start`, `${person.id}/${deed}`);
    const { say, undo } = toastOf(await press(url, body, texts));
    button = tell(say, undo);
  } catch (refusal) {
    if (row()) {
      row().classList.remove("is-pressed");
      row().classList.toggle("is-off", deed !== "end");
      row().querySelector("[data-shift]").disabled = false;
    }
    refuse(refusal);
  }
  doubt("people");
  lookAround();
  return button;
}

export function startShift(person, isUndo = false) {
  return shift(person, "start", {}, () => ({
    say: fill(texts.shift_started, { courier: person.name }),
    undo: isUndo ? null : () => endShift(person, true),
  }));
}

export function endShift(person, isUndo = false) {
  return shift(person, "end", {}, ({ freed }) => {
    const text = freed.length ? texts.shift_ended_freed : texts.shift_ended;
    return {
      say: fill(text, { courier: person.name, count: freed.length }),
      undo: isUndo ? null : () => undoEndShift(person, freed),
    };
  });
}

function undoEndShift(person, freed) {
  return shift(person, "undo-end", { freed }, () => ({
    say: fill(texts.shift_started, { courier: person.name }),
    undo: null,
  }));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-shift]");
  if (!button) return;
  const { person, name } = button.closest("[data-person]").dataset;
  const deed = button.dataset.shift === "start" ? startShift : endShift;
  deed({ id: person, name });
});
