// A prebuilt extension of JupyterLab, written out by hand: it makes a chapter read as on its page.
// jupyterlab-myst renders a chapter's text. What it cannot know is done here: solutions and cells of
// set-up are folded, equations have their papers' numbers, citations and sliders have names.

const STYLE = `
  .trade-folded { display: none !important; }
  .myst .trade-named { color: inherit; }
  .myst .trade-named svg { display: none; }`;

const FENCE = /^(?:`{3,}|:{3,})\{solution-(start|end)\}/gm;
const EQUATION = /\$\$ *\(([\w-]+)\)|^:label: *([\w-]+)/gm;

function paperNumber(label) {
  const found = /^(?:krugman|gomory)-(\d+(?:-\d+)?[a-z]?|\d-[A-Z])(-prime)?$/.exec(label);
  return found && found[1].replaceAll("-", ".") + (found[2] ? "\u2032" : "");
}

function letters(index) {
  let name = "";
  for (; index >= 0; index = Math.floor(index / 26) - 1) {
    name = String.fromCharCode(97 + (index % 26)) + name;
  }
  return name;
}

const source = (cell) => cell.model.sharedModel.getSource();

// The numbers of a chapter's equations by their labels, as book/_extensions/numbering.py gives them.
function numbers(cells) {
  const found = new Map();
  let own = 0;
  for (const cell of cells) {
    if (cell.model.type !== "markdown") continue;
    for (const match of source(cell).matchAll(EQUATION)) {
      if (match[2] && !/\{math\}/.test(source(cell))) continue;
      const label = match[1] ?? match[2];
      found.set(label, paperNumber(label) ?? letters(own++));
    }
  }
  return found;
}

function name(cells, works) {
  const known = numbers(cells);
  for (const cell of cells) {
    for (const link of cell.node.querySelectorAll('.myst a[href^="#"]')) {
      const number = known.get(link.getAttribute("href").slice(1));
      if (number && /^\(\w+\)$/.test(link.textContent)) link.textContent = `(${number})`;
    }
    // What jupyterlab-myst looks for in this chapter and what stands in another, or in the bibliography.
    for (const lost of cell.node.querySelectorAll('.myst span[title$="Not Found"]')) {
      if (lost.classList.contains("trade-named")) continue;
      const label = lost.textContent.trim();
      const number = paperNumber(label);
      const words = label.replaceAll("-", " ");
      lost.lastChild.textContent = number ? `(${number})` : (works.get(label) ?? words);
      lost.classList.add("trade-named");
    }
  }
}

// The sliders of ipywidgets have no name, and say where their handle is, not the number it stands for.
function announce(notebook) {
  for (const slider of notebook.node.querySelectorAll(".widget-slider")) {
    const label = slider.querySelector(".widget-label")?.textContent ?? "";
    const readout = slider.querySelector(".widget-readout");
    const handle = slider.querySelector("[role=slider]");
    if (!handle || !readout) continue;
    const set = (node, attribute, value) =>
      node.getAttribute(attribute) !== value && node.setAttribute(attribute, value);
    set(handle, "aria-label", label);
    set(handle, "aria-valuetext", readout.textContent);
    if (readout.isContentEditable) set(readout, "role", "textbox");
    if (readout.isContentEditable) set(readout, "aria-label", label);
  }
}

const isStart = (block) => block.matches('details[id$="-solution"], aside[id$="-solution"]');
const isEnd = (block) => block.matches("aside.myst-exercise:not([id])") && !block.textContent.trim();

// Hide what stands between a solution's start and its end, unless the reader has opened it.
function fold(cells, opened) {
  let inside = null;
  for (const cell of cells) {
    const text = cell.model.type === "markdown" ? source(cell) : "";
    const fences = [...text.matchAll(FENCE)];
    if (!fences.length) {
      cell.node.classList.toggle("trade-folded", inside !== null && !opened.has(inside));
      continue;
    }
    for (const block of cell.node.querySelector(".myst")?.children ?? []) {
      if (isStart(block)) {
        inside = block.id;
        block.open = opened.has(inside);
      } else if (isEnd(block)) {
        inside = null;
        block.classList.add("trade-folded");
      } else {
        block.classList.toggle("trade-folded", inside !== null && !opened.has(inside));
      }
    }
    // A cell that is not on the screen has no blocks yet: its text says how it ends.
    const last = fences.at(-1);
    const label = /^:label: *([\w-]+)/m.exec(text.slice(last.index));
    inside = last[1] === "start" ? (label?.[1] ?? "unnamed") : null;
  }
}

function attend(panel, works) {
  const notebook = panel.content;
  const opened = new Set();
  const seen = new WeakSet();
  let waiting = false;
  const observer = new MutationObserver(later);

  function tidy() {
    waiting = false;
    const cells = notebook.widgets;
    for (const cell of cells) {
      const tags = cell.model.getMetadata("tags") ?? [];
      if (!seen.has(cell) && (tags.includes("hide-input") || tags.includes("check"))) {
        cell.inputHidden = true;
      }
      seen.add(cell);
    }
    fold(cells, opened);
    name(cells, works);
    announce(notebook);
    observer.takeRecords(); // of our own changes
  }

  function later() {
    if (!waiting) requestAnimationFrame(tidy);
    waiting = true;
  }

  notebook.node.addEventListener("click", (event) => {
    const block = event.target.closest("details");
    if (!block || !event.target.closest("summary") || !isStart(block)) return;
    event.preventDefault();
    if (!opened.delete(block.id)) opened.add(block.id);
    tidy();
  });
  observer.observe(notebook.node, {
    attributeFilter: ["aria-valuetext"],
    characterData: true,
    childList: true,
    subtree: true,
  });
  tidy();
}

// "Krugman (1980)" for each key of the bibliography.
function readWorks(text) {
  const works = new Map();
  for (const [, key, entry] of text.matchAll(/^@\w+\{([^,\s]+),([\s\S]*?)^\}/gm)) {
    const field = (which) => new RegExp(`^\\s*${which}\\s*=\\s*[{"](.*)[}"],?\\s*$`, "m").exec(entry)?.[1];
    const people = (field("author") ?? field("editor") ?? key).replace(/[{}]/g, "").split(/\s+and\s+/);
    const names = people.map((one) => (one.includes(",") ? one.split(",")[0] : one.split(" ").at(-1)));
    const last = names.pop();
    works.set(key, `${names.length ? `${names.join(", ")} and ` : ""}${last} (${field("year") ?? "n.d."})`);
  }
  return works;
}

const plugin = {
  id: "trade-book:chapters",
  autoStart: true,
  activate(app) {
    const style = document.createElement("style");
    style.textContent = STYLE;
    document.head.append(style);
    const works = app.serviceManager.contents
      .get("book/references.bib", { content: true, type: "file", format: "text" })
      .then((file) => readWorks(file.content), () => new Map());
    const attended = new WeakSet();
    const look = () => {
      for (const panel of app.shell.widgets("main")) {
        if (attended.has(panel) || !panel.content?.model?.cells) continue;
        attended.add(panel);
        panel.context.ready.then(async () => attend(panel, await works));
      }
    };
    app.restored.then(() => {
      app.shell.layoutModified?.connect(look);
      app.shell.currentChanged?.connect(look);
      look();
    });
  },
};

window._JUPYTERLAB = window._JUPYTERLAB ?? {};
window._JUPYTERLAB["trade-book"] = {
  init() {},
  get: async () => () => ({ __esModule: true, default: plugin }),
};
