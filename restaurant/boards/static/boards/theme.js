// Before the page is drawn: the staff site's own choice of light or dark, and the size of text.
"use strict";
(() => {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return JSON.parse(localStorage.getItem("adminTheme")) || "auto";
    } catch {
      return "auto";
    }
  };
  const draw = () => {
    const theme = chosen();
    root.dataset.theme = theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
    root.dataset.size = localStorage.getItem("boardSize") || "1";
  };
  dark.addEventListener("change", draw);
  window.addEventListener("storage", draw);
  window.drawTheme = draw;
  draw();
})();
