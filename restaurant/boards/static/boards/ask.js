// Asking the server, and pressing buttons there.

const SECONDS = 8;

export class Refused extends Error {
  constructor(status, say) {
    super(say);
    this.status = status;
  }
}

async function send(url, options, texts) {
  if (!navigator.onLine) throw new Refused(0, texts.offline);
  let answer;
  try {
    answer = await fetch(url, {
      credentials: "same-origin",
      redirect: "error",
      signal: AbortSignal.timeout(SECONDS * 1000),
      ...options,
    });
  } catch (error) {
    throw new Refused(0, error.name === "TimeoutError" ? texts.unanswered : texts.offline);
  }
  if (!answer.ok) {
    const body = await answer.json().catch(() => ({}));
    throw new Refused(answer.status, body.say || body.detail || texts.failed);
  }
  return answer;
}

// Gives the HTML of a part of the board, as a document fragment.
export async function part(url, texts) {
  const answer = await send(url, { headers: { Accept: "text/html" } }, texts);
  const template = document.createElement("template");
  template.innerHTML = await answer.text();
  return template.content;
}

// Gives the JSON that an address answers.
export async function read(url, texts) {
  return (await send(url, { headers: { Accept: "application/json" } }, texts)).json();
}

// Presses a button on the server; rejects with `Refused`, whose message is for the person.
export async function press(url, body, texts) {
  const token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
  const answer = await send(
    url,
    {
      method: "POST",
      headers: {
        "X-CSRFToken": token,
        "Content-Type": "application/json",
        Accept: "application/json",
      },
      body: JSON.stringify(body || {}),
    },
    texts,
  );
  return answer.json();
}
