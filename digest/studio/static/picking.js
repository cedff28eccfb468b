// A choice in the picker shows at once; a day is typed first, so it waits for the button.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-pick]");
  if (form && event.target.matches("select")) form.requestSubmit();
});
