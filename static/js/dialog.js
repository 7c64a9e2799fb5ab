// A confirm page, shown as a dialog. The link loads the page's form into <dialog id="dialog"> by htmx; here it opens.
const dialog = document.getElementById("dialog");

document.addEventListener("htmx:after:swap", (event) => {
  const { target, sourceElement } = event.detail.ctx;
  if (target !== dialog) return;
  if (dialog.querySelector("form")) dialog.showModal();
  else location.assign(sourceElement.href); // signed out meanwhile, or refused: the page says so itself
});

// Others stand in the page: [data-opens] names one. All close by a click outside, and by [data-close].
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    document.getElementById(opener.dataset.opens).showModal();
    return;
  }
  const open = event.target.closest("dialog[open]");
  const outside = event.target === open;
  if (!open || !outside && !event.target.closest("[data-close]")) return;
  event.preventDefault();
  open.close();
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
