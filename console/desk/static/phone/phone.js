// The page as a phone: microphone and loudspeaker over a WebSocket to the call, frames of 20 ms, 8 kHz, both ways.
// @ts-check

const RECONNECT_MS = [200, 400, 800, 1500, 3000];
const BEHIND_BYTES = 16_000; // one second of sound that the network has not taken yet: newer sound is dropped, not delayed
/** Close codes of the server after which nothing is gained by coming back. */
export const ENDS = { ended: 4000, signedOut: 4401, notYours: 4403, over: 4404, elsewhere: 4409 };

/**
 * @typedef {object} Told
 * @property {(state: "connecting" | "connected" | "lost" | "silent" | "no-microphone" | "insecure" | "over" | "elsewhere") => void} state
 * @property {(level: number) => void} spoken loudness of the microphone, 0 to 1
 * @property {(level: number, heldS: number) => void} heard loudness of the call, and seconds held back
 */

export class Phone {
  /** @param {string} path of the call's sound @param {Told} told */
  constructor(path, told) {
    this.path = path;
    this.told = told;
    this.muted = false;
    this.tries = 0;
    this.stopped = false;
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {AudioContext | null} */
    this.context = null;
    /** @type {AudioWorkletNode | null} */
    this.ear = null;
    /** @type {AudioWorkletNode | null} */
    this.mouth = null;
    /** @type {MediaStream | null} */
    this.microphone = null;
    /** @type {number} */
    this.waiting = 0;
  }

  /** Begin. What is heard comes even if there is no microphone. */
  async start() {
    if (!window.isSecureContext || !navigator.mediaDevices) {
      this.told.state("insecure");
      return;
    }
    this.context = new AudioContext({ latencyHint: "interactive" });
    await this.context.audioWorklet.addModule("/static/phone/worklet.js");
    this.mouth = new AudioWorkletNode(this.context, "mouth", { numberOfInputs: 0, outputChannelCount: [1] });
    this.mouth.port.onmessage = ({ data }) => this.told.heard(data.level, data.held);
    this.mouth.connect(this.context.destination);
    this.context.onstatechange = () => {
      if (!this.stopped) this.told.state(this.context?.state === "running" ? this.now() : "silent");
    };
    window.addEventListener("online", () => this.connect());
    this.connect();
    await this.listen();
    if (this.context.state !== "running") {
      // Without a gesture a browser may refuse; a microphone that is let in counts as one, but late.
      this.context.resume().catch(() => {});
      this.told.state("silent");
    }
  }

  /** Let the microphone in. */
  async listen() {
    if (!this.context) return;
    try {
      this.microphone = await navigator.mediaDevices.getUserMedia({
        audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
      });
    } catch {
      this.told.state("no-microphone");
      return;
    }
    const [track] = this.microphone.getAudioTracks();
    track.onended = () => this.told.state("no-microphone");
    this.ear = new AudioWorkletNode(this.context, "ear", { numberOfOutputs: 0 });
    this.ear.port.onmessage = ({ data }) => {
      if (data.level !== undefined) this.told.spoken(this.muted ? 0 : data.level);
      const { socket } = this;
      if (socket?.readyState === WebSocket.OPEN && socket.bufferedAmount < BEHIND_BYTES) socket.send(data.frame);
    };
    this.mute(this.muted);
    this.context.createMediaStreamSource(this.microphone).connect(this.ear);
  }

  /** @param {boolean} on */
  mute(on) {
    this.muted = on;
    this.ear?.port.postMessage({ muted: on });
  }

  /** After a gesture of the user: a browser plays nothing before. */
  async resume() {
    await this.context?.resume();
    if (!this.ear) await this.listen();
  }

  /** @returns {"connecting" | "connected"} */
  now() {
    return this.socket?.readyState === WebSocket.OPEN ? "connected" : "connecting";
  }

  connect() {
    clearTimeout(this.waiting);
    const busy = this.socket && this.socket.readyState <= WebSocket.OPEN;
    if (this.stopped || busy) return;
    this.told.state(this.tries ? "lost" : "connecting");
    const socket = new WebSocket(new URL(this.path, location.href.replace(/^http/, "ws")));
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.onopen = () => {
      this.tries = 0;
      this.told.state(this.context?.state === "running" ? "connected" : "silent");
    };
    socket.onmessage = ({ data }) => this.mouth?.port.postMessage(data, [data]);
    socket.onclose = ({ code }) => {
      if (this.socket === socket) this.closed(code);
    };
  }

  /** @param {number} code */
  closed(code) {
    if (code === ENDS.elsewhere) {
      this.stop();
      this.told.state("elsewhere");
    } else if (Object.values(ENDS).includes(code)) {
      this.stop();
      this.told.state("over");
    } else if (!this.stopped) {
      const wait = RECONNECT_MS[Math.min(this.tries, RECONNECT_MS.length - 1)];
      this.tries += 1;
      this.told.state("lost");
      this.waiting = window.setTimeout(() => this.connect(), wait * (0.75 + Math.random() / 2));
    }
  }

  /** Let go of everything. */
  stop() {
    this.stopped = true;
    clearTimeout(this.waiting);
    this.socket?.close(1000);
    this.microphone?.getTracks().forEach((track) => track.stop());
    this.context?.close().catch(() => {});
  }
}
