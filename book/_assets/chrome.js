// The few things around the text that need a script.
(() => {
  "use strict";

  const start = () => {
    for (const button of document.querySelectorAll("[data-print]")) {
      button.hidden = false;
      button.addEventListener("click", () => {
        document.getElementById("downloads").hidePopover();
        print();
      });
    }

    // A drawer closes when the reader has chosen a place in it.
    for (const drawer of document.querySelectorAll("nav[popover]"))
      drawer.addEventListener("click", (event) => {
        if (event.target.closest("a") && drawer.matches(":popover-open")) drawer.hidePopover();
      });

    const nav = document.getElementById("book-nav");
    const here = nav.querySelector("a.current");
    if (here) {
      here.setAttribute("aria-current", "page");
      const below = here.offsetTop - nav.clientHeight / 2;
      if (below > 0) nav.scrollTop = below;
    }

    const boxes = [...document.querySelectorAll("details.solution")];
    for (const button of document.querySelectorAll("[data-solutions]")) {
      const say = () => {
        const all = boxes.every((box) => box.open);
        button.textContent = all ? "Close all solutions" : "Open all solutions";
      };
      button.hidden = false;
      button.addEventListener("click", () => {
        const open = !boxes.every((box) => box.open);
        for (const box of boxes) box.open = open;
      });
      for (const box of boxes) box.addEventListener("toggle", say);
      say();
    }

    // What scrolls sideways can be scrolled by keyboard in every browser; what stands in a closed
    // box gets its width when that opens.
    const sizes = new ResizeObserver((entries) => {
      const wide = entries.map(({ target }) => target.scrollWidth > target.clientWidth);
      entries.forEach(({ target }, place) => {
        if (wide[place]) target.tabIndex = 0;
        else target.removeAttribute("tabindex");
      });
    });
    document
      .querySelectorAll(".cell_output pre, .table-box")
      .forEach((box) => sizes.observe(box));
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
