// Keeps the page of an order fresh: asks whether it has changed, and shows it if so.

const body = document.getElementById("order-body");
const fresh = document.getElementById("order-fresh");
const [says, time] = fresh.children;
const asOf = says.textContent;

function isBusy() {
  // A dialog stands over the page, or somebody selects text in it.
  const dialog = document.getElementById("modal-overlay");
  return dialog?.checkVisibility() || !document.getSelection().isCollapsed;
}

function show(html, version) {
  const open = [...body.querySelectorAll("details[open]")].map((it) => it.dataset.key);
  const focused = document.activeElement?.getAttribute("href");
  body.innerHTML = html;
  body.dataset.version = version;
  for (const key of open) {
    body.querySelector(`details[data-key="${key}"]`)?.setAttribute("open", "");
  }
  if (focused) body.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  window.htmx?.process(body);
}

// For whoever is signed out, or may no longer see it.
async function hide(answer) {
  const { say } = await answer.json().catch(() => ({}));
  body.replaceChildren();
  body.dataset.version = "";
  time.textContent = "";
  sayLost(say || `${fresh.dataset.lost}.`);
}

function sayLost(text) {
  says.textContent = text;
  fresh.classList.add("is-lost");
}

async function ask() {
  const answer = await fetch(`${body.dataset.now}?version=${body.dataset.version}`);
  if (answer.status === 401 || answer.status === 403) return hide(answer);
  if (!answer.ok) throw new Error(answer.statusText);
  if (answer.status === 200) {
    // What is shown stays, and so does its time.
    if (isBusy()) return;
    show(await answer.text(), answer.headers.get("X-Version"));
  }
  says.textContent = asOf;
  time.textContent = new Date().toLocaleTimeString(document.documentElement.lang, { hour12: false });
  fresh.classList.remove("is-lost");
}

async function follow() {
  if (!document.hidden) await ask().catch(() => sayLost(`${fresh.dataset.lost}.`));
  setTimeout(follow, body.dataset.seconds * 1000);
}

setTimeout(follow, body.dataset.seconds * 1000);
document.addEventListener("visibilitychange", () => document.hidden || ask().catch(() => {}));
