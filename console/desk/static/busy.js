// A form that takes long says so, and is sent once.
// @ts-check
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.dataset.busy || event.defaultPrevented) return;
  const button = event.submitter;
  if (!(button instanceof HTMLButtonElement)) return;
  button.textContent = form.dataset.busy;
  setTimeout(() => (button.disabled = true)); // after the form was sent with it
});
addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
