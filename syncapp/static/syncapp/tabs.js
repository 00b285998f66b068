// Show one panel of a page at a time. Without this script every panel stays visible.
"use strict";
(() => {
  const tabs = [...document.querySelectorAll("[data-tab]")];
  const panels = [...document.querySelectorAll("[data-panel]")];
  if (!tabs.length) return;

  const show = (name) => {
    tabs.forEach((tab) => tab.setAttribute("aria-selected", String(tab.dataset.tab === name)));
    panels.forEach((panel) => { panel.hidden = panel.dataset.panel !== name; });
    const submit = document.getElementById("submit-row");
    const current = tabs.find((tab) => tab.dataset.tab === name);
    if (submit) submit.hidden = current.dataset.saves === "no";
  };

  const names = tabs.map((tab) => tab.dataset.tab);
  const asked = () => decodeURIComponent(location.hash.slice(1));
  const withErrors = panels.find((panel) => panel.querySelector(".errorlist, .errors, .s-errors, [data-error]"));

  window.addEventListener("hashchange", () => { if (names.includes(asked())) show(asked()); });
  tabs.forEach((tab) => tab.addEventListener("click", (event) => {
    event.preventDefault();
    history.replaceState(null, "", `#${tab.dataset.tab}`);
    show(tab.dataset.tab);
  }));
  show(withErrors ? withErrors.dataset.panel : names.includes(asked()) ? asked() : names[0]);
})();
