// Show the test of the filters on the page, beside what was typed. Without this script, the test is a page of its own.
"use strict";
(() => {
  const button = document.querySelector("[data-test]");
  const place = document.querySelector("[data-tested]");
  if (!button || !place) return;

  const mark = () => {
    document.querySelectorAll(".s-wrong").forEach((line) => line.classList.remove("s-wrong"));
    place.querySelectorAll("[data-place]").forEach((words) => {
      const { place: at } = words.dataset;
      document.querySelector(`[name="${at}-field"], [name="${at}-name"]`)?.closest("tr, .form-group")?.classList.add("s-wrong");
    });
  };

  button.addEventListener("click", async (event) => {
    event.preventDefault();
    const body = new FormData(button.form);
    body.append("part", "yes");
    place.hidden = false;
    place.textContent = place.dataset.saidTesting;
    button.disabled = true;
    try {
      const answer = await fetch(button.formAction, { method: "POST", body });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      place.innerHTML = await answer.text();
      mark();
    } catch {
      place.textContent = place.dataset.saidFailed;
    } finally {
      button.disabled = false;
    }
  });
})();
