// What a reader has chosen: light or dark, code shown or hidden. Small, so that it runs before the
// first paint; without it the style sheet follows the system.
(() => {
  "use strict";

  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");

  const chosen = (name) => {
    try {
      return localStorage.getItem(name);
    } catch {
      return null; // a reader may forbid pages to store anything
    }
  };

  const show = (wanted) => {
    const mode = ["light", "dark"].includes(wanted) ? wanted : "auto";
    const theme = mode === "auto" ? (system.matches ? "dark" : "light") : mode;
    Object.assign(root.dataset, { mode, theme });
    const control = document.getElementById("theme-switch");
    if (control) control.value = mode;
  };

  const apply = () => show(chosen("mode"));

  const connect = () => {
    const control = document.getElementById("theme-switch");
    control.hidden = false;
    const code = document.querySelector(".code-switch");
    code?.setAttribute("aria-pressed", root.dataset.code === "hidden");
    control.addEventListener("change", () => {
      show(control.value);
      try {
        localStorage.setItem("mode", control.value);
      } catch {
        // The choice holds for this page only.
      }
    });
    apply();
  };

  apply();
  root.dataset.code = chosen("code") === "hidden" ? "hidden" : "shown";
  system.addEventListener("change", apply);
  addEventListener("storage", apply);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", connect);
  else connect();
})();
