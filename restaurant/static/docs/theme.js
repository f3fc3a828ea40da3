// Light or dark, as the reader's system is. Swagger UI brings both looks, and asks for a class;
// Redoc takes colours once, so it follows a change at the next reload.
"use strict";

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
follow();
dark.addEventListener("change", follow);

const ink = { primary: "#e5e7eb", secondary: "#9ca3af" };
const REDOC = {
  colors: {
    primary: { main: "#c4b5fd" },
    error: { main: "#fca5a5" },
    success: { main: "#86efac" },
    text: ink,
    border: { dark: "#374151", light: "#374151" },
  },
  schema: { nestedBackground: "#1f2937", typeNameColor: "#9ca3af", typeTitleColor: "#9ca3af" },
  sidebar: { backgroundColor: "#1f2937", textColor: "#e5e7eb" },
  rightPanel: { backgroundColor: "#0b1220" },
  typography: { code: { color: "#fca5a5", backgroundColor: "#1f2937" } },
};
if (dark.matches) document.querySelector("redoc")?.setAttribute("theme", JSON.stringify(REDOC));
