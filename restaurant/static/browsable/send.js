// Sends a body as a program does, and shows the answer with its headers.
"use strict";
import { draw } from "./json.js";

const form = document.querySelector("[data-send]");
// Where there is nothing to say, there is none.
const content = form?.elements._content;
const texts = JSON.parse(document.getElementById("texts").textContent);

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function newKey() {
  form.elements._key.value = crypto.randomUUID ? crypto.randomUUID() : String(Date.now());
}

function shown(answer, text) {
  const status = element("span", { className: "status" }, `${answer.status} ${answer.statusText}`);
  status.dataset.kind = String(answer.status)[0];
  const headers = [...answer.headers].map(([name, value]) =>
    element("div", {}, element("dt", {}, name), element("dd", {}, value)),
  );
  const parts = [
    element("p", { className: "line" }, status),
    element("details", {}, element("summary", {}, texts.headers), element("dl", { className: "headers" }, ...headers)),
  ];
  if (text) {
    parts.push(element("pre", { className: "json", tabIndex: 0 }, ...draw(text, texts.orders)));
  }
  const made = answer.headers.get("Location");
  if (answer.ok && made) {
    parts.push(element("p", {}, element("a", { className: "button is-main", href: made }, texts.open)));
  }
  return parts;
}

async function send() {
  const headers = {
    Accept: "application/json",
    "X-CSRFToken": form.elements.csrfmiddlewaretoken.value,
  };
  if (form.elements._key.value) {
    headers["Idempotency-Key"] = form.elements._key.value;
  }
  const body = content?.value;
  if (content) {
    headers["Content-Type"] = "application/json";
  }
  const answer = await fetch(form.getAttribute("action"), { method: "POST", headers, body });
  const made = shown(answer, await answer.text());
  if (!content) {
    // The next press is another one: it was bumped, recalled, and is bumped again.
    newKey();
  }
  return made;
}

async function submit(event) {
  event.preventDefault();
  const place = document.querySelector("[data-answer]");
  const button = form.querySelector("button");
  place.replaceChildren(texts.sending);
  button.disabled = true;
  try {
    place.replaceChildren(...(await send()));
  } catch {
    place.replaceChildren(element("p", {}, texts.unreachable));
  }
  button.disabled = false;
  // It is below a form that may be longer than the screen.
  place.scrollIntoView();
}

// What is left empty is not asked for.
document.querySelector("[data-filters]")?.addEventListener("submit", (event) => {
  for (const field of event.target.elements) {
    field.disabled = field.name && !field.value;
  }
});

if (form) {
  newKey();
  form.addEventListener("submit", submit);
  // Another body is another request.
  content?.addEventListener("input", newKey);
}
