// Dragging a card, by pointer events: mouse and pen from anywhere on it, a finger by its grip or
// after holding it still. The keyboard's way to the same is `a`, the button's is "Assign…".

import { cardOf, dress, factsOf, held, settle } from "./cards.js";
import { lookAtOrder } from "./look.js";
import { assign, openAssign, pickUp, takeBack } from "./moves.js";

const STILL = 6; // Pixels that a hand may shake.
const HOLD = 300; // Milliseconds until a finger that does not scroll has taken hold.
const EDGE = 60; // Pixels from the edge of a list within which it scrolls.
const ghost = document.querySelector("[data-ghost]");
let hand = null;

function take(event) {
  if (hand || !event.isPrimary || event.button !== 0) return;
  const card = event.target.closest("[data-may-change] .cards > .card[data-open]:not(.is-road)");
  if (!card || event.target.closest("button, a, input")) return;
  if (held.has(card.dataset.delivery)) return;
  const needsHold = event.pointerType === "touch" && !event.target.closest("[data-grip]");
  hand = {
    pointer: event.pointerId,
    facts: factsOf(card),
    offersRoad: Boolean(card.querySelector("[data-deed=pick_up]")),
    x: event.clientX,
    y: event.clientY,
    isOn: false,
    needsHold,
    timer: needsHold ? setTimeout(begin, HOLD) : null,
  };
}

function begin() {
  hand.isOn = true;
  held.add(hand.facts.delivery);
  const card = cardOf(hand.facts.delivery);
  if (card) card.classList.add("is-dragged");
  ghost.textContent = hand.facts.number;
  ghost.hidden = false;
  document.body.classList.add("is-dragging");
  markTargets();
  follow();
  requestAnimationFrame(scroll);
}

function move(event) {
  if (!hand || event.pointerId !== hand.pointer) return;
  const far = Math.hypot(event.clientX - hand.x, event.clientY - hand.y);
  if (!hand.isOn && far < STILL) return;
  if (!hand.isOn && hand.needsHold) return letGo();
  hand.x = event.clientX;
  hand.y = event.clientY;
  if (!hand.isOn) begin();
  follow();
}

function follow() {
  const x = Math.min(hand.x + 12, innerWidth - ghost.offsetWidth - 4);
  const y = Math.min(hand.y + 12, innerHeight - ghost.offsetHeight - 4);
  ghost.style.transform = `translate(${x}px, ${y}px)`;
  const over = targetAt(hand.x, hand.y);
  for (const target of document.querySelectorAll(".is-target"))
    target.classList.toggle("is-over-it", target === over);
}

function targetAt(x, y) {
  const under = document.elementFromPoint(x, y);
  return under && under.closest(".is-target");
}

function drop(event) {
  if (!hand || event.pointerId !== hand.pointer) return;
  const { facts, isOn, x, y } = hand;
  const target = isOn ? targetAt(x, y) : null;
  letGo();
  if (!target) return;
  const card = cardOf(facts.delivery);
  const deeds = {
    person: () => assign(facts, { id: target.dataset.person, name: target.dataset.name }),
    waiting: () => takeBack(facts),
    failed: () => takeBack(facts),
    assigned: () => card && openAssign(facts, card),
    road: () => pickUp(facts),
  };
  deeds[target.dataset.drop]();
}

function letGo() {
  if (!hand) return;
  const { facts, isOn, timer } = hand;
  clearTimeout(timer);
  hand = null;
  if (!isOn) return;
  settle(facts.delivery);
  ghost.hidden = true;
  document.body.classList.remove("is-dragging");
  for (const target of document.querySelectorAll(".is-target"))
    target.classList.remove("is-target", "is-over-it");
  const card = cardOf(facts.delivery);
  if (card) {
    card.classList.remove("is-dragged");
    dress(card);
  }
  // It was left alone while it was held.
  lookAtOrder(facts.order);
}

function markTargets() {
  if (!hand || !hand.isOn) return;
  for (const place of document.querySelectorAll("[data-drop]"))
    place.classList.toggle("is-target", takes(place, hand));
}

function takes({ dataset }, { facts, offersRoad }) {
  switch (dataset.drop) {
    case "person":
      return dataset.person !== facts.courier && !("full" in dataset);
    case "assigned":
      return !facts.courier;
    case "waiting":
      return Boolean(facts.courier) && facts.attempt === "1";
    case "failed":
      return Boolean(facts.courier) && facts.attempt !== "1";
    default:
      return offersRoad;
  }
}

function scroll() {
  if (!hand || !hand.isOn) return;
  const under = document.elementFromPoint(hand.x, hand.y);
  const list = (under && under.closest(".cards, .rail")) || document.scrollingElement;
  const isPage = list === document.scrollingElement || list.scrollHeight <= list.clientHeight;
  const box = isPage ? { top: 0, bottom: innerHeight } : list.getBoundingClientRect();
  const by = hand.y < box.top + EDGE ? -12 : hand.y > box.bottom - EDGE ? 12 : 0;
  if (by) (isPage ? document.scrollingElement : list).scrollBy(0, by);
  requestAnimationFrame(scroll);
}

document.addEventListener("pointerdown", take);
document.addEventListener("pointermove", move);
document.addEventListener("pointerup", drop);
document.addEventListener("pointercancel", letGo);
// Capture: before the keys of the board.
document.addEventListener("keydown", (event) => event.key === "Escape" && letGo(), true);
document.addEventListener("board:around", markTargets);
// A finger that holds a card neither scrolls, selects nor asks for a menu.
document.addEventListener("touchmove", (event) => hand && hand.isOn && event.preventDefault(), {
  passive: false,
});
for (const name of ["selectstart", "contextmenu"])
  document.addEventListener(name, (event) => hand && event.preventDefault());
