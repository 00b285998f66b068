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
  const within = (name) => (name ? document.getElementById(name)?.closest("[data-panel]") : null);
  const withErrors = panels.find((panel) => panel.querySelector(".errorlist, .errors, .s-errors, [data-error]"));

  // A place is a panel, or a part of one.
  const open = (name) => {
    if (names.includes(name)) { show(name); return true; }
    const panel = within(name);
    if (!panel) return false;
    show(panel.dataset.panel);
    document.getElementById(name).scrollIntoView();
    return true;
  };

  window.addEventListener("hashchange", () => open(asked()));
  tabs.forEach((tab) => tab.addEventListener("click", (event) => {
    event.preventDefault();
    history.replaceState(null, "", `#${tab.dataset.tab}`);
    show(tab.dataset.tab);
  }));
  if (withErrors) show(withErrors.dataset.panel);
  else if (!open(asked())) open(document.querySelector("[data-begin]")?.dataset.begin) || show(names[0]);
})();
