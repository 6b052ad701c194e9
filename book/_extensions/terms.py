"""Terms of the glossary are linked where a chapter first uses them; the general index is filled.

The index is derived from the text at each build: the sections that use a term of the glossary,
theorems, lemmas, results and figures by their labels, and equations by their numbers.
"""

import re
from functools import partial

from docutils import nodes
from sphinx import addnodes
from sphinx.util.nodes import make_refnode

import harvest

GLOSSARY = "book/reference/glossary"
# Words in these are left alone.
CLOSED = (
    nodes.title,
    nodes.literal,
    nodes.literal_block,
    nodes.math,
    nodes.math_block,
    nodes.raw,
    nodes.reference,
    nodes.term,
    addnodes.pending_xref,
    addnodes.compact_paragraph,
)
NUMBERED = re.compile(
    r"(krugman|gomory)-(?:\w+-)?(theorem|lemma|result|figure)-(\d+(?:-\d+)?[a-z]?)$"
)
PAPERS = {"krugman": "Krugman", "gomory": "Gomory"}


def pattern(terms):
    """Match any of the terms, in the singular or the plural, the longest first."""
    forms = [
        re.escape(term[:-1]) + "(?:y|ies)" if term.endswith("y") else re.escape(term) + "s?"
        for term in sorted(terms, key=len, reverse=True)
    ]
    words = "|".join(f"({form})" for form in forms)
    return re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE)


def found(matcher, terms, text):
    """Yield each place of a term in a text: begin, end, term."""
    if terms:
        by_length = sorted(terms, key=len, reverse=True)
        for match in matcher.finditer(text):
            yield match.start(), match.end(), by_length[match.lastindex - 1]


def glossary(env):
    """Give each term of the glossary with the place of its definition."""
    objects = env.get_domain("std").objects
    return {name: place for (kind, name), place in objects.items() if kind == "term"}


def open_text(tree):
    """Walk the text in which a term may stand."""
    for text in tree.findall(nodes.Text):
        node = text.parent
        while node is not None and not isinstance(node, CLOSED):
            node = node.parent
        if node is None:
            yield text


def _is_place(node):
    """Tell whether an entry may lead to a node: to a section or an exercise."""
    box = isinstance(node, nodes.Admonition) and "exercise" in node["classes"]
    # The text of an exercise is in a section whose name all exercises share.
    own = isinstance(node, nodes.section) and not isinstance(node.parent, nodes.Admonition)
    return bool((box or own) and node["ids"])


def _is_solution(node):
    return isinstance(node, nodes.Admonition) and "solution" in node["classes"]


def note_text(app, doctree):
    """Keep the words of each section, for the index."""
    env = app.env
    if not hasattr(env, "book_text"):
        env.book_text = {}
    sections = {}
    for text in open_text(doctree):
        node = text.parent
        while node is not None and not _is_place(node) and not _is_solution(node):
            node = node.parent
        # One edition has no solutions.
        if node is not None and not _is_solution(node):
            sections.setdefault(node["ids"][0], []).append(text.astext())
    env.book_text[env.docname] = {place: " ".join(parts) for place, parts in sections.items()}


def forget(app, env, name):
    """Forget a page that is read again or is gone."""
    getattr(env, "book_text", {}).pop(name, None)


def entries(env):
    """Derive the entries of the index: name, paper or None, page, place in it."""
    terms = glossary(env)
    matcher = pattern(terms)
    for page, sections in env.book_text.items():
        seen = set()  # an entry leads to the first place in a chapter
        if not page.startswith("book/reference/"):
            for place, text in sections.items():
                used = {term for _, _, term in found(matcher, terms, text)} - seen
                yield from ((term, None, page, place) for term in sorted(used))
                seen |= used
    for label, (page, place) in env.get_domain("std").anonlabels.items():
        if match := NUMBERED.match(label):
            yield f"{match[2].title()} {match[3].replace('-', '.')}", match[1], page, place
    for label, (page, number) in env.get_domain("math").equations.items():
        if re.search(r"\d", str(number)):
            yield f"({number})", label.split("-")[0], page, nodes.make_id(f"equation-{label}")


def fill_index(app, env):
    """Put the entries into the general index, in the place of the last build's."""
    index = env.get_domain("index").entries
    for page, entry in getattr(env, "book_index", []):
        if entry in index.get(page, []):
            index[page].remove(entry)
    env.book_index = []
    for name, paper, page, place in entries(env):
        # Sphinx would take what stands in brackets for a namesake's.
        words = f"equation {name[1:-1]}" if name.startswith("(") else name
        words += f", {PAPERS[paper]}" if paper else ""
        env.book_index.append((page, ("single", words, place, "", None)))
    for page, entry in env.book_index:
        index.setdefault(page, []).append(entry)
    return []


def link_terms(app, doctree, page):
    """Link each term where a chapter first uses it."""
    if page.startswith("book/reference/"):
        return
    terms = glossary(app.env)
    matcher = pattern(terms)
    seen = set()
    for text in list(open_text(doctree)):
        words = text.astext()
        parts, end = [], 0
        for begin, stop, term in found(matcher, terms, words):
            if term in seen:
                continue
            seen.add(term)
            parts.append(nodes.Text(words[end:begin]))
            place = terms[term]
            link = make_refnode(app.builder, page, *place, nodes.Text(words[begin:stop]))
            link["classes"].append("term")
            parts.append(link)
            end = stop
        if parts:
            text.parent.replace(text, [*parts, nodes.Text(words[end:])])


def page_context(app, name, template, context, doctree):
    """Let the index name the chapters of an entry, in their order, and count its numbers."""
    if name == "genindex":
        pages = list(harvest.in_order(app.env, app.config.root_doc))

        def places(links):
            found = []
            for _, address in links:
                page = address.split("#")[0].removesuffix(app.builder.out_suffix)
                found.append((pages.index(page), address, app.env.titles[page].astext()))
            return [where[1:] for where in sorted(found)]

        def number(entry):
            return [int(p) if p.isdigit() else p.lower() for p in re.split(r"(\d+)", entry[0])]

        context |= {"places": places, "by_number": partial(sorted, key=number)}


def setup(app):
    """Connect the above to Sphinx's events."""
    app.connect("doctree-read", note_text)
    app.connect("env-purge-doc", forget)
    app.connect("env-updated", fill_index)
    app.connect("doctree-resolved", link_terms)
    app.connect("html-page-context", page_context)
    # The words that one process notes would not reach another.
    return {"env_version": 1, "parallel_read_safe": False, "parallel_write_safe": True}
