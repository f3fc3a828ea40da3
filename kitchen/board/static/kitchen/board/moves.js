// The cook's hands: each press is answered on screen at once, and judged by the server.

import { press } from "../../boards/ask.js";
import { showGone, texts, toast } from "../../boards/shell.js";
import { ADVANCE, cardOf, dress, going, pickedCard } from "./cards.js";
import { lookAtAround, lookAtOrder } from "./look.js";

const $ = (selector) => document.querySelector(selector);
const { moveUrl } = $("[data-board]").dataset;
let answered = Promise.resolve(); // Once the last press was.
let isRecalling = false;

function move(ticket, order, deed) {
  answered = send(ticket, order, deed);
  return answered;
}

async function send(ticket, order, deed) {
  if (going.has(ticket)) return;
  const card = cardOf(ticket);
  going.add(ticket);
  if (card) dress(card);
  const url = moveUrl.replace("/0/bump/", `/${ticket}/${deed}/`);
  try {
    await press(url, {}, texts);
    // It stays as pressed until the look draws what it is now.
    going.delete(ticket);
  } catch (refusal) {
    going.delete(ticket);
    if (cardOf(ticket)) dress(cardOf(ticket));
    toast(refusal.message, { kind: "bad" });
    if (refusal.status === 401) return showGone();
  }
  lookAtOrder(order);
}

export function moveCard(card, deed) {
  return move(card.dataset.ticket, card.dataset.order, deed);
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
  // What was bumped just now is not listed yet: the first of the list would be another.
  await answered;
  await lookAtAround().catch(() => {});
  isRecalling = false;
  const button = $("[data-recall] [data-deed=recall]");
  if (!button) return toast(texts.no_recall, { seconds: 3 });
  const row = button.closest("[data-ticket]");
  move(row.dataset.ticket, row.dataset.order, "recall");
}

$("[data-recall]").addEventListener("click", (event) => {
  const button = event.target.closest("[data-deed=recall]");
  if (!button) return;
  const row = button.closest("[data-ticket]");
  button.disabled = true;
  move(row.dataset.ticket, row.dataset.order, "recall").finally(() => (button.disabled = false));
});
