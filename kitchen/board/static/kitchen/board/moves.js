// The cook's hands: each press is answered on screen at once, and judged by the server.

import { press } from "../../boards/ask.js";
import { isDouble, showGone, texts, toast } from "../../boards/shell.js";
import { ADVANCE, cardOf, dress, going, pickedCard } from "./cards.js";
import { lookAtAround, lookAtOrder } from "./look.js";

const $ = (selector) => document.querySelector(selector);
const { moveUrl } = $("[data-board]").dataset;
// What was bumped here and not recalled yet, the last one last; nothing yet: null.
let bumped = null;
let isRecalling = false;

// Resolves to the refusal, or to null.
async function move(ticket, order, deed) {
  going.set(ticket, { order, answered: Infinity });
  if (cardOf(ticket)) dress(cardOf(ticket));
  const url = moveUrl.replace("/0/bump/", `/${ticket}/${deed}/`);
  try {
    await press(url, {}, texts);
  } catch (refusal) {
    going.delete(ticket);
    if (cardOf(ticket)) dress(cardOf(ticket));
    refuse(refusal);
    if (refusal.status !== 401) lookAtOrder(order);
    return refusal;
  }
  going.set(ticket, { order, answered: performance.now() });
  lookAtOrder(order);
  return null;
}

function refuse(refusal) {
  toast(refusal.message, { kind: "bad" });
  if (refusal.status === 401) showGone();
}

export function moveCard(card, deed) {
  const { ticket, order } = card.dataset;
  if (going.has(ticket)) return;
  const answer = move(ticket, order, deed);
  if (deed === "bump") remember(ticket, order, answer);
}

// One that was not answered may have been bumped all the same.
function remember(ticket, order, answer) {
  forget(ticket);
  const answered = answer.then((refusal) => refusal && refusal.status && forget(ticket));
  bumped.push({ ticket, order, answered });
}

function forget(ticket) {
  bumped = (bumped || []).filter((one) => one.ticket !== ticket);
}

export function advance() {
  const card = pickedCard();
  const button = card && card.querySelector(ADVANCE);
  if (!button) return toast(texts.none, { seconds: 3 });
  moveCard(card, button.dataset.deed);
}

export async function recallLast() {
  if (isRecalling) return;
  isRecalling = true;
  try {
    const last = await (bumped ? lastOfMine() : lastOfAll());
    if (last) await recall(last.ticket, last.order);
    else toast(texts.no_recall, { seconds: 3 });
  } catch (refusal) {
    refuse(refusal);
  }
  isRecalling = false;
}

// The last one bumped here, whatever colleagues and the timer have finished since.
async function lastOfMine() {
  const last = bumped.at(-1);
  if (last) await last.answered;
  return bumped.includes(last) ? last : null;
}

async function lastOfAll() {
  await lookAtAround();
  const button = $("[data-recall] [data-deed=recall]");
  return button && button.closest("[data-ticket]").dataset;
}

async function recall(ticket, order) {
  const refusal = await move(ticket, order, "recall");
  if (bumped && !(refusal && !refusal.status)) forget(ticket);
}

$("[data-recall]").addEventListener("click", (event) => {
  const button = event.target.closest("[data-deed=recall]");
  if (!button || isDouble()) return;
  const { ticket, order } = button.closest("[data-ticket]").dataset;
  button.disabled = true;
  recall(ticket, order).finally(() => (button.disabled = false));
});
