// The dispatch board: its keys and buttons.

import { keys } from "../../boards/shell.js";
import { begin, keysThatPick, pick, pickedCard } from "./cards.js";
import "./drag.js";
import { act, step, undoNewest } from "./moves.js";

// The second press of a double click falls on what came under the pointer after the first.
const PRESSED = "[data-deed], [data-shift], [data-undo], .choice";
document.addEventListener(
  "click",
  (event) => event.detail > 1 && event.target.closest(PRESSED) && event.stopPropagation(),
  true,
);

document.querySelector(".columns").addEventListener("click", (event) => {
  const card = event.target.closest(".card");
  if (!card) return;
  pick(card);
  const button = event.target.closest("[data-deed]");
  if (button) act(card, button.dataset.deed);
});

function toCouriers() {
  const button = document.querySelector("[data-part=people] [data-shift]");
  if (button) button.focus();
}

keys({
  ...keysThatPick(),
  " ": () => step(pickedCard()),
  a: () => act(pickedCard(), "assign"),
  b: () => act(pickedCard(), "unassign"),
  l: () => act(pickedCard(), "release"),
  x: () => act(pickedCard(), "fail"),
  g: () => act(pickedCard(), "give_up"),
  s: toCouriers,
  u: undoNewest,
});

begin();
