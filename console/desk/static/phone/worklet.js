// The ear and the mouth of a page that is a phone, in the browser's audio thread.
// @ts-check
/* global AudioWorkletProcessor, registerProcessor, sampleRate */
import { JitterBuffer, RATE } from "./jitter.js";
import { Resampler, fromWords, loudness, toWords } from "./resample.js";

const FRAME = RATE / 50;
const FRAMES_A_LEVEL = 5;

/** What the microphone hears, as frames of 20 ms for the call. */
class Ear extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = new Resampler(sampleRate, RATE);
    this.frame = new Float32Array(FRAME);
    this.filled = 0;
    this.frames = 0;
    this.level = 0;
    this.muted = false;
    this.port.onmessage = ({ data }) => {
      this.muted = Boolean(data.muted);
    };
  }

  /** @param {Float32Array[][]} inputs */
  process(inputs) {
    const channels = inputs[0];
    if (!channels || !channels.length) return true;
    const mono = Float32Array.from(channels[0], (_, at) => channels.reduce((sum, each) => sum + each[at], 0) / channels.length);
    for (const sample of this.resampler.push(mono)) {
      this.frame[this.filled] = sample;
      this.filled += 1;
      if (this.filled === FRAME) this.tell();
    }
    return true;
  }

  tell() {
    this.filled = 0;
    this.level = Math.max(this.level, loudness(this.frame));
    this.frames += 1;
    // A muted microphone sends silence: the call goes on, and nothing that is said leaves the page.
    const words = this.muted ? new Int16Array(FRAME) : toWords(this.frame);
    const level = this.frames % FRAMES_A_LEVEL === 0 ? this.level : undefined;
    if (level !== undefined) this.level = 0;
    this.port.postMessage({ frame: words.buffer, level }, [words.buffer]);
  }
}

/** Plays what the call says. */
class Mouth extends AudioWorkletProcessor {
  constructor() {
    super();
    this.jitter = new JitterBuffer();
    this.resampler = new Resampler(RATE, sampleRate);
    this.ready = new Float32Array(0);
    this.heard = 0;
    this.level = 0;
    this.port.onmessage = ({ data }) => {
      const samples = fromWords(new Int16Array(data));
      this.jitter.push(samples);
      this.level = Math.max(this.level, loudness(samples));
      this.heard += 1;
      if (this.heard % FRAMES_A_LEVEL === 0) {
        this.port.postMessage({ level: this.level, held: this.jitter.held.length / RATE, gaps: this.jitter.gaps });
        this.level = 0;
      }
    };
  }

  /** @param {Float32Array[][]} _ @param {Float32Array[][]} outputs */
  process(_, outputs) {
    const channels = outputs[0];
    const count = channels[0].length;
    while (this.ready.length < count) {
      const more = this.resampler.push(this.jitter.pull(FRAME / 4));
      const all = new Float32Array(this.ready.length + more.length);
      all.set(this.ready);
      all.set(more, this.ready.length);
      this.ready = all;
    }
    for (const channel of channels) channel.set(this.ready.subarray(0, count));
    this.ready = this.ready.slice(count);
    return true;
  }
}

registerProcessor("ear", Ear);
registerProcessor("mouth", Mouth);
