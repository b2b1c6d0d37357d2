// A recording: its waveform with the signals in place, and the transcript, which follow each other.
// @ts-check

/** @param {HTMLElement} place */
async function show(place) {
  const audio = place.querySelector("audio");
  const canvas = place.querySelector("canvas");
  const lines = /** @type {HTMLElement[]} */ ([...place.querySelectorAll("li.said")]);
  if (!(audio instanceof HTMLAudioElement) || !(canvas instanceof HTMLCanvasElement)) return;

  /** @type {{ duration_s: number, channels: number[][] }} */
  let peaks = { duration_s: 0, channels: [] };
  const answer = await fetch(place.dataset.peaks ?? "", { headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer?.ok) peaks = await answer.json();
  const lasts = () => peaks.duration_s || audio.duration || 1;
  /** @type {{ at: number, grave: string }[]} */
  const marks = JSON.parse(place.dataset.marks ?? "[]");

  function draw() {
    const pen = canvas?.getContext("2d");
    if (!pen || !canvas || !audio) return;
    const { width, height } = canvas.getBoundingClientRect();
    const scale = window.devicePixelRatio || 1;
    canvas.width = width * scale;
    canvas.height = height * scale;
    pen.scale(scale, scale);
    const colour = (/** @type {string} */ name) => getComputedStyle(place).getPropertyValue(name).trim();
    const played = audio.currentTime / lasts();
    const [top, bottom] = peaks.channels.length > 1 ? [0, 1] : [0, 0];
    const middle = height / 2;
    for (let x = 0; x < width; x += 3) {
      const share = x / width;
      const [upper, lower] = [top, bottom].map((channel) => loudest(peaks.channels[channel] ?? [], share, (x + 3) / width));
      pen.globalAlpha = share <= played ? 1 : 0.6;
      pen.fillStyle = colour("--accent");
      pen.fillRect(x, middle - 1 - upper * (middle - 4), 2, 1 + upper * (middle - 4));
      pen.fillStyle = colour("--faint");
      pen.fillRect(x, middle, 2, 1 + lower * (middle - 4));
    }
    pen.globalAlpha = 1;
    for (const { at, grave } of marks) {
      const x = (at / lasts()) * width;
      pen.fillStyle = colour(grave === "bad" ? "--bad" : grave === "warn" ? "--warn" : "--edge");
      pen.fillRect(x - 1, 0, 2, height);
      pen.beginPath();
      pen.moveTo(x - 6, 0);
      pen.lineTo(x + 6, 0);
      pen.lineTo(x, 9);
      pen.fill();
    }
    pen.fillStyle = colour("--ink");
    pen.fillRect(played * width - 1, 0, 2, height);
  }

  function follow() {
    if (!audio) return;
    const now = audio.currentTime;
    const current = lines.findLast((line) => Number(line.dataset.start) <= now + 0.05);
    for (const line of lines) {
      const is = line === current && now > 0;
      if (is === line.hasAttribute("aria-current")) continue;
      line.toggleAttribute("aria-current", is);
      if (is) {
        line.setAttribute("aria-current", "true");
        const list = line.closest(".transcript");
        if (list instanceof HTMLElement) list.scrollTop = line.offsetTop - list.offsetTop - list.clientHeight / 3;
      }
    }
    draw();
  }

  /** @param {number} at */
  function seek(at) {
    if (!audio) return;
    audio.currentTime = at;
    audio.play().catch(() => {});
  }

  canvas.addEventListener("click", (event) => seek((event.offsetX / canvas.getBoundingClientRect().width) * lasts()));
  place.addEventListener("click", (event) => {
    const at = event.target instanceof Element ? event.target : null;
    const line = at?.closest("button.at")?.closest("li.said");
    const mark = at?.closest("button[data-seek]");
    if (line instanceof HTMLElement) seek(Number(line.dataset.start));
    if (mark instanceof HTMLElement) seek(Math.max(0, Number(mark.dataset.seek) - 2));
  });
  audio.addEventListener("timeupdate", follow);
  audio.addEventListener("seeked", follow);
  audio.addEventListener("loadedmetadata", draw);
  new ResizeObserver(draw).observe(canvas);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  draw();
}

/** @param {number[]} channel @param {number} from @param {number} to shares of the whole */
function loudest(channel, from, to) {
  const begin = Math.floor(from * channel.length);
  const found = channel.slice(begin, Math.max(begin + 1, Math.ceil(to * channel.length)));
  return Math.sqrt(Math.max(0, ...found) / 100);
}

for (const place of document.querySelectorAll("[data-peaks]")) {
  if (place instanceof HTMLElement) show(place);
}
