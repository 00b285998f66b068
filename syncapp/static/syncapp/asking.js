// Offer for each filter condition the operators that fit its field, and an input that fits both. Without this script, values are typed.
"use strict";
(() => {
  const page = document.querySelector("[data-asking]");
  const $ = window.django?.jQuery;
  if (!page || !$) return;
  const FIELD = 'select[name$="-field"]';
  const OPERATOR = 'select[name$="-operator"]';
  const said = page.dataset;
  const known = new Map();
  const offered = new WeakMap();

  const learn = async (ids) => {
    const unknown = [...new Set(ids)].filter((id) => id && !known.has(id));
    if (!unknown.length) return;
    const query = new URLSearchParams(unknown.map((id) => ["id", id]));
    const answer = await fetch(`${page.dataset.asking}?${query}`);
    if (answer.ok) Object.entries(await answer.json()).forEach(([id, facts]) => known.set(id, facts));
  };

  const made = (name, facts) => Object.assign(document.createElement(name), facts);
  const lines = (typed) => typed.value.split(/\n/).map((line) => line.trim()).filter(Boolean);
  const same = (one, two) => one.trim().toLowerCase() === two.trim().toLowerCase();

  const simple = (type, label, value, more = {}) => {
    const timed = type === "date" && value.length > 10;
    const input = made("input", { className: "s-input s-asked__input", type: timed ? "datetime-local" : type, ...more });
    input.setAttribute("aria-label", timed ? said.saidUtc.replace("{label}", label) : label);
    input.value = timed ? value.slice(0, 16) : value;
    input.read = () => (timed && input.value ? `${input.value}:00.000Z` : input.value);
    return value && !input.value ? null : input;
  };

  const list = (choices, values, many) => {
    const select = made("select", { className: "s-input s-asked__input", multiple: many });
    select.setAttribute("aria-label", many ? said.saidValues : said.saidValue);
    const strange = values.filter((value) => !choices.some(([typed]) => same(typed, value)));
    if (!choices.length || (strange.length && !many)) return null;
    if (!many) select.append(made("option", { value: "", textContent: said.saidChoose }));
    [...choices, ...strange.map((value) => [value, value])].forEach(([typed, label]) => {
      select.append(made("option", { value: typed, textContent: label, selected: values.some((value) => same(typed, value)) }));
    });
    select.read = () => [...select.selectedOptions].map((option) => option.value).filter(Boolean).join("\n");
    return select;
  };

  const inputs = (kind, facts, operator, values) => {
    const [first = "", second = ""] = values;
    const pair = (type, more) => [simple(type, said.saidFrom, first, more), simple(type, said.saidTo, second, more)];
    const one = values.length > 1 ? [null] : null;
    const build = {
      "number": () => one ?? [simple("number", said.saidNumber, first, { step: "any" })],
      "days": () => one ?? [simple("number", said.saidDays, first, { step: "1", min: "0" })],
      "date": () => one ?? [simple("date", said.saidDate, first)],
      "numbers": () => (values.length > 2 ? [null] : pair("number", { step: "any" })),
      "dates": () => (values.length > 2 ? [null] : pair("date")),
      "choices": () => [list(facts.choices, values, true)],
      "one of": () => one ?? [list(facts.one_of[operator] ?? [], values, false)],
      "nothing": () => [],
    }[kind];
    const found = build ? build() : [null];
    return found.includes(null) ? null : found;
  };

  const draw = (line) => {
    const typed = line.querySelector('textarea[name$="-typed"]');
    const facts = known.get(line.querySelector(FIELD).value);
    const operator = line.querySelector(OPERATOR).value;
    line.querySelectorAll(".s-asked").forEach((old) => old.remove());
    const found = facts && operator ? inputs(facts.operators[operator], facts, operator, lines(typed)) : null;
    typed.hidden = found !== null;
    if (found === null) return;
    const box = made("div", { className: "s-asked" });
    box.append(...found);
    if (found.some((input) => input.type === "datetime-local")) box.append(made("span", { className: "s-soft s-small", textContent: "UTC" }));
    box.addEventListener("change", () => { typed.value = found.map((input) => input.read()).filter(Boolean).join("\n"); });
    typed.before(box);
    if (!found.length) typed.value = "";
    found.filter((input) => input.multiple).forEach((select) => {
      $(select).select2({ theme: "admin-autocomplete", width: "100%", placeholder: said.saidChoose });
      $(select).on("change", () => { typed.value = select.read(); });
    });
  };

  const fit = (line) => {
    const operator = line.querySelector(OPERATOR);
    const facts = known.get(line.querySelector(FIELD).value);
    if (!offered.has(operator)) offered.set(operator, [...operator.options]);
    const chosen = operator.value;
    const fitting = offered.get(operator).filter((option) => !facts || !option.value || option.value in facts.operators || option.value === chosen);
    operator.replaceChildren(...fitting);
    operator.value = chosen;
    draw(line);
  };

  const rows = () => [...page.querySelectorAll('textarea[name$="-typed"]')].map((typed) => typed.closest("tr"))
    .filter((line) => line?.querySelector(FIELD) && !line.querySelector(FIELD).name.includes("__prefix__"));

  const start = async () => {
    await learn(rows().map((line) => line.querySelector(FIELD).value));
    rows().forEach(fit);
  };

  $(document).on("change", FIELD, async (event) => {
    const line = event.target.closest("tr");
    const typed = line?.querySelector('textarea[name$="-typed"]');
    if (!typed) return;
    await learn([event.target.value]);
    const operator = line.querySelector(OPERATOR);
    const facts = known.get(event.target.value);
    if (facts && !(operator.value in facts.operators)) operator.value = "";
    if (facts && facts.operators[operator.value] !== "text") typed.value = "";
    fit(line);
    operator.dispatchEvent(new Event("change", { bubbles: true }));
  });
  $(document).on("change", OPERATOR, (event) => {
    const line = event.target.closest("tr");
    if (line?.querySelector('textarea[name$="-typed"]')) draw(line);
  });
  start();
})();
