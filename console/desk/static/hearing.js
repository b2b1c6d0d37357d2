// Prompts by ear: one at a time; pressing the button again stops it.
// @ts-check
import { alarm } from "/static/desk.js";

const player = new Audio();
/** @type {HTMLButtonElement | null} */
let playing = null;

function stop() {
  player.pause();
  if (playing) {
    playing.textContent = "▶";
    playing.removeAttribute("aria-pressed");
  }
  playing = null;
}

player.addEventListener("ended", stop);
document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element ? event.target.closest("button.hear") : null;
  if (!(button instanceof HTMLButtonElement)) return;
  const same = button === playing;
  stop();
  if (same) return;
  playing = button;
  button.textContent = "■";
  button.setAttribute("aria-pressed", "true");
  player.src = button.dataset.sound ?? "";
  try {
    await player.play();
  } catch {
    if (playing !== button) return;
    stop();
    const answer = await fetch(button.dataset.sound ?? "", { headers: { "HX-Request": "true" } });
    if (!answer.ok) alarm(new DOMParser().parseFromString(await answer.text(), "text/html").body.textContent ?? "");
  }
});
