// Keep the page of a run or export up to date while it is under way, then load it once more. Without this script, reload by hand.
"use strict";
(() => {
  const box = document.querySelector("[data-progress]");
  if (!box || box.dataset.active !== "yes") return;

  const put = (name, text) => box.querySelectorAll(`[data-value="${name}"]`).forEach((place) => { place.textContent = text; });
  const counts = (found) => {
    const list = box.querySelector("[data-counts]");
    list.replaceChildren(...found.flatMap((count) => {
      const label = document.createElement("dt");
      const number = document.createElement("dd");
      label.textContent = count.label;
      number.textContent = count.number.toLocaleString("en-US");
      return [label, number];
    }));
  };
  const steps = (states) => box.querySelectorAll("[data-step]").forEach((step, index) => {
    step.className = `s-step s-step--${states[index]}`;
  });

  const look = async () => {
    try {
      const answer = await fetch(box.dataset.progress, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (answer.ok && !answer.redirected) {
        const told = await answer.json();
        if (!told.active) { location.reload(); return; }
        put("state", told.state);
        put("sentence", told.sentence);
        put("elapsed", told.elapsed);
        put("started", told.started);
        box.querySelectorAll("[data-bar]").forEach((bar) => { bar.value = told.percent; });
        steps(told.steps);
        counts(told.counts);
      }
    } catch (error) {
      put("sentence", box.dataset.saidSilent);
    }
    setTimeout(look, 2000);
  };
  setTimeout(look, 2000);
})();
