// What every page does: say what went wrong, ask before what cannot be undone, and show whether changes still arrive.
// @ts-check

import { Stream } from "./stream.js";

// @ts-ignore (htmx has no types here)
window.htmx.createEventSource = (/** @type {string} */ url) => new Stream(url);

/** @param {string} text */
export function alarm(text) {
  const place = document.getElementById("alarm");
  if (place) place.textContent = text;
}

/** @param {string} text */
export function say(text) {
  const place = document.getElementById("said");
  if (place) place.textContent = text;
}

document.body.addEventListener("htmx:responseError", (event) => {
  const answer = /** @type {CustomEvent} */ (event).detail.xhr.responseText;
  const page = new DOMParser().parseFromString(answer, "text/html");
  alarm(page.body.textContent?.trim() || "");
});
document.body.addEventListener("htmx:sendError", () => document.body.classList.add("cut-off"));
document.body.addEventListener("htmx:sseError", async () => {
  document.body.classList.add("cut-off");
  // Whether the network is down or the session over: a page that is loaded anew leads to the log-in.
  const answer = await fetch("/session", { headers: { "HX-Request": "true" } }).catch(() => undefined);
  if (answer?.status === 401) window.location.reload();
});
document.body.addEventListener("htmx:sseOpen", () => document.body.classList.remove("cut-off"));
document.body.addEventListener("htmx:beforeRequest", () => alarm(""));

// <form data-confirm="..."> asks first; htmx has hx-confirm for its own requests.
document.addEventListener("submit", (event) => {
  const question = /** @type {HTMLElement} */ (event.target).dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});
