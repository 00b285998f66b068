// Say beside each filter condition, and each step of a mapping, what to type, and dim what is switched off. Everything works without this script.
"use strict";
(() => {
  const page = document.querySelector(".s-sync");
  if (!page) return;

  const explain = (select) => {
    const value = select.closest("tr")?.querySelector('textarea[name$="-typed"], input[name$="-setting"]');
    if (!value) return;
    const option = select.selectedOptions[0];
    const hint = option?.dataset.hint;
    value.placeholder = hint ?? "";
    value.title = hint ?? "";
    value.classList.toggle("s-needless", hint === "");
  };
  const dim = (box) => box.closest("tr")?.classList.toggle("s-off", !box.checked);

  const explained = 'select[name$="-operator"], select[name$="-kind"]';
  page.querySelectorAll(explained).forEach(explain);
  page.querySelectorAll('input[name^="mappings-"][name$="-active"]').forEach(dim);
  page.addEventListener("change", (event) => {
    if (event.target.matches(explained)) explain(event.target);
    if (event.target.matches('input[name^="mappings-"][name$="-active"]')) dim(event.target);
  });
})();
