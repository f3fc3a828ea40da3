// The keyboard's twin of dragging: arrows that move a dish or a category by one place.
// The form is saved as it stands: each part holds its key in a hidden input, in this order.

const form = document.querySelector("[data-menu-arrange]");
const status = form.querySelector("[data-menu-status]");
const partsOf = (list) => [...list.children].filter((child) => child.matches("[data-menu-part]"));

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move]");
  if (!button) return;
  const part = button.closest("[data-menu-part]");
  if (button.dataset.move === "up") up(part);
  else down(part);
  button.focus();
  tell(part);
});

// Whatever moved, by a drag as well, waits to be saved.
new MutationObserver(() => {
  if (!status.textContent) status.textContent = form.dataset.unsaved;
}).observe(form.querySelector(".menu-shelves"), { childList: true, subtree: true });

function up(part) {
  const before = part.previousElementSibling;
  if (before) before.before(part);
  else shelfBeside(part, "previousElementSibling")?.append(part);
}

function down(part) {
  const after = part.nextElementSibling;
  if (after) after.after(part);
  else shelfBeside(part, "nextElementSibling")?.prepend(part);
}

// A dish that is at the end of its category goes on in the next.
function shelfBeside(part, side) {
  if (!part.matches("li")) return null;
  return part.closest("section")[side]?.querySelector("ul");
}

function tell(part) {
  const shelf = part.closest("section");
  const place = partsOf(part.parentElement).indexOf(part) + 1;
  status.textContent = form.dataset.told
    .replace("{name}", part.dataset.name)
    .replace("{place}", place)
    .replace("{category}", shelf.dataset.name);
}
