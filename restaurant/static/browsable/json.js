// JSON as the page draws it: over several lines, with what leads on.
"use strict";
const INDENT = "  ";

function element(name, properties, text) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(text);
  return made;
}

// As `leads_of` of restaurant/browsable/answer.py.
function lead(name, value, orders) {
  if (name === "order_id" && orders) {
    return `${orders}${value}/`;
  }
  const isAddress = name === "type" && value.startsWith("/problems/");
  return isAddress ? value : "";
}

function plain(value, name, orders) {
  const isText = typeof value === "string";
  const drawn = element("span", { className: isText ? "text" : "plain" }, JSON.stringify(value));
  const href = isText && value ? lead(name, value, orders) : "";
  return href ? element("a", { href }, drawn) : drawn;
}

function* parts(value, name, margin, orders) {
  const isList = Array.isArray(value);
  const entries = value && typeof value === "object" ? Object.entries(value) : [];
  if (!entries.length) {
    yield plain(value, name, orders);
    return;
  }
  yield isList ? "[\n" : "{\n";
  for (const [at, [key, part]] of entries.entries()) {
    yield margin + INDENT;
    if (!isList) {
      yield element("span", { className: "key" }, JSON.stringify(key));
      yield ": ";
    }
    yield* parts(part, isList ? "" : key, margin + INDENT, orders);
    yield at + 1 < entries.length ? ",\n" : "\n";
  }
  yield margin + (isList ? "]" : "}");
}

// Gives the nodes of a text that is JSON, and the text where it is none; `orders` is their list's
// path, where this process has it.
export function draw(text, orders) {
  try {
    return [...parts(JSON.parse(text), "", "", orders)];
  } catch {
    return [text];
  }
}
