// The search page: MiniSearch over the book's text, which search-data.js holds.
(() => {
  "use strict";

  const { pages, parts, named } = window.bookSearch;
  const SHOWN = 30;
  const AROUND = 110; // letters of context before and after

  const plain = (words) => words.toLowerCase().replace(/[\s‐-―-]+/gu, " ").trim();
  const escaped = (words) => words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

  const engine = new MiniSearch({
    fields: ["heading", "page", "text", "code"],
    searchOptions: {
      boost: { heading: 4, page: 1.5, text: 1, code: 0.2 },
      prefix: (term, place, terms) => term.length > 2 && place === terms.length - 1,
      fuzzy: (term) => (term.length > 5 ? 0.15 : false),
      weights: { fuzzy: 0.2, prefix: 0.6 },
    },
  });
  engine.addAll(
    parts.map(([page, , heading, text, code], id) => ({
      id, heading, text, code, page: pages[page][1],
    })),
  );

  // A theorem, a figure, an equation or a term is where its name says.
  const places = (query) => {
    const wanted = plain(query).replace(/^(equation|eq\.?) \(?([^()]+)\)?$/, "($2)");
    const same = (name) => [wanted, wanted.replace(/s$/, "")].includes(plain(name));
    return named.filter(([name]) => same(name)).map(([, page, id, part]) => ({ page, id, part }));
  };

  const inText = (query) => {
    const phrase = plain(query);
    const several = phrase.includes(" ");
    const options = {
      boostDocument: (id) => {
        const [, , heading, text] = parts[id];
        if (several && plain(heading).includes(phrase)) return 8;
        return several && plain(text).includes(phrase) ? 4 : 1;
      },
    };
    const all = engine.search(query, { ...options, combineWith: "AND" });
    const found = all.length ? all : engine.search(query, options);
    return found.map(({ id: part }) => ({ page: parts[part][0], id: parts[part][1], part }));
  };

  // A part that is shown for its name is not shown again for its words.
  const results = (query) => {
    const seen = new Set();
    return [...places(query), ...inText(query)].filter(
      ({ part }) => !seen.has(part) && seen.add(part),
    );
  };

  // The phrase where a text has it, else its words.
  const matcher = (query, text) => {
    const words = query.trim().split(/\s+/).map(escaped);
    const expression = (pattern) => new RegExp(`(?<![\\p{L}\\p{N}])(?:${pattern})`, "giu");
    const phrase = expression(words.join("[\\s‐-―-]+"));
    const single = words.filter((word) => word.length > 2);
    return text.search(phrase) >= 0 || !single.length ? phrase : expression(single.join("|"));
  };

  // The stretch of text around the longest match, or the beginning where the heading says it all.
  const context = (heading, text, query) => {
    const known = plain(heading).includes(plain(query));
    const matches = known ? [] : [...text.matchAll(matcher(query, text))];
    const best = matches.reduce((a, b) => (b[0].length > a[0].length ? b : a), matches[0]);
    const middle = best ? best.index : 0;
    let begin = Math.max(0, middle - AROUND);
    let end = Math.min(text.length, middle + AROUND + (best ? best[0].length : AROUND));
    if (begin) begin = text.indexOf(" ", begin) + 1;
    if (end < text.length) end = text.lastIndexOf(" ", end);
    return `${begin ? "… " : ""}${text.slice(begin, end)}${end < text.length ? " …" : ""}`;
  };

  const marked = (words, query) => {
    const piece = document.createDocumentFragment();
    let end = 0;
    for (const match of words.matchAll(matcher(query, words))) {
      piece.append(words.slice(end, match.index));
      piece.append(Object.assign(document.createElement("mark"), { textContent: match[0] }));
      end = match.index + match[0].length;
    }
    piece.append(words.slice(end));
    return piece;
  };

  const root = document.documentElement.dataset.content_root ?? "./";

  const entry = ({ page, id, part }, query) => {
    const [, , heading, text] = parts[part];
    const [address, chapter] = pages[page];
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = `${root}${address}?find=${encodeURIComponent(query)}#${id}`;
    link.append(marked(heading, query));
    item.append(link);
    if (heading !== chapter) {
      const where = document.createElement("span");
      where.className = "search-place";
      where.textContent = chapter;
      item.append(" ", where);
    }
    const line = document.createElement("p");
    line.append(marked(context(heading, text, query), query));
    item.append(line);
    return item;
  };

  const form = document.querySelector("form.search-page");
  const field = form.elements.q;
  const said = document.getElementById("search-said");
  const list = document.getElementById("search-results");

  const show = () => {
    const query = field.value.trim();
    const found = query ? results(query) : [];
    list.replaceChildren(...found.slice(0, SHOWN).map((place) => entry(place, query)));
    if (!query) said.textContent = "";
    else if (!found.length) said.textContent = `Nothing in the book matches “${query}”.`;
    else if (found.length > SHOWN) said.textContent = `The first ${SHOWN} of ${found.length} places`;
    else said.textContent = found.length === 1 ? "One place" : `${found.length} places`;
  };

  const write = () => {
    const address = new URL(location.href);
    address.searchParams.set("q", field.value.trim());
    history.replaceState(null, "", address);
  };

  let rest;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    show();
    write();
  });
  field.addEventListener("input", () => {
    clearTimeout(rest);
    rest = setTimeout(() => {
      show();
      write();
    }, 300);
  });
  field.value = new URLSearchParams(location.search).get("q") ?? "";
  show();
  if (!field.value) field.focus();
})();
