// The stream of changes, for htmx's extension. A page has one connection, whatever it subscribes to; it comes back soon
// after the network does, and rests while the page is hidden: a browser opens six connections to a server at most, so
// only one of its hidden pages keeps its own, to let a call ring.
// @ts-check

const AGAIN_MS = 1000;
const REST_AFTER_MS = 5000;
const LOCK = "dissuade-stream";

/** @type {Set<Stream>} */
const streams = new Set();
/** @type {EventSource | null} */
let source = null;
let awake = true;
let again = 0;

/** What one element subscribes to; as much of an EventSource as the extension uses. */
export class Stream extends EventTarget {
  /** @param {string} url */
  constructor(url) {
    super();
    const asked = new URL(url, window.location.href);
    this.path = asked.pathname;
    this.names = asked.searchParams.getAll("on");
    /** @type {((event: Event) => void) | null} */
    this.onopen = null;
    /** @type {((event: Event) => void) | null} */
    this.onerror = null;
    streams.add(this);
    connectSoon(0);
  }

  /** Open until it is closed: the extension never needs to open another one. */
  get readyState() {
    return streams.has(this) ? EventSource.OPEN : EventSource.CLOSED;
  }

  close() {
    streams.delete(this);
    connectSoon(0);
  }
}

/** @param {number} ms */
function connectSoon(ms) {
  window.clearTimeout(again);
  again = window.setTimeout(connect, ms);
}

function disconnect() {
  window.clearTimeout(again);
  source?.close();
  source = null;
}

function connect() {
  disconnect();
  const [first] = streams;
  if (!first || !awake) return;
  const names = new Set([...streams].flatMap((stream) => stream.names));
  const made = new EventSource(`${first.path}?${new URLSearchParams([...names].map((name) => ["on", name]))}`);
  made.onopen = (event) => streams.forEach((stream) => stream.onopen?.(event));
  made.onerror = (event) => {
    disconnect();
    streams.forEach((stream) => stream.onerror?.(event));
    connectSoon(AGAIN_MS * (1 + Math.random()));
  };
  for (const name of names) {
    made.addEventListener(name, ({ data }) => {
      for (const stream of streams) {
        if (stream.names.includes(name)) stream.dispatchEvent(new MessageEvent(name, { data }));
      }
    });
  }
  source = made;
}

function wake() {
  awake = true;
  if (!source) connectSoon(0);
}

function rest() {
  awake = false;
  disconnect();
}

/** @type {(() => void) | null} */
let seen = null;

function hidden() {
  if (!navigator.locks) return; // without HTTPS, and not on this machine
  const asked = new AbortController();
  const soon = window.setTimeout(rest, REST_AFTER_MS);
  seen = () => {
    window.clearTimeout(soon);
    asked.abort();
  };
  const chosen = () =>
    new Promise((resolve) => {
      window.clearTimeout(soon);
      wake();
      seen = () => resolve(undefined);
    });
  navigator.locks.request(LOCK, { signal: asked.signal }, chosen).catch(() => {});
}

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") {
    seen?.();
    seen = null;
    wake();
  } else if (!seen) {
    hidden();
  }
});
