// 86 and back in one click: the row's button POSTs by itself, and only its cell is drawn anew.

const told = document.createElement("div");
told.className = "menu-told";
told.setAttribute("role", "status");
document.body.append(told);
let leaving;

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-menu-sale] button");
  if (!button) return;
  event.preventDefault();
  const cell = button.closest("[data-menu-sale]");
  button.disabled = true;
  try {
    const answer = await press(button);
    if (!answer.ok) throw new Refused(answer.status === 403 ? cell.dataset.refused : cell.dataset.failed);
    const { cell: drawn, say } = await answer.json();
    replace(cell, drawn);
    tell(say);
  } catch (error) {
    button.disabled = false;
    tell(error instanceof Refused ? error.message : cell.dataset.failed);
  }
});

class Refused extends Error {}

function press(button) {
  const token = button.form.elements.csrfmiddlewaretoken.value;
  return fetch(button.formAction, {
    method: "POST",
    headers: { Accept: "application/json", "X-CSRFToken": token },
    body: new URLSearchParams({ available: button.value }),
    redirect: "error",
  });
}

function replace(cell, drawn) {
  const template = document.createElement("template");
  template.innerHTML = drawn.trim();
  const fresh = template.content.firstElementChild;
  cell.replaceWith(fresh);
  fresh.querySelector("button")?.focus();
}

function tell(text) {
  told.textContent = text;
  clearTimeout(leaving);
  leaving = setTimeout(() => (told.textContent = ""), 5000);
}
