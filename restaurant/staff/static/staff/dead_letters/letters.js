// Choosing dead letters, and deciding on them by a dialog that says what will happen.

import { press } from "../../boards/ask.js";

const page = document.querySelector("[data-letters-page]");
const dialog = page.querySelector("[data-dialog]");
const form = dialog.querySelector("[data-form]");
const texts = JSON.parse(document.getElementById("texts").textContent);
const find = (name) => dialog.querySelector(`[data-${name}]`);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const chosenOf = (group) => [...group.querySelectorAll("[data-one]:checked")];

let wanted = null;

function ask(group, deed, isSome) {
  const { service, topic, kind, upTo, count } = group.dataset;
  const ids = chosenOf(group).map((box) => Number(box.value));
  const most = Number(page.dataset.most);
  const number = isSome ? ids.length : Number(count);
  wanted = { deed, service };
  if (isSome) wanted.ids = ids;
  else Object.assign(wanted, { topic, kind, up_to: Number(upTo) });
  find("title").textContent = fill(texts[`${deed}_title`], { count: number });
  find("question").textContent = fill(texts[`${deed}_question`], { topic, service });
  find("limit").textContent = fill(texts.most, { most });
  find("limit").hidden = number <= most;
  find("confirm").textContent = texts[deed];
  find("confirm").classList.toggle("is-danger", deed === "discard");
  find("refusal").hidden = true;
  form.reason.value = "";
  form.reason.required = deed === "discard";
  dialog.showModal();
  form.reason.focus();
}

async function decide(event) {
  event.preventDefault();
  find("confirm").disabled = true;
  try {
    await press(page.dataset.press, { ...wanted, reason: form.reason.value }, texts);
    location.reload();
  } catch (refused) {
    find("refusal").textContent = refused.message;
    find("refusal").hidden = false;
    find("confirm").disabled = false;
  }
}

page.addEventListener("click", (event) => {
  const button = event.target.closest("[data-deed]");
  if (button) ask(button.closest(".group"), button.dataset.deed, "some" in button.dataset);
});

page.addEventListener("change", (event) => {
  const group = event.target.closest(".group");
  if (!group) return;
  if ("all" in event.target.dataset) {
    const table = event.target.closest("table");
    for (const box of table.querySelectorAll("[data-one]")) box.checked = event.target.checked;
  }
  const chosen = group.querySelector("[data-chosen]");
  if (chosen) chosen.hidden = !chosenOf(group).length;
});

find("cancel").addEventListener("click", () => dialog.close());
form.addEventListener("submit", decide);
