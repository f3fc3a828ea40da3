// Keys of the staff site. Letters go by their place (`code`), so that a Russian layout has them too.

(() => {
  // How long after "g" a letter still belongs to it, in milliseconds.
  const PAUSE = 1500;
  let gone = 0;

  const isWriting = (target) =>
    target.closest("input, textarea, select, [contenteditable], dialog[open]");
  const letterOf = (event) => (/^Key([A-Z])$/.exec(event.code) || [])[1]?.toLowerCase();

  function go(letter) {
    document.querySelector(`#staff-keys [data-way="${letter}"]`)?.click();
  }

  function showKeys() {
    document.querySelector("#staff-keys")?.showModal();
  }

  function search() {
    const list = document.querySelector("#searchbar");
    if (list) list.focus();
    else open();
  }

  function press(event) {
    const letter = letterOf(event);
    if (letter && Date.now() - gone < PAUSE) {
      gone = 0;
      return go(letter);
    }
    if (letter === "g" && !event.shiftKey) gone = Date.now();
    else if (event.key === "?") showKeys();
    else if (event.code === "Slash" && !event.shiftKey) search();
    else return;
    event.preventDefault();
  }

  const open = () => window.dispatchEvent(new CustomEvent("opencommand"));

  document.addEventListener("keydown", (event) => {
    const isSearch = (event.ctrlKey || event.metaKey) && event.code === "KeyK";
    // Unfold hears it too, but not from within a box, nor on a Russian layout.
    if (isSearch && (event.key !== "k" || event.target.matches("input, textarea"))) {
      event.preventDefault();
      if (event.target.id !== "search-input-command") open();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target instanceof Element && !isWriting(event.target)) press(event);
  });

  // Unfold's search fails on Enter while no result is there to open.
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Enter" || event.target.id !== "search-input-command") return;
      if (document.querySelector("#command-results li.active a")) return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );

  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-keys]")) showKeys();
    // A click beside the list closes it.
    if (event.target.id === "staff-keys") event.target.close();
  });
})();
