"use strict";

/* Questions for a number: the answers stand in the page, this only compares. */
(() => {
  const read = (text) => {
    const plain = text.trim().replace(/\u2212/g, "-").replace(/[%\s\u00a0\u202f]/g, "")
      .replace(",", ".");
    return plain === "" ? NaN : Number(plain);
  };

  for (const form of document.querySelectorAll(".answer-form")) {
    const question = form.closest(".question");
    const said = question.querySelector(".answer-said");
    const answers = [...question.querySelectorAll("[data-value]")];
    const field = form.querySelector("input");
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const given = read(field.value);
      const close = (one) => Math.abs(given - one.dataset.value) <= one.dataset.tolerance * (1 + 1e-9);
      const match = answers.find(close);
      const text = document.createElement("p");
      if (match) {
        said.replaceChildren(
          ...[...match.querySelector(".reason").children].map((one) => one.cloneNode(true)));
        if (match.classList.contains("right")) said.firstChild.prepend("Right: ");
      } else {
        text.textContent = Number.isNaN(given)
          ? "Write a number, such as 12.5." : "No. Try again, or show the answer.";
        said.replaceChildren(text);
      }
      said.classList.toggle("right", !!match && match.classList.contains("right"));
    });
  }
})();
