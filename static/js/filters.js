// Filters stand in the address: those that are empty are left out of it.
const FORM = "form.filters";

document.addEventListener("htmx:config:request", (event) => {
  const { sourceElement, request } = event.detail.ctx;
  if (!sourceElement.matches(FORM) || !(request.body instanceof FormData)) return;
  for (const [name, value] of [...request.body]) if (value === "") request.body.delete(name);
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches(FORM)) return;
  const empty = [...event.target.elements].filter((field) => field.name && field.value === "");
  for (const field of empty) field.disabled = true;
  setTimeout(() => { for (const field of empty) field.disabled = false; });
});
