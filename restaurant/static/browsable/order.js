// The menu beside the body of an order: what is chosen is written into the body, as JSON.
"use strict";
const place = document.querySelector("[data-order]");
const content = document.querySelector("[data-send]").elements._content;
const texts = JSON.parse(document.getElementById("texts").textContent);
const dishes = [];
let address, note;
let written = content.defaultValue;
// Says that a body written by hand is not written over.
const kept = document.createElement("p");

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function write() {
  const isByHand = content.value.trim() && content.value !== written;
  kept.textContent = isByHand ? texts.kept : "";
  if (isByHand) {
    return;
  }
  const lines = dishes
    .filter(({ quantity }) => Number(quantity.value) > 0)
    .map(({ sku, quantity, options }) => ({
      sku,
      quantity: Number(quantity.value),
      options: options.filter((box) => box.checked).map((box) => box.value),
    }));
  written = JSON.stringify({ lines, address: address.value, note: note.value }, null, 2);
  content.value = written;
  content.dispatchEvent(new Event("input"));
}

function option(group, one, dish, boxes) {
  // A radio button cannot be unmade.
  const isRadio = group.min === 1 && group.max === 1;
  const box = element("input", {
    type: isRadio ? "radio" : "checkbox",
    name: `${dish.sku}-${group.name}`,
    value: one.sku,
    disabled: one.available === false,
  });
  // As many as must be chosen are, to begin with.
  const chosen = boxes.filter((other) => other.name === box.name && other.checked);
  box.checked = !box.disabled && chosen.length < group.min;
  boxes.push(box);
  if (group.max === 1) {
    box.addEventListener("input", () => {
      for (const other of boxes) {
        if (other !== box && other.name === box.name && box.checked) other.checked = false;
      }
    });
  }
  const price = Number(one.price) ? ` ${Number(one.price) > 0 ? "+" : ""}${one.price}` : "";
  return element("label", { className: "option" }, box, ` ${one.name}${price}`);
}

function row(dish) {
  const boxes = [];
  const quantity = element("input", { type: "number", min: 0, max: 99, value: 0, disabled: !dish.available });
  const groups = (dish.option_groups || []).map((group) =>
    element(
      "fieldset",
      { className: "options" },
      element("legend", {}, texts.choose.replace("%s", group.name)),
      ...group.options.map((one) => option(group, one, dish, boxes)),
    ),
  );
  const chosen = element("div", { hidden: true }, ...groups);
  const show = () => {
    chosen.hidden = !(Number(quantity.value) > 0);
  };
  quantity.addEventListener("input", show);
  dishes.push({ sku: dish.sku, quantity, options: boxes, show });
  const told = dish.available ? dish.price : `${dish.price}, ${texts.gone}`;
  const label = element("label", { className: "dish" }, quantity, element("span", {}, dish.name), element("span", { className: "price" }, told));
  return element("div", {}, label, chosen);
}

function field(id, text, rows) {
  const input = rows ? element("textarea", { id, rows }) : element("input", { id });
  place.append(element("label", { htmlFor: id }, text), input);
  return input;
}

// The body's example is of another restaurant: an order of this menu is one that is taken.
function begin() {
  const first = dishes.find(({ quantity }) => !quantity.disabled);
  if (!first || content.value !== content.defaultValue) {
    return;
  }
  first.quantity.value = 1;
  first.show();
  address.value = JSON.parse(content.value).address;
  write();
}

const menu = await (await fetch(place.dataset.menu, { headers: { Accept: "application/json" } })).json();
for (const category of menu.categories) {
  place.append(element("fieldset", { className: "category" }, element("legend", {}, category.name), ...category.items.map(row)));
}
address = field("address", "address");
note = field("note", "note");
Object.assign(kept, { className: "hint", role: "status" });
content.after(kept);
place.addEventListener("input", write);
begin();
