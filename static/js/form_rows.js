// Rows of the pool form, of sizes and of hours, added and removed in place. Without this module the buttons ask the
// server. What changes says so as an input does, so that the summary follows.
let added = 0;

function changed(rows) {
  rows.dispatchEvent(new Event("input", { bubbles: true }));
}

function add(button) {
  const rows = button.closest(".field").querySelector("[data-rows]");
  const row = document.getElementById(button.dataset.addRow).content.firstElementChild.cloneNode(true);
  added += 1;
  for (const element of row.querySelectorAll("*")) {
    for (const attribute of element.attributes) attribute.value = attribute.value.replaceAll("NEW", `new${added}`);
  }
  rows.append(row);
  row.querySelector("input:not([type=hidden])").focus();
  changed(rows);
}

function remove(button) {
  const row = button.closest("[data-row]");
  const rows = row.parentElement;
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  (next?.querySelector("[data-remove-row]") ?? rows.closest(".field").querySelector("[data-add-row]")).focus();
  changed(rows);
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
