// Answers to htmx requests from within [data-patch] are laid over the page: each piece finds its place by its id, and only
// what differs is touched. So the focus stays, an open menu stays open, and a screen reader is told only what is new.
// @ts-check

/** Attributes that belong to the reader, not to the server. */
const OWN = new Set(["open", "style"]);

/** @param {Element} from @param {Element} to */
function attributes(from, to) {
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && !OWN.has(name) && !name.startsWith("data-is-")) from.removeAttribute(name);
  }
  for (const { name, value } of [...to.attributes]) {
    if (from.getAttribute(name) !== value && !OWN.has(name)) from.setAttribute(name, value);
  }
}

/** @param {Node} from @param {Node} to */
function alike(from, to) {
  if (from.nodeType !== to.nodeType) return false;
  if (!(from instanceof Element && to instanceof Element)) return true;
  return from.tagName === to.tagName && from.id === to.id;
}

/** @param {Element} from @param {Element} to */
export function lay(from, to) {
  if (from.isEqualNode(to)) return;
  attributes(from, to);
  let here = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    let found = here;
    if (wanted instanceof Element && wanted.id) {
      found = [...from.children].find((each) => each.id === wanted.id && each.tagName === wanted.tagName) ?? null;
      if (found && found !== here) from.insertBefore(found, here);
    } else if (found && !alike(found, wanted)) {
      found = null;
    }
    if (!found) {
      from.insertBefore(wanted, here);
      if (wanted instanceof Element) /** @type {any} */ (window).htmx?.process(wanted);
      continue;
    }
    if (found instanceof Element && wanted instanceof Element) lay(found, wanted);
    else if (found.nodeValue !== wanted.nodeValue) found.nodeValue = wanted.nodeValue;
    here = found.nextSibling;
  }
  while (here) {
    const next = here.nextSibling;
    here.remove();
    here = next;
  }
}

/** @param {Element} place */
function follows(place) {
  return place.scrollHeight - place.scrollTop - place.clientHeight < 40;
}

/** @param {string} text */
export function patch(text) {
  const answer = new DOMParser().parseFromString(text, "text/html");
  for (const piece of [...answer.body.children]) {
    const place = piece.id && document.getElementById(piece.id);
    if (!place) continue;
    const following = [place, ...place.querySelectorAll("[data-follow]")].filter((each) => each.matches("[data-follow]") && follows(each));
    lay(place, piece);
    for (const each of following) each.scrollTop = each.scrollHeight;
  }
  document.dispatchEvent(new CustomEvent("patched"));
}

document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = /** @type {CustomEvent} */ (event);
  const asked = detail.requestConfig?.elt;
  if (!(asked instanceof Element) || !asked.closest("[data-patch]") || detail.xhr.status !== 200) return;
  detail.shouldSwap = false;
  patch(detail.xhr.responseText);
});

// Whoever reads the end goes on reading the end when the page makes the box smaller.
/** @type {WeakMap<Element, boolean>} */
const ends = new WeakMap();
const resized = new ResizeObserver((entries) => {
  for (const { target } of entries) if (ends.get(target)) target.scrollTop = target.scrollHeight;
});

function watchEnds() {
  for (const each of document.querySelectorAll("[data-follow]")) {
    if (ends.has(each)) continue;
    each.scrollTop = each.scrollHeight;
    ends.set(each, true);
    let before = each.scrollTop;
    each.addEventListener("scroll", () => {
      // Only who scrolls back stops: the box may be smaller by the time one hears of an earlier move.
      ends.set(each, follows(each) || (Boolean(ends.get(each)) && each.scrollTop >= before));
      before = each.scrollTop;
    });
    resized.observe(each);
  }
}

document.addEventListener("patched", watchEnds);
watchEnds();
