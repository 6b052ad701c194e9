// A closed box opens when a link leads into it, and the words that a search led to are marked.
(() => {
  "use strict";

  const target = () => document.getElementById(decodeURIComponent(location.hash.slice(1)));

  const openAround = (node) => {
    for (let box = node; box; box = box.parentElement) if (box.tagName === "DETAILS") box.open = true;
  };

  const arrive = () => {
    const place = target();
    if (!place?.closest("details")) return;
    openAround(place);
    place.scrollIntoView();
  };

  // Each occurrence of the words as a range, wherever elements begin and end.
  const ranges = (root, words) => {
    const nodes = [];
    const starts = [];
    let text = "";
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      if (walker.currentNode.parentElement.closest("script, svg, math, .headerlink")) continue;
      nodes.push(walker.currentNode);
      starts.push(text.length);
      text += walker.currentNode.data;
    }
    const at = (offset) => {
      const place = starts.findLastIndex((start) => start <= offset);
      return [nodes[place], offset - starts[place]];
    };
    const escaped = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    const find = (pattern) =>
      [...text.matchAll(new RegExp(`(?<![\\p{L}\\p{N}])(?:${pattern})`, "giu"))].map((match) => {
        const range = document.createRange();
        range.setStart(...at(match.index));
        const [node, offset] = at(match.index + match[0].length - 1);
        range.setEnd(node, offset + 1);
        return range;
      });
    const phrase = find(escaped.join("[\\s‐-―-]+"));
    const single = escaped.filter((word) => word.length > 2);
    return phrase.length || !single.length ? phrase : find(single.join("|"));
  };

  const visible = (range) => range.getClientRects().length > 0;

  const clear = () => {
    globalThis.CSS?.highlights?.delete("found");
    document.getElementById("found-bar")?.remove();
  };

  const bar = (words, found, first) => {
    const number = found.length === 1 ? "One place" : found.length + " places";
    const said = number + ": “" + words + "”";
    const box = Object.assign(document.createElement("div"), { id: "found-bar" });
    box.append(Object.assign(document.createElement("span"), { textContent: said }));
    box.setAttribute("role", "status");
    let place = first;
    const button = (text, act) => {
      const one = Object.assign(document.createElement("button"), { type: "button" });
      one.textContent = text;
      one.addEventListener("click", act);
      box.append(one);
    };
    if (found.length > 1) {
      button("Next", () => {
        place = (place + 1) % found.length;
        show(found[place]);
      });
    }
    button("Clear", clear);
    (document.querySelector("main") ?? document.body).append(box);
  };

  const show = (range) => {
    openAround(range.startContainer.parentElement);
    range.startContainer.parentElement.scrollIntoView({ block: "center" });
  };

  const mark = () => {
    const words = new URLSearchParams(location.search).get("find")?.trim();
    const article = document.querySelector("article");
    if (!words || !article) return;
    const found = ranges(article, words.split(/\s+/));
    if (!found.length) return;
    const place = target();
    const first = Math.max(0, found.findIndex((range) => place?.contains(range.startContainer)));
    // Boxes that hold the words in the part that was asked for open; others stay as they are.
    for (const range of found) {
      if (range === found[first] || place?.contains(range.startContainer)) {
        openAround(range.startContainer.parentElement);
      }
    }
    if (!visible(found[first])) document.documentElement.dataset.code = "shown";
    if (globalThis.CSS?.highlights) CSS.highlights.set("found", new Highlight(...found));
    else getSelection().addRange(found[first]);
    bar(words, found, first);
    show(found[first]);
  };

  const start = () => {
    arrive();
    mark();
    addEventListener("hashchange", arrive);
    addEventListener("keydown", (event) => event.key === "Escape" && clear());
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
