// Elements with data-keys="a Enter" are pressed by these keys, unless somebody types or is at another control.
// @ts-check

const TYPING = "input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]";
const PRESSED = "button, a[href], summary, [role=button]";

/** @param {Element} element */
function seen(element) {
  return element.getClientRects().length > 0 && !(element instanceof HTMLButtonElement && element.disabled);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing) return;
  const at = event.target instanceof Element ? event.target : document.body;
  if (at.closest(TYPING) || at.closest("dialog[open]")) return;
  if (event.key === "Enter" && at.closest(PRESSED)) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const meant = [...document.querySelectorAll("[data-keys]")].find(
    (each) => each instanceof HTMLElement && each.dataset.keys?.split(" ").includes(key) && seen(each),
  );
  if (!(meant instanceof HTMLElement)) return;
  event.preventDefault();
  if (meant.matches(TYPING)) meant.focus();
  else meant.click();
});

// <button data-opens="ID"> opens a dialog, anything with data-closes within it closes it.
document.addEventListener("click", (event) => {
  const at = event.target instanceof Element ? event.target : null;
  const opens = at?.closest("[data-opens]");
  const dialog = opens instanceof HTMLElement && document.getElementById(opens.dataset.opens ?? "");
  if (dialog instanceof HTMLDialogElement) dialog.showModal();
  const closes = at?.closest("button[data-closes]");
  if (closes) window.setTimeout(() => closes.closest("dialog")?.close());
});
document.addEventListener("submit", (event) => {
  const form = event.target instanceof HTMLFormElement ? event.target : null;
  if (form?.matches("[data-closes]")) window.setTimeout(() => form.closest("dialog")?.close());
});
