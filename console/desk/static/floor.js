// The floor: times count on, and a new grave alarm is heard, told by the browser, and named in the title.
// @ts-check
import { alarm } from "/static/desk.js";
import "/static/ticking.js";

const KEPT = "floor-sound";
const button = document.getElementById("sound");
const title = document.title;
/** @type {Set<string> | null} */
let known = null;
/** @type {AudioContext | null} */
let audio = null;
let on = localStorage.getItem(KEPT) === "on";

function show() {
  if (!(button instanceof HTMLElement)) return;
  button.setAttribute("aria-pressed", String(on));
  button.textContent = (on ? button.dataset.on : button.dataset.off) ?? "";
}

/** Two tones, falling: nobody takes it for a ringing telephone. */
function sound() {
  audio ??= new AudioContext();
  const begin = audio.currentTime + 0.05;
  for (const [place, pitch] of [880, 587].entries()) {
    const [tone, level] = [audio.createOscillator(), audio.createGain()];
    const at = begin + place * 0.25;
    tone.frequency.value = pitch;
    level.gain.setValueAtTime(0.0001, at);
    level.gain.exponentialRampToValueAtTime(0.3, at + 0.02);
    level.gain.exponentialRampToValueAtTime(0.0001, at + 0.24);
    tone.connect(level).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.25);
  }
}

button?.addEventListener("click", () => {
  on = !on;
  localStorage.setItem(KEPT, on ? "on" : "off");
  show();
  if (!on) return;
  sound();
  if ("Notification" in window && Notification.permission === "default") Notification.requestPermission();
});

function look() {
  /** @type {HTMLElement[]} */
  const grave = [...document.querySelectorAll("[data-alarm][data-grave]")].filter((each) => each instanceof HTMLElement);
  const keys = new Set(grave.map((each) => each.dataset.alarm ?? ""));
  const waiting = document.querySelectorAll(".call.offered").length;
  const count = keys.size + waiting;
  document.title = count ? `(${count}) ${title}` : title;
  const fresh = known ? grave.filter((each) => !known?.has(each.dataset.alarm ?? "")) : [];
  known = keys;
  if (!fresh.length) return;
  const text = fresh.map((each) => each.querySelector("b")?.textContent ?? "").join(" · ");
  alarm(text);
  setTimeout(() => alarm(""), 15000);
  if (on) sound();
  if ("Notification" in window && Notification.permission === "granted" && document.hidden) {
    new Notification(text, { tag: "floor-alarm" });
  }
}

show();
look();
document.body.addEventListener("htmx:afterSettle", look);
