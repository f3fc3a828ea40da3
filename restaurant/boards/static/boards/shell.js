// What every board has around its cards: the pulse, lines for the person, keys, tools.

const $ = (selector) => document.querySelector(selector);

export const texts = JSON.parse($("#texts").textContent);

export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// A length of time in seconds, as "4:07" or "1:02:30".
export function clock(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  const two = (n) => String(n).padStart(2, "0");
  const minutes = Math.floor(s / 60) % 60;
  return s < 3600
    ? `${minutes}:${two(s % 60)}`
    : `${Math.floor(s / 3600)}:${two(minutes)}:${two(s % 60)}`;
}

// --- Lines for the person -----------------------------------------------------------------------

export function toast(text, { kind = "info", undo = null, seconds = 6 } = {}) {
  const line = document.createElement("div");
  line.className = `toast is-${kind}`;
  const said = document.createElement("p");
  said.textContent = text;
  line.append(said);
  const away = () => line.remove();
  if (undo) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.textContent = texts.undo;
    button.dataset.undo = "";
    button.addEventListener("click", () => {
      away();
      undo();
    });
    line.append(button);
  }
  const box = $("[data-toasts]");
  box.append(line);
  while (box.children.length > 4) box.firstChild.remove();
  setTimeout(away, seconds * 1000);
  return away;
}

// --- How live the picture is --------------------------------------------------------------------

let shown = { name: "connecting", since: Date.now() };

export function showState(name, since) {
  if (shown.name === "gone") return;
  shown = { name, since };
  drawState();
}

function drawState() {
  const { name, since } = shown;
  const pulse = $("[data-pulse]");
  const word = { live: texts.live, connecting: texts.connecting }[name] || texts.lost;
  if (pulse.dataset.pulse !== name) {
    pulse.dataset.pulse = name;
    $("[data-pulse-text]").textContent = word;
  }
  const stale = $("[data-stale]");
  const isStale = name === "lost" || name === "unreachable";
  stale.hidden = !isStale;
  document.body.classList.toggle("is-stale", isStale);
  if (isStale) {
    const age = clock((Date.now() - since) / 1000);
    stale.textContent = fill(name === "lost" ? texts.stale : texts.unreachable, { age });
  }
}

setInterval(drawState, 1000);

export function showGone() {
  if (shown.name === "gone") return;
  showState("gone", Date.now());
  document.querySelectorAll("[data-private]").forEach((box) => box.replaceChildren());
  document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
  const dialog = $("[data-gone]");
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  // A browser asks once alone whether it may be closed.
  dialog.addEventListener("close", () => dialog.showModal());
  dialog.showModal();
}

// --- Keys ---------------------------------------------------------------------------------------

const bound = new Map();

// Binds keys to functions. Not while somebody writes or a dialog is open.
export function keys(table) {
  for (const [key, deed] of Object.entries(table)) bound.set(key, deed);
}

// The letter of a key whatever Caps Lock says, and by its place where the layout has no such letters.
function letterOf({ key, code }) {
  const letter = /^[a-z]$/i.test(key) ? key : (/^Key([A-Z])$/.exec(code) || [])[1];
  return letter && letter.toLowerCase();
}

let pressedOn = null; // What had the focus when the key went down that is held.

document.addEventListener("keydown", (event) => {
  const { key, repeat, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (!repeat) pressedOn = target;
  // A focused button is pressed by space and enter, as everywhere; but once by a key that is held,
  // and not by one that went down elsewhere.
  if (target.closest("button, a, summary") && [" ", "Enter"].includes(key)) {
    if (repeat && (key === "Enter" || target !== pressedOn)) event.preventDefault();
    return;
  }
  // A key may close the dialog that it was for; what had the focus in an open one may be gone.
  if (target.closest("input, textarea, select, dialog")) return;
  if (document.querySelector("dialog[open]")) return;
  const deed = bound.get(key) || bound.get(letterOf(event));
  if (!deed) return;
  event.preventDefault();
  // What a deed was done to is no longer there for the next one.
  if (repeat && !key.startsWith("Arrow")) return;
  deed(event);
});

// --- Double clicks ------------------------------------------------------------------------------

const DOUBLE = 400; // Milliseconds in which a second click, so many pixels away, belongs to the first.
const NEAR = 24;
let clicked = { at: -Infinity };
let isSecond = false;

// A finger's clicks are not counted by `detail`; a key's and a script's are nowhere.
function count({ timeStamp: at, clientX: x, clientY: y, detail, target }) {
  const isNear = at - clicked.at < DOUBLE && Math.hypot(x - clicked.x, y - clicked.y) < NEAR;
  isSecond = detail > 0 && isNear && target !== clicked.target;
  if (detail > 0 && !isSecond) clicked = { at, x, y, target };
}

document.addEventListener("click", count, true);

// Tells whether what is clicked has come under the second click of a double one: another was meant.
export const isDouble = () => isSecond;

// --- Tools --------------------------------------------------------------------------------------

const tools = {
  theme() {
    const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    localStorage.setItem("adminTheme", JSON.stringify(next));
    window.drawTheme();
  },
  size() {
    const next = { 1: "2", 2: "3", 3: "1" }[document.documentElement.dataset.size] || "1";
    localStorage.setItem("boardSize", next);
    window.drawTheme();
  },
  full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen().catch(() => {});
  },
  help() {
    $("[data-help]").showModal();
  },
};

for (const button of document.querySelectorAll("[data-tool]"))
  button.addEventListener("click", () => (tools[button.dataset.tool] || (() => {}))());

keys({ "?": tools.help, f: tools.full });

// A click beside a sheet closes it.
for (const sheet of document.querySelectorAll("dialog:not([data-gone])"))
  sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());

// --- A screen that stays awake ------------------------------------------------------------------

async function stayAwake() {
  if (document.visibilityState !== "visible" || !navigator.wakeLock) return;
  await navigator.wakeLock.request("screen").catch(() => {});
}

document.addEventListener("visibilitychange", stayAwake);
stayAwake();

// --- Sound --------------------------------------------------------------------------------------

let audio = null;

export function ring() {
  if (!audio || localStorage.getItem("boardSound") !== "on") return;
  for (const [at, pitch] of [
    [0, 880],
    [0.18, 1175],
  ]) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.25, audio.currentTime + at);
    volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + at + 0.35);
    tone.connect(volume).connect(audio.destination);
    tone.start(audio.currentTime + at);
    tone.stop(audio.currentTime + at + 0.4);
  }
}

// Browsers let a page sound only after it was touched.
function wakeAudio() {
  if (localStorage.getItem("boardSound") !== "on") return;
  audio = audio || new AudioContext();
  audio.resume();
}

for (const touch of ["pointerdown", "keydown"]) document.addEventListener(touch, wakeAudio);

const sound = $("[data-tool=sound]");

function drawSound() {
  const isOn = localStorage.getItem("boardSound") === "on";
  sound.setAttribute("aria-pressed", String(isOn));
  sound.querySelector(".icon").textContent = isOn ? "volume_up" : "volume_off";
}

if (sound) {
  tools.sound = () => {
    const isOn = localStorage.getItem("boardSound") === "on";
    localStorage.setItem("boardSound", isOn ? "off" : "on");
    drawSound();
    wakeAudio();
    toast(isOn ? texts.sound_off : texts.sound_on, { seconds: 2 });
    ring();
  };
  keys({ m: tools.sound });
  drawSound();
}
