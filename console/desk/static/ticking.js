// Times that count on: since a moment, or until a deadline and beyond it. The server's clock counts, not the browser's.
// @ts-check

const page = document.querySelector("[data-page]");
const ahead = Date.now() / 1000 - Number(page instanceof HTMLElement ? page.dataset.page : Date.now() / 1000);

/** @param {number} seconds */
export function written(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (/** @type {number} */ part) => String(part).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

function tick() {
  const now = Date.now() / 1000 - ahead;
  for (const each of document.querySelectorAll("time.ticks")) {
    if (!(each instanceof HTMLElement)) continue;
    if (each.dataset.since) each.textContent = written(now - Number(each.dataset.since));
    const place = each.querySelector("b");
    if (each.dataset.until && place) {
      const left = Number(each.dataset.until) - now;
      place.textContent = written(Math.abs(left));
      if (left < 0 && !each.classList.contains("late")) {
        each.classList.add("late");
        const word = each.querySelector(".word");
        if (word && page instanceof HTMLElement && page.dataset.late) word.textContent = page.dataset.late;
      }
    }
  }
}

tick();
setInterval(tick, 500);
document.body.addEventListener("htmx:afterSettle", tick);
