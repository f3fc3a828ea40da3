// What a dialog's form is answered with when it fails: htmx drops it, and the dialog would stand there
// as if nothing had been pressed.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status < 400) return;
  event.detail.shouldSwap = true;
  // Of the page only what it says: it stands in the site's frame, or alone.
  event.detail.selectOverride = "#content, main";
});
