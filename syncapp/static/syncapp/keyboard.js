// Let the keyboard reach what the theme leaves to the mouse: a person's own menu, its colors, the filters of a list, the menu of a narrow window; and pass the menu by.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const left = "a[x-on\\:click]:not([href]), div.cursor-pointer[x-on\\:click], span.cursor-pointer[x-on\\:click]";
  document.querySelectorAll(left).forEach((one) => {
    one.tabIndex = 0;
    one.setAttribute("role", "button");
  });
  document.addEventListener("keydown", (event) => {
    if ((event.key !== "Enter" && event.key !== " ") || !event.target.matches(left)) return;
    event.preventDefault();
    event.target.click();
    const menu = event.target.previousElementSibling; // the person's own menu opens upwards, so its links stand before
    if (menu && menu.matches("nav")) setTimeout(() => menu.querySelector("a[href]").focus(), 60);
  });
  document.querySelectorAll(".s-toggle").forEach((one) => one.addEventListener("click", () => {
    const first = document.querySelector("#nav-sidebar a[href]");
    setTimeout(() => first && first.offsetParent && one.matches(".s-toggle--narrow") && first.focus(), 120);
  }));
  const first = document.querySelector("[autofocus]"); // the browser leaves its own focus out now and then
  if (first) first.focus();
  const skip = document.querySelector(".s-skip");
  if (skip) document.body.prepend(skip);
});
