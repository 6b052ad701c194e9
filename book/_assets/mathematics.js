// Formulas are copied as the TeX that they were written in; one that scrolls is reached by keyboard.

(() => {
  "use strict";

  const FORMULA = ".formula, math:not(.formula math)";
  const NAME = { role: "group", "aria-label": "Formula, wider than the page", tabindex: "0" };

  function tex(formula) {
    const source = (formula.dataset.tex ?? formula.querySelector("annotation").textContent).trim();
    const block = formula.tagName === "DIV" || formula.getAttribute("display") === "block";
    return block ? `$$\n${source}\n$$` : `$${source}$`;
  }

  // A selection that touches a formula takes all of it.
  function whole(range) {
    const around = (node) => (node.nodeType === 1 ? node : node.parentElement)?.closest(FORMULA);
    const first = around(range.startContainer);
    const last = around(range.endContainer);
    if (first) range.setStartBefore(first);
    if (last) range.setEndAfter(last);
    return range;
  }

  document.addEventListener("copy", (event) => {
    const selection = getSelection();
    if (selection.isCollapsed) return;
    const copy = document.createElement("div");
    copy.append(whole(selection.getRangeAt(0).cloneRange()).cloneContents());
    const formulas = copy.querySelectorAll(FORMULA);
    if (!formulas.length) return;
    for (const link of copy.querySelectorAll(".headerlink")) link.remove();
    event.clipboardData.setData("text/html", copy.innerHTML);
    for (const formula of formulas) {
      const source = document.createElement("span");
      source.textContent = tex(formula);
      formula.replaceWith(source);
    }
    // Only what is laid out has its lines in innerText.
    copy.className = "m-copy";
    document.querySelector("article").append(copy);
    event.clipboardData.setData("text/plain", copy.innerText);
    copy.remove();
    event.preventDefault();
  });

  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const scrolls = target.scrollWidth > target.clientWidth;
      for (const [name, value] of Object.entries(NAME)) {
        if (scrolls) target.setAttribute(name, value);
        else target.removeAttribute(name);
      }
    }
  });
  for (const box of document.querySelectorAll(".m-scroll")) sizes.observe(box);
})();
