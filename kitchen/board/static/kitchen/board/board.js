// The kitchen's board: its keys, buttons and tools.

import { isDouble, keys } from "../../boards/shell.js";
import { begin, drawTimes, keysThatPick, pick } from "./cards.js";
import { showDishes, showDishesOfPicked } from "./dishes.js";
import { lookAtList } from "./look.js";
import { advance, moveCard, recallLast } from "./moves.js";

const $ = (selector) => document.querySelector(selector);

$("[data-cards]").addEventListener("click", (event) => {
  const card = event.target.closest(".card");
  if (!card) return;
  const button = event.target.closest("[data-deed]");
  if (button && isDouble()) return;
  pick(card);
  if (!button) return;
  if (button.dataset.deed === "dishes") showDishes(card);
  else moveCard(card, button.dataset.deed);
});

function showRecall() {
  $("[data-recall]").showModal();
  drawTimes();
  lookAtList();
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
// On a telephone the cards come first.
const isShown = localStorage.getItem("boardAllDay") || (innerWidth < 900 ? "off" : "on");
$("[data-allday]").hidden = isShown === "off";
drawAllDayTool();

keys({
  ...keysThatPick(),
  " ": advance,
  z: recallLast,
  r: showRecall,
  x: showDishesOfPicked,
});

begin();
