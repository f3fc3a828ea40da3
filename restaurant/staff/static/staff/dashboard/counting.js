// The button that has the server count what is new: it says what will happen first.

import { press } from "../../boards/ask.js";

export function prepareCounting(root, texts, done) {
  const dialog = root.querySelector("[data-count-dialog]");
  const said = dialog.querySelector("[data-count-said]");
  const button = dialog.querySelector("[data-count-now]");

  root.addEventListener("click", (event) => {
    if (!event.target.closest("[data-count-open]")) return;
    said.textContent = "";
    dialog.showModal();
  });

  button.addEventListener("click", async () => {
    button.disabled = true;
    said.textContent = texts.counting;
    try {
      // A press counts for some seconds; a long past takes several.
      let answer = { more: true };
      while (answer.more && dialog.open) answer = await press(root.dataset.count, {}, texts);
      said.textContent = answer.say;
      if (!answer.more) dialog.close();
    } catch (error) {
      said.textContent = error.message;
    }
    button.disabled = false;
    done();
  });
}
