// A confirm page, shown as a dialog. The link loads the page's form into <dialog id="dialog"> by htmx; here it opens.
const dialog = document.getElementById("dialog");

document.addEventListener("htmx:after:swap", (event) => {
  const { target, sourceElement } = event.detail.ctx;
  if (target !== dialog) return;
  if (dialog.querySelector("form")) dialog.showModal();
  else location.assign(sourceElement.href); // signed out meanwhile, or refused: the page says so itself
});

dialog.addEventListener("click", (event) => {
  const outside = event.target === dialog;
  if (!outside && !event.target.closest("[data-close]")) return;
  event.preventDefault();
  dialog.close();
});

// Menus made of <details> close when one clicks elsewhere or presses Escape.
const MENUS = "details.fh-switch[open], details.fh-more[open]";

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(MENUS)) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll(MENUS)) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
