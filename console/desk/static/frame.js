// A framed page is as high as what it shows.
// @ts-check
const frame = document.querySelector("iframe.sheet");
const counting = document.getElementById("counting");

function fit() {
  if (!(frame instanceof HTMLIFrameElement) || !frame.contentDocument?.body) return;
  if (frame.contentDocument.URL === "about:blank") return;
  frame.style.height = `${frame.contentDocument.documentElement.scrollHeight + 4}px`;
  counting?.remove();
}

frame?.addEventListener("load", fit);
addEventListener("resize", fit);
fit();
