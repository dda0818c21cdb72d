// data-shown-when="stage lost": the field shows while the field `stage` of its form has one of the values named.
// What is typed in a field stays there while it is hidden; the server decides what of it counts.

function update(control) {
  const [name, ...values] = control.dataset.shownWhen.split(" ");
  const field = control.closest(".field");
  const other = control.form?.elements[name];
  if (field && other) field.hidden = !values.includes(other.value) && !field.querySelector(".errorlist");
}

const updateAll = () => document.querySelectorAll("[data-shown-when]").forEach(update);

document.addEventListener("change", updateAll);
document.addEventListener("htmx:load", updateAll);
updateAll();
