// Frames come unevenly from a network and leave evenly to a loudspeaker. As little is held back as the network allows.
// @ts-check

export const RATE = 8000;
const MS = RATE / 1000;
const LEAST = 60 * MS;
const MOST_WANTED = 200 * MS;
export const BOUND = 300 * MS;
const SKIP = 10 * MS; // so much is left out, with a cross-fade, when more than needed is held back
const LOOK = 1 * RATE; // the level is judged over this many samples
const CALM = 10 * RATE; // without a gap for so long, less is held back

export class JitterBuffer {
  constructor() {
    this.held = new Float32Array(0);
    /** Samples to be held back before playing begins. */
    this.wanted = LEAST;
    this.playing = false;
    /** Times that the sound broke off. */
    this.gaps = 0;
    this._least = Infinity;
    this._looked = 0;
    this._calm = 0;
  }

  /** @param {Float32Array} samples at `RATE` */
  push(samples) {
    const all = new Float32Array(this.held.length + samples.length);
    all.set(this.held);
    all.set(samples, this.held.length);
    // A burst after a standstill: what is too old is not heard at all.
    this.held = all.length > BOUND ? all.slice(all.length - this.wanted) : all;
  }

  /** @param {number} count @returns {Float32Array} so many samples to be played now */
  pull(count) {
    const output = new Float32Array(count);
    if (!this.playing) {
      if (this.held.length < Math.max(this.wanted, count)) return output;
      this.playing = true;
    }
    if (this.held.length < count) {
      output.set(this.held);
      const last = this.held.length;
      for (let at = 0; at < last; at += 1) output[at] *= 1 - at / last;
      this.held = new Float32Array(0);
      this.playing = false;
      this.gaps += 1;
      this._calm = 0;
      this.wanted = Math.min(MOST_WANTED, this.wanted + 2 * SKIP);
      return output;
    }
    const skipped = this._shorten(count);
    output.set(this.held.subarray(0, count));
    if (skipped) {
      const later = this.held.subarray(SKIP, SKIP + count);
      for (let at = 0; at < count; at += 1) output[at] += (later[at] - output[at]) * ((at + 1) / count);
    }
    this.held = this.held.slice(count + skipped);
    return output;
  }

  /** @param {number} count @returns {number} samples to be left out now */
  _shorten(count) {
    this._least = Math.min(this._least, this.held.length - count);
    this._looked += count;
    this._calm += count;
    if (this._calm >= CALM) {
      this._calm = 0;
      this.wanted = Math.max(LEAST, this.wanted - SKIP);
    }
    if (this._looked < LOOK) return 0;
    const spare = this._least;
    const enough = this.held.length >= count + SKIP;
    if (spare > this.wanted && enough) {
      this._least -= SKIP;
      return SKIP;
    }
    this._looked = 0;
    this._least = Infinity;
    return 0;
  }
}
