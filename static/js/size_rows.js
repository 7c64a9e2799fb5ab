// Rows of the pool form's sizes, added and removed in place. Without this module the buttons ask the server.
// What changes says so as an input does, so that the summary follows.
let added = 0;

function add(button) {
  const rows = button.closest(".field").querySelector("tbody");
  const row = document.getElementById(button.dataset.addRow).content.firstElementChild.cloneNode(true);
  added += 1;
  for (const input of row.querySelectorAll("input")) {
    if (input.id) input.id += added;
    input.setAttribute("aria-labelledby", input.getAttribute("aria-labelledby").replace("size-NEW", `size-NEW${added}`));
  }
  rows.append(row);
  row.querySelector("input").focus();
}

function remove(button) {
  const row = button.closest("tr");
  const rows = row.parentElement;
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  (next?.querySelector("[data-remove-row]") ?? rows.closest(".field").querySelector("[data-add-row]")).focus();
  rows.dispatchEvent(new Event("input", { bubbles: true }));
}

// What a name stands for; of other spellings the summary tells.
document.addEventListener("input", ({ target }) => {
  if (!target.matches("[list=size-names][name=sizes]")) return;
  const named = [...target.list.options].find((option) => option.value === target.value.trim().toLowerCase());
  target.closest("td").querySelector("[data-parts]").textContent = named?.label ?? "";
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-add-row], [data-remove-row]");
  if (!button) return;
  event.preventDefault();
  if ("addRow" in button.dataset) add(button);
  else remove(button);
});
