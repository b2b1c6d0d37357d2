// What is filled in is kept at once: on the server, and while the network is down in this browser.
// @ts-check

const PAUSE_MS = 500;
const RETRY_MS = 3000;

/** @param {HTMLFormElement} form */
function keep(form) {
  const path = form.dataset.draft ?? "";
  const place = `draft ${form.dataset.owner} ${path}`;
  const state = () => document.getElementById("draft-state");
  let waiting = 0;
  /** @type {AbortController | null} */
  let sending = null;

  /** @returns {Record<string, string>} */
  const values = () => Object.fromEntries([...new FormData(form)].filter(([name]) => name !== "csrf").map(([name, value]) => [name, String(value)]));

  async function send() {
    window.clearTimeout(waiting);
    const kept = localStorage.getItem(place);
    if (kept === null) return;
    sending?.abort();
    sending = new AbortController();
    const body = new URLSearchParams({ ...JSON.parse(kept), csrf: String(new FormData(form).get("csrf")) });
    const headers = { "HX-Request": "true" };
    const answer = await fetch(path, { method: "POST", body, headers, signal: sending.signal, keepalive: true }).catch(() => null);
    const said = state();
    if (answer?.ok) {
      // Only if nothing was typed meanwhile.
      if (localStorage.getItem(place) === kept) localStorage.removeItem(place);
      if (said) said.textContent = form.dataset.kept ?? "";
    } else if (!sending.signal.aborted) {
      if (said) said.textContent = form.dataset.offline ?? "";
      waiting = window.setTimeout(send, RETRY_MS);
    }
  }

  form.addEventListener("input", () => {
    localStorage.setItem(place, JSON.stringify(values()));
    window.clearTimeout(waiting);
    waiting = window.setTimeout(send, PAUSE_MS);
  });
  window.addEventListener("online", send);
  window.addEventListener("pagehide", send);
  form.addEventListener("htmx:beforeRequest", () => {
    window.clearTimeout(waiting);
    sending?.abort();
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    const { successful } = /** @type {CustomEvent} */ (event).detail;
    if (successful) localStorage.removeItem(place);
    else send();
  });

  const left = localStorage.getItem(place);
  if (left === null) return;
  for (const [name, value] of Object.entries(JSON.parse(left))) {
    const field = form.elements.namedItem(name);
    if (field instanceof RadioNodeList || field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) field.value = String(value);
  }
  send();
}

for (const form of document.querySelectorAll("form[data-draft]")) {
  if (form instanceof HTMLFormElement) keep(form);
}
