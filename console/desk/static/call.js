// The page of a live call: its sound, if the page is the phone.
// @ts-check
import "/static/draft.js";
import "/static/keys.js";
import "/static/patch.js";
import "/static/ticking.js";
import { Phone } from "/static/phone/phone.js";

const place = document.getElementById("phone");
const said = document.getElementById("phone-state");
const resume = document.getElementById("phone-resume");
/** @type {Phone | null} */
let phone = null;
let state = "connecting";

/** @returns {DOMStringMap} where the call stands, as the server says */
function bar() {
  return document.getElementById("callbar")?.dataset ?? {};
}

/** @param {string} id @param {number} level */
function meter(id, level) {
  const found = document.getElementById(id);
  if (found instanceof HTMLMeterElement) found.value = level;
}

function show() {
  if (!place || !said) return;
  let key = state;
  if (state === "connected" && phone?.muted) key = "muted";
  else if (state === "connected" && bar().sound === "listens") key = "listening";
  place.dataset.isState = key;
  const text = place.getAttribute(`data-${key}`) ?? "";
  if (said.textContent !== text) said.textContent = text;
  if (resume) resume.hidden = !["silent", "no-microphone", "elsewhere"].includes(state);
}

function begin() {
  if (!place) return;
  place.hidden = false;
  phone = new Phone(place.dataset.audio ?? "", {
    state: (now) => {
      state = now;
      show();
    },
    spoken: (level) => meter("level-out", level),
    heard: (level) => meter("level-in", level),
  });
  phone.start();
}

function look() {
  const { sound = "" } = bar();
  if (sound && !phone) begin();
  phone?.mute(document.getElementById("mute")?.getAttribute("aria-pressed") === "true");
  show();
}

document.addEventListener("click", (event) => {
  const at = event.target instanceof Element ? event.target : null;
  const mute = at?.closest("#mute");
  if (mute && phone) phone.mute(mute.getAttribute("aria-pressed") !== "true"); // at once; the server follows
});
resume?.addEventListener("click", () => {
  if (state === "elsewhere") begin();
  else phone?.resume();
});
document.addEventListener("patched", look);
window.addEventListener("pagehide", () => phone?.stop());
look();
