"""The written pages, read again: what search and previews show is what the pages show."""

from pathlib import Path

from lxml import html

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
# What a reader does not read.
SILENT = ("script", "style", "svg", "form", "button", "annotation", "annotation-xml", "template")


def articles(app):
    """Give each page's article, in the order of the book; pages are parsed once a build."""
    if not hasattr(app, "book_articles"):
        app.book_articles = {}
        for page in in_order(app.env, app.config.root_doc):
            path = Path(app.outdir, page + app.builder.out_suffix)
            tree = html.document_fromstring(path.read_bytes().decode("utf-8"))
            (article,) = tree.xpath("//article[contains(@class, 'bd-article')]")
            app.book_articles[page] = article
    return app.book_articles


def by_id(app, page):
    """Give the elements of a page's article by their ids."""
    if not hasattr(app, "book_ids"):
        app.book_ids = {
            name: {node.get("id"): node for node in article.xpath(".//*[@id]")}
            for name, article in articles(app).items()
        }
    return app.book_ids[page]


def led_to(app, page, address):
    """Find the page that a relative address on a page leads to, or None."""
    steps = [] if not address else app.builder.get_target_uri(page).split("/")[:-1]
    for step in (address or app.builder.get_target_uri(page)).split("/"):
        steps = steps[:-1] if step == ".." else [*steps, step]
    there = "/".join(steps)
    return next((name for name in articles(app) if app.builder.get_target_uri(name) == there), None)


def in_order(env, page):
    """Walk the book in the order of its contents."""
    yield page
    for part in env.toctree_includes.get(page, ()):
        yield from in_order(env, part)


def has_class(node, *names):
    """Tell whether an element has one of the classes."""
    return not set(names).isdisjoint(node.get("class", "").split())


def _row(nodes):
    return "".join(map(formula, nodes))


def _grouped(node):
    words = formula(node)
    return words if len(words) < 2 or words.isalnum() else f"({words})"


def formula(node):
    """Write MathML in a line of plain text."""
    parts = [child for child in node if isinstance(child.tag, str)]
    match node.tag:
        case "annotation" | "annotation-xml":
            return ""
        case "mfrac":
            return f"{_grouped(parts[0])}/{_grouped(parts[1])}"
        case "msqrt":
            return f"√({_row(parts)})"
        case "msub" | "munder":
            below = formula(parts[1])
            return formula(parts[0]) + (
                below.translate(SUBSCRIPTS) if below.isdigit() else f"_{below}"
            )
        case "msup" | "mover":
            above = formula(parts[1])
            if above in {"*", "∗", "′", "‾", "¯", "^", "ˆ", "⋆"}:
                return formula(parts[0]) + above.replace("∗", "*")
            return formula(parts[0]) + (
                above.translate(SUPERSCRIPTS) if above.isdigit() else f"^{_grouped(parts[1])}"
            )
        case "msubsup" | "munderover":
            below, above = formula(parts[1]), formula(parts[2])
            below = below.translate(SUBSCRIPTS) if below.isdigit() else f"_{below}"
            return formula(parts[0]) + below + (above if above in "*∗′" else f"^{above}")
        case "mtr":
            return " ".join(map(formula, parts)) + " "
        case "mspace":
            return " "
        case "mo" if (sign := "".join(node.itertext()).strip()) in "=<>≤≥≈→+−∈≠" and sign:
            return f" {sign} "
        case "mi" | "mn" | "mo" | "mtext" | "ms":
            return "".join(node.itertext())
        case _:
            return _row(parts)


def words(node, skip=lambda one: False):
    """Write what an element says, without what `skip` names, in plain text."""
    parts = []

    def walk(one):
        if not isinstance(one.tag, str) or one.tag in SILENT:
            return
        if one is not node and (skip(one) or has_class(one, "headerlink", "visually-hidden")):
            return
        if one.tag == "math":
            parts.append(formula(one))
            return
        block = one.tag not in {"a", "b", "code", "em", "i", "span", "strong", "sub", "sup"}
        parts.append(" " if block else "")
        parts.append(one.text or "")
        for child in one:
            walk(child)
            parts.append(child.tail or "")
        parts.append(" " if block else "")

    walk(node)
    return " ".join("".join(parts).split())
