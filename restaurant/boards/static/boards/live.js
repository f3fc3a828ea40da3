// Follows a live stream, and looks by itself every three seconds while there is none.
//
// `look()` asks for the whole picture and resolves once it is drawn; it rejects when it could not.
// `told(changes)` is given what changed, oldest first. `gone()` is called when the session ended.
// `state(name, since)` is told "live", "lost" (looking works) or "unreachable" (it does not), and
// when (milliseconds) the picture was last known to be true.

const SILENCE = 5000; // A beat comes every 2 s.
const POLL = 3000;
const GRACE = 1200; // A stream that is back within this was never said to be lost.

export function follow(url, { look, told, gone, state }) {
  let source = null;
  let position = "";
  let isLive = false;
  let isOver = false;
  let isDoubted = false;
  let failures = 0;
  let heard = performance.now();
  let trueAt = Date.now();
  let lostAt = performance.now();
  let polling = null;
  let opening = null;

  function open() {
    if (isOver) return;
    const after = position ? `?after=${encodeURIComponent(position)}` : "";
    source = new EventSource(url + after, { withCredentials: true });
    heard = performance.now();
    source.addEventListener("open", () => (heard = performance.now()));
    for (const name of ["open", "reset"])
      source.addEventListener(name, (event) => {
        // The connection itself also fires "open", without data.
        if (event.data === undefined) return;
        listen(event);
        refresh();
      });
    source.addEventListener("changes", (event) => {
      listen(event);
      told(JSON.parse(event.data));
    });
    source.addEventListener("beat", (event) => {
      heard = performance.now();
      if (JSON.parse(event.data).ok) alive();
      else lost();
    });
    source.addEventListener("end", (event) => {
      if (JSON.parse(event.data).why === "stopping") again();
      else end();
    });
    source.addEventListener("error", again);
  }

  function listen(event) {
    heard = performance.now();
    if (event.lastEventId) position = event.lastEventId;
    failures = 0;
    alive();
  }

  function alive() {
    if (isDoubted) return;
    isLive = true;
    trueAt = Date.now();
    state("live", trueAt);
  }

  function lost() {
    if (isLive) lostAt = performance.now();
    isLive = false;
  }

  // Something told of could not be looked at: the picture is not true until it was.
  function doubt() {
    isDoubted = true;
    lost();
  }

  function again() {
    if (source) source.close();
    source = null;
    lost();
    if (isOver) return;
    // With jitter: a board in each kitchen of a city must not knock at once.
    const wait = Math.min(5000, 250 * 2 ** failures) * (0.5 + Math.random() / 2);
    failures += 1;
    // One at a time: a stream that another one replaced would go on by itself.
    clearTimeout(opening);
    opening = setTimeout(open, wait);
  }

  async function refresh() {
    const asked = Date.now();
    try {
      await look();
      isDoubted = false;
      trueAt = Math.max(trueAt, asked);
      return true;
    } catch (error) {
      if (error.status === 401 || error.status === 403) end();
      doubt();
      return false;
    }
  }

  async function watch() {
    if (isOver) return;
    if (source && performance.now() - heard > SILENCE) again();
    if (isLive || polling || performance.now() - lostAt < GRACE) return;
    polling = refresh();
    const done = await polling;
    if (!isLive && !isOver) state(done ? "lost" : "unreachable", trueAt);
    setTimeout(() => (polling = null), done ? POLL : 1000);
  }

  function end() {
    if (isOver) return;
    isOver = true;
    if (source) source.close();
    gone();
  }

  open();
  const timer = setInterval(watch, 250);
  window.addEventListener("offline", lost);
  window.addEventListener("online", () => {
    failures = 0;
    again();
  });
  return {
    doubt,
    stop() {
      isOver = true;
      clearInterval(timer);
      if (source) source.close();
    },
  };
}
