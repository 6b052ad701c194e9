// The switch that shows or hides all code. What the reader chose last is set by theme.js, which may
// run before this script or after it.
(() => {
  "use strict";

  const root = document.documentElement;
  const button = document.querySelector(".code-switch");
  if (!button || !document.querySelector(".cell_input")) return;
  const set = (hidden) => {
    root.dataset.code = hidden ? "hidden" : "shown";
    button.setAttribute("aria-pressed", hidden);
  };
  const stored = () => {
    try {
      return localStorage.getItem("code");
    } catch {
      return null;
    }
  };
  set((root.dataset.code ?? stored()) === "hidden");
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
