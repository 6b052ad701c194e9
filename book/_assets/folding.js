// The switch that shows or hides all code; theme.js sets what the reader chose last.
(() => {
  "use strict";

  const root = document.documentElement;
  const button = document.querySelector(".code-switch");
  if (!button || !document.querySelector(".cell_input")) return;
  const set = (hidden) => {
    root.dataset.code = hidden ? "hidden" : "shown";
    button.setAttribute("aria-pressed", hidden);
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    set(root.dataset.code !== "hidden");
    try {
      localStorage.setItem("code", root.dataset.code);
    } catch {
      // The choice holds for this page only.
    }
  });
})();
