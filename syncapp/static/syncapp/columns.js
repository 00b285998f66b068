// Move columns by dragging, add and remove them by a click, and keep their numbers. Without this script, the numbers are typed.
"use strict";
(() => {
  const form = document.querySelector("[data-columns]");
  if (!form) return;
  const shown = form.querySelector("[data-shown]");
  const home = (line) => [...form.querySelectorAll("[data-offered]")].find((list) => list.dataset.offered === line.dataset.home) || shown;
  let dragged = null;

  const number = () => form.querySelectorAll("[data-column]").forEach((line) => {
    const at = [...shown.children].indexOf(line);
    line.querySelector("input").value = at < 0 ? "" : String(at + 1);
    line.querySelector("[data-toggle]").textContent = at < 0 ? form.dataset.saidAdd : form.dataset.saidRemove;
    line.draggable = at >= 0;
  });

  form.querySelectorAll("[data-toggle]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      const line = button.closest("[data-column]");
      const list = line.parentElement === shown ? home(line) : shown;
      if (list !== line.parentElement) list.append(line); else line.remove();
      number();
    });
  });
  form.querySelectorAll("[data-column] input").forEach((input) => input.addEventListener("change", () => {
    const line = input.closest("[data-column]");
    const place = Number.parseInt(input.value, 10);
    if (place > 0) shown.insertBefore(line, [...shown.children].filter((one) => one !== line)[place - 1] || null);
    else home(line).append(line);
    number();
  }));

  shown.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-column]");
    dragged.classList.add("s-choice--dragged");
    event.dataTransfer.effectAllowed = "move";
  });
  shown.addEventListener("dragover", (event) => {
    const over = event.target.closest("[data-column]");
    if (!dragged) return;
    event.preventDefault();
    if (!over || over === dragged || over.parentElement !== shown) return;
    const half = over.getBoundingClientRect();
    shown.insertBefore(dragged, event.clientY < half.top + half.height / 2 ? over : over.nextElementSibling);
  });
  shown.addEventListener("drop", (event) => event.preventDefault());
  shown.addEventListener("dragend", () => {
    if (dragged) dragged.classList.remove("s-choice--dragged");
    dragged = null;
    number();
  });

  form.querySelector("[name=name]").addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    form.querySelector("button[formaction]").click();
  });
  form.querySelector("[data-hint]").hidden = false;
  number();
})();
