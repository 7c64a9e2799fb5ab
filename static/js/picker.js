// Enter in the search of a picker sends no form: what it finds comes while one types.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("input[name=place]")) event.preventDefault();
});
