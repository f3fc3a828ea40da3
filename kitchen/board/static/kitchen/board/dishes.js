// What is 86'd, and 86ing a dish from a card.

import { press, read } from "../../boards/ask.js";
import { fill, texts, toast } from "../../boards/shell.js";
import { pickedCard } from "./cards.js";

const $ = (selector) => document.querySelector(selector);
const { availabilityUrl, dishesUrl } = $("[data-board]").dataset;

let off = new Map(); // SKU → name of the dishes that cannot be ordered.

export async function lookAtMenu() {
  if (!dishesUrl) return;
  const menu = await read(dishesUrl, texts);
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
  const url = availabilityUrl.replace("SKU", encodeURIComponent(sku));
  await press(url, { available }, texts);
  lookAtMenu().catch(() => {});
  const undo = () =>
    sell(sku, name, !available).catch((refusal) => toast(refusal.message, { kind: "bad" }));
  toast(fill(available ? texts.back : texts.off, { dish: name }), { undo });
}

export function showDishes(card) {
  const dishes = new Map();
  for (const line of card.querySelectorAll("[data-sku]")) dishes.set(line.dataset.sku, line.dataset.dish);
  $("[data-dish-list]").replaceChildren(...[...dishes].map(([sku, name]) => dishRow(sku, name)));
  $("[data-dishes]").showModal();
}

export function showDishesOfPicked() {
  const card = pickedCard();
  if (card && card.querySelector("[data-deed=dishes]")) showDishes(card);
  else toast(card ? texts.no_dishes : texts.none, { seconds: 3 });
}
