// Keeps what a page gives to the loudspeaker.
// @ts-check
{
  /** @type {Map<AudioContext, ScriptProcessorNode>} */
  const taps = new Map();
  /** @type {Int16Array[]} */
  let kept = [];
  let rate = 48000;
  const connect = AudioNode.prototype.connect;

  /** @param {AudioContext} context */
  function tap(context) {
    const found = context.createScriptProcessor(16384, 1, 1);
    found.onaudioprocess = ({ inputBuffer }) => {
      rate = inputBuffer.sampleRate;
      kept.push(Int16Array.from(inputBuffer.getChannelData(0), (each) => Math.max(-1, Math.min(1, each)) * 32767));
    };
    connect.call(found, context.destination);
    return found;
  }

  AudioNode.prototype.connect = function (/** @type {any} */ to, /** @type {any[]} */ ...more) {
    if (to instanceof AudioDestinationNode) {
      const context = /** @type {AudioContext} */ (this.context);
      if (!taps.has(context)) taps.set(context, tap(context));
      connect.call(this, taps.get(context));
    }
    return connect.call(this, to, ...more);
  };

  Object.assign(window, {
    played: () => {
      const bytes = kept.flatMap((each) => [...new Uint8Array(each.buffer)]);
      let text = "";
      for (const each of bytes) text += String.fromCharCode(each);
      return [rate, btoa(text)];
    },
  });
}
