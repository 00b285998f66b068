// Offer as the second field of a mapping only what can be kept equal with the first. Without this script, saving refuses what does not fit.
"use strict";
(() => {
  const $ = window.django?.jQuery;
  if (!$) return;
  const other = { left: "right", right: "left" };

  $(document).on("select2:opening", 'select[name^="mappings-"]', (event) => {
    const [, side] = event.target.name.match(/-(left|right)_field$/) ?? [];
    const ajax = $(event.target).data("select2")?.dataAdapter?.ajaxOptions;
    if (!side || !ajax) return;
    const beside = document.getElementsByName(event.target.name.replace(`${side}_field`, `${other[side]}_field`))[0]?.value ?? "";
    const address = new URL(event.target.getAttribute("data-ajax--url"), location.href);
    address.searchParams.set("beside", beside);
    ajax.url = address.pathname + address.search;
  });
})();
