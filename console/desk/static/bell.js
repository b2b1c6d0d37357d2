// A call that is offered rings: it is heard, flashes in the title, and is told by the browser if the page is not looked at.
// @ts-check
import "/static/keys.js";
import "/static/patch.js";
import "/static/ticking.js";

const PITCHES = [523.25, 659.25];
const PAUSE_MS = 2400;

/** @type {AudioContext | null} */
let audio = null;
/** @type {{ key: string, stop: () => void } | null} */
let ringing = null;

/** Two soft double strokes. */
function strike() {
  audio ??= new AudioContext();
  audio.resume().catch(() => {});
  if (audio.state !== "running") return; // what is struck now would be heard later, all at once
  const begin = audio.currentTime + 0.03;
  for (let stroke = 0; stroke < 4; stroke += 1) {
    const at = begin + Math.floor(stroke / 2) * 0.55 + (stroke % 2) * 0.16;
    for (const [overtone, loud] of [[1, 0.32], [2, 0.08], [3, 0.03]]) {
      const tone = audio.createOscillator();
      const level = audio.createGain();
      tone.frequency.value = PITCHES[stroke % 2] * overtone;
      level.gain.setValueAtTime(0.0001, at);
      level.gain.exponentialRampToValueAtTime(loud, at + 0.015);
      level.gain.exponentialRampToValueAtTime(0.0001, at + 0.5);
      tone.connect(level).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.52);
    }
  }
}

/** Of several open pages one rings. @param {AbortSignal} until @param {() => void} begin */
function alone(until, begin) {
  const held = () =>
    new Promise((resolve) => {
      if (until.aborted) return resolve(undefined);
      until.addEventListener("abort", () => resolve(undefined));
      return begin();
    });
  if (navigator.locks) navigator.locks.request("dissuade-bell", { signal: until }, held).catch(() => {});
  else held();
}

/** @param {HTMLElement} ring */
function start(ring) {
  const { ring: key = "", title = "", body = "" } = ring.dataset;
  const done = new AbortController();
  const plain = document.title;
  let flashed = false;
  const flash = window.setInterval(() => {
    flashed = !flashed;
    document.title = flashed ? `☎ ${title}` : plain;
  }, 800);
  /** @type {Notification | null} */
  let told = null;
  let again = 0;
  alone(done.signal, () => {
    if (!("phone" in ring.dataset)) {
      strike();
      again = window.setInterval(strike, PAUSE_MS);
    }
    if ("Notification" in window && Notification.permission === "granted" && !document.hasFocus()) {
      told = new Notification(title, { body, tag: "dissuade-call", requireInteraction: true });
      told.onclick = () => window.focus();
    }
  });
  ringing = {
    key,
    stop: () => {
      done.abort();
      window.clearInterval(flash);
      window.clearInterval(again);
      told?.close();
      document.title = plain;
    },
  };
}

function look() {
  const ring = document.querySelector("[data-ring]");
  const key = ring instanceof HTMLElement ? ring.dataset.ring : undefined;
  if (ringing && ringing.key !== key) {
    ringing.stop();
    ringing = null;
  }
  if (ring instanceof HTMLElement && !ringing) start(ring);
}

document.addEventListener("patched", look);

// Before the first click or key a browser lets no page be heard: whoever waits for calls must know.
const silent = document.getElementById("bell-silent");
if (silent && !navigator.userActivation?.hasBeenActive) {
  silent.hidden = false;
  // Not as soon as a button is pressed down: what moves under the pointer then is not clicked.
  for (const gesture of ["click", "keydown"]) {
    window.addEventListener(
      gesture,
      () => {
        silent.hidden = true;
        audio ??= new AudioContext();
        audio.resume().catch(() => {});
      },
      { once: true },
    );
  }
}

window.addEventListener("pagehide", () => ringing?.stop());

document.addEventListener("click", async (event) => {
  const at = event.target instanceof Element ? event.target : null;
  if (at?.closest("#try-bell")) {
    strike();
    if ("Notification" in window && Notification.permission === "default") await Notification.requestPermission();
  }
  const microphone = at?.closest("#try-microphone");
  if (microphone instanceof HTMLElement) tryMicrophone(microphone.dataset);
});

/** @param {DOMStringMap} texts */
async function tryMicrophone(texts) {
  const said = document.getElementById("try-said");
  const meter = document.getElementById("try-level");
  if (!said || !(meter instanceof HTMLMeterElement)) return;
  if (!navigator.mediaDevices) {
    said.textContent = texts.insecure ?? "";
    return;
  }
  const sound = await navigator.mediaDevices.getUserMedia({ audio: true }).catch(() => null);
  said.textContent = (sound ? texts.good : texts.bad) ?? "";
  if (!sound) return;
  audio ??= new AudioContext();
  const heard = audio.createAnalyser();
  audio.createMediaStreamSource(sound).connect(heard);
  const samples = new Float32Array(heard.fftSize);
  meter.hidden = false;
  const show = window.setInterval(() => {
    heard.getFloatTimeDomainData(samples);
    meter.value = Math.min(1, 4 * Math.sqrt(samples.reduce((sum, each) => sum + each * each, 0) / samples.length));
  }, 60);
  window.setTimeout(() => {
    window.clearInterval(show);
    for (const track of sound.getTracks()) track.stop();
    meter.hidden = true;
    said.textContent = "";
  }, 6000);
}
