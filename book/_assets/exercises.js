"use strict";

/* The list of exercises: choose by kind, level and time. */
for (const form of document.querySelectorAll(".exercise-filter")) {
  const items = [...document.querySelectorAll(".exercise-chapter li")];
  const update = () => {
    const wanted = Object.fromEntries(new FormData(form));
    for (const item of items) {
      const { kind = "", level = "", minutes = "" } = item.dataset;
      item.hidden = !(
        (!wanted.kind || kind.split(";").includes(wanted.kind)) &&
        (!wanted.level || level === wanted.level) &&
        (!wanted.minutes || (minutes && Number(minutes) <= Number(wanted.minutes))));
    }
    for (const chapter of document.querySelectorAll(".exercise-chapter")) {
      chapter.hidden = !chapter.querySelector("li:not([hidden])");
    }
    const shown = items.filter((item) => !item.hidden).length;
    form.querySelector("output").textContent = `${shown} of ${items.length} exercises`;
  };
  form.hidden = false;
  form.addEventListener("input", update);
  update();
}
