// Samples from one rate to another through a low-pass, piece by piece: a microphone's 48 kHz to a telephone's 8 kHz, and back.
// @ts-check

const ZEROS = 24; // zero crossings of the filter on either side: the more, the steeper
const PHASES = 128; // places between two samples for which the filter is computed; between them it is interpolated
const PASS = 0.9; // of the lower rate's band: the telephone's 3.4 kHz stay, nothing above 4 kHz folds back
const BETA = 8; // of the Kaiser window: what lies outside is 80 dB down

/** @param {number} x */
function bessel(x) {
  let sum = 1;
  let term = 1;
  for (let k = 1; k < 40; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/**
 * Taps for each phase, `2 * reach` a phase, each with a gain of 1 at 0 Hz.
 * @param {number} cutoff in cycles a sample
 * @param {number} reach in samples
 */
function filter(cutoff, reach) {
  const taps = new Float32Array((PHASES + 1) * 2 * reach);
  for (let phase = 0; phase <= PHASES; phase += 1) {
    let sum = 0;
    const begin = phase * 2 * reach;
    for (let tap = 0; tap < 2 * reach; tap += 1) {
      const at = tap - reach + 1 - phase / PHASES;
      const x = 2 * Math.PI * cutoff * at;
      const edge = Math.min(1, Math.abs(at) / reach);
      taps[begin + tap] = (x === 0 ? 1 : Math.sin(x) / x) * (bessel(BETA * Math.sqrt(1 - edge * edge)) / bessel(BETA));
      sum += taps[begin + tap];
    }
    for (let tap = 0; tap < 2 * reach; tap += 1) taps[begin + tap] /= sum;
  }
  return taps;
}

export class Resampler {
  /**
   * @param {number} from samples a second
   * @param {number} to samples a second
   */
  constructor(from, to) {
    this.step = from / to;
    const cutoff = (PASS * Math.min(1, to / from)) / 2;
    this.reach = Math.ceil(ZEROS / (2 * cutoff));
    this.taps = filter(cutoff, this.reach);
    /** Input that is still needed, silence at first. */
    this.kept = new Float32Array(this.reach - 1);
    /** Where the next output lies in `kept`, in samples. */
    this.at = this.reach - 1;
  }

  /**
   * @param {Float32Array} input
   * @returns {Float32Array} all that can be computed so far
   */
  push(input) {
    const all = new Float32Array(this.kept.length + input.length);
    all.set(this.kept);
    all.set(input, this.kept.length);
    const { reach, taps, step } = this;
    const count = Math.max(0, Math.ceil((all.length - reach - this.at) / step));
    const output = new Float32Array(count);
    for (let each = 0; each < count; each += 1) {
      const at = this.at + each * step;
      const whole = Math.floor(at);
      const place = (at - whole) * PHASES;
      const phase = Math.floor(place);
      const share = place - phase;
      const near = phase * 2 * reach;
      const far = near + 2 * reach;
      const begin = whole - reach + 1;
      let sum = 0;
      for (let tap = 0; tap < 2 * reach; tap += 1) {
        sum += all[begin + tap] * (taps[near + tap] + share * (taps[far + tap] - taps[near + tap]));
      }
      output[each] = sum;
    }
    const next = this.at + count * step;
    const gone = Math.max(0, Math.floor(next) - reach + 1);
    this.kept = all.slice(gone);
    this.at = next - gone;
    return output;
  }
}

/** @param {Float32Array} samples @returns {Int16Array} */
export function toWords(samples) {
  return Int16Array.from(samples, (each) => Math.round(Math.max(-1, Math.min(1, each)) * 32767));
}

/** @param {Int16Array} words @returns {Float32Array} */
export function fromWords(words) {
  return Float32Array.from(words, (each) => each / 32768);
}

/** Loudness from 0 (silence, -60 dB) to 1 (full scale). @param {Float32Array} samples */
export function loudness(samples) {
  let sum = 0;
  for (const each of samples) sum += each * each;
  const level = 10 * Math.log10(sum / Math.max(1, samples.length) + 1e-12);
  return Math.max(0, Math.min(1, 1 + level / 60));
}
