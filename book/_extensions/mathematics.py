r"""Formulas are typeset while the book is built: MathML, with one font that has what they use.

A formula wider than a narrow phone is cut into parts between which a line may break: after wide
spaces and before relations, and where that is not enough before signs and brackets. A formula that
cannot be read stops the build.
"""

import re
from html import escape, unescape
from importlib.metadata import files
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

from docutils import nodes
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from math_core import LatexError, LatexToMathML
from sphinx.errors import ExtensionError
from sphinx.util.math import get_node_equation_number

ROOM = 12  # em: what a line after the first holds on a phone of 320 pixels, beside a number
FONT = "STIXTwoMath-Regular.ttf"  # from the package ziamath
CONVERTER = LatexToMathML(fancy_error=False)
# Numbers come from labels, so these differ from the environments that bring none by nothing.
ENVIRONMENTS = {"align": "aligned", "gather": "gathered", "split": "aligned"}
RELATIONS = set("=<>≤≥≈≠≡∼∝→←⇒⇔⟹⟸⟺∈⊂⊆≪≫:")
SIGNS = set("+−±∓×⋅·")
OPENING, CLOSING = set("([{⟨⌊⌈"), set(")]}⟩⌋⌉")
SCRIPTS = {"msub", "msup", "msubsup", "munder", "mover", "munderover"}
# The lines that stretch, instead of the one that is combined with a letter.
LINES = {"munder": "_", "mover": "\N{OVERLINE}"}
PRIMES = {0x2032: "minute", 0x2033: "second"}
# Inline styles would need an exception in a strict content security policy.
CLASSES = {
    "text-align: right;justify-items: end;padding-right: 0;": "m-right",
    "text-align: left;justify-items: start;padding-left: 0;": "m-left",
    "text-align: left;justify-items: start;padding-right: 0;": "m-case",
    "text-align: left;justify-items: start;padding-right: 0;padding-left:1em;": "m-condition",
    "text-align: right;justify-items: end;": "m-end",
    "text-align: left;justify-items: start;": "m-start",
    "margin-left:-0.16666667em;": "m-back",
    "padding-right:0.1667em;": "m-after",
}


def plain(tex):
    """Write TeX as the converter knows it: bare rows as aligned, formulas apart from words."""
    for name, known in ENVIRONMENTS.items():
        tex = re.sub(rf"\\(begin|end)\{{{name}\*?\}}", rf"\\\1{{{known}}}", tex)
    tex = re.sub(r"\\(begin|end)\{equation\*?\}", "", tex)
    tex = re.sub(r"(\\\\)\s*\[[-.\d]+\s*[a-z]{2}\]", r"\1", tex)
    # SymPy stacks conditions even where there is one only.
    tex = tex.replace(r"\substack{", "{")
    # Mathematics within words: \text{if $x > 0$} is \text{if }x > 0\text{}.
    tex = re.sub(
        r"\\text\{[^{}]*\}",
        lambda found: re.sub(r"\$([^$]*)\$", r"}\1\\text{", found[0]),
        tex,
    )
    outside = re.sub(r"\\begin\{(\w+)\}.*?\\end\{\1\}", "", tex, flags=re.DOTALL)
    return rf"\begin{{aligned}}{tex}\end{{aligned}}" if r"\\" in outside else tex


def convert(tex, display=False):
    """Convert TeX to a tree of MathML elements; raise LatexError where that is impossible."""
    text = CONVERTER.convert_with_local_state(plain(tex), displaystyle=display)
    named = r"&(?!(?:amp|lt|gt|quot|apos);)\w+;"
    math = ET.fromstring(re.sub(named, lambda found: unescape(found[0]), text))
    if display:
        math.attrib = {"displaystyle": "true"}
    if len(math) == 1 and math[0].get("displaystyle") and math[0].tag == "mrow":
        math[:], math.attrib = math[0][:], {"displaystyle": "true"}
    for element in list(math.iter()):
        _mend(element)
    return math


def _mend(element):
    """Say in full what some browsers do not find out by themselves."""
    if element.get("style") in CLASSES:
        element.set("class", CLASSES[element.attrib.pop("style")])
    if element.get("class") == "m-left" and len(element):
        _infix(element[0])
    # Brackets of a set size get it in a row only: not under an exponent, nor right in a cell.
    if element.tag == "mtd":
        element[:] = [_row(element)]
    if element.tag in SCRIPTS and element[0].get("minsize"):
        element[0] = _row([element[0]])
    if element.tag in SCRIPTS:
        for script in element[1:]:
            if script.text == "\N{COMBINING LOW LINE}":
                script.text = LINES[element.tag]
            if script.tag == "mo":
                script.attrib = {"lspace": "0", "rspace": "0"} | script.attrib


def _row(elements):
    row = ET.Element("mrow")
    row.extend(list(elements))
    return row


def _infix(element):
    """Have a sign that follows what stands elsewhere keep its distance from it."""
    if element.tag == "mo" and element.text in SIGNS and element.get("lspace") != "0":
        element.set("form", "infix")


def width(element):
    """Estimate how wide an element is, in em; too much rather than too little."""
    inner = [width(one) for one in element]
    text = element.text or ""
    match element.tag:
        case "mspace":
            return float(element.get("width", "0").removesuffix("em"))
        case "mo" if text in RELATIONS:
            return 1.3
        case "mo" if text in SIGNS:
            return 0.7 if element.get("lspace") == "0" else 1.15
        case "mo" | "mi" | "mn" | "mtext":
            return sum(0.65 if letter.isupper() or letter in "∑∏∫" else 0.5 for letter in text)
        case "msub" | "msup":
            return inner[0] + 0.7 * inner[1]
        case "msubsup":
            return inner[0] + 0.7 * max(inner[1:])
        case "munder" | "mover" | "munderover":
            return max(inner[0], *(0.7 * one for one in inner[1:]))
        case "mfrac":
            return max(inner) + 0.2
        case "mtable":
            rows = [[width(cell) for cell in row] for row in element]
            columns = [[row[k] for row in rows if k < len(row)] for k in range(max(map(len, rows)))]
            return sum(map(max, columns)) + 0.4 * (len(columns) - 1)
    return sum(inner)


def breaks(row):
    """Tell for each element of a row how badly a line breaks before it: 0 well, None never."""
    depth = bars = 0
    costs = [None]
    for before, element in pairwise([None, *row]):
        core = element
        while core.tag in SCRIPTS or (core.tag == "mrow" and len(core) == 1):
            core = core[0]
        sign = core.text if core.tag == "mo" else None
        if before is not None:
            cost = None
            follows = before.tag != "mo" or before.text in CLOSING
            if before.tag == "mspace" and width(before) >= 1:
                cost = 0
            elif sign in RELATIONS:
                cost = 1
            elif sign in SIGNS and element.get("lspace") != "0":
                cost = 2
            elif sign in OPENING and element.get("minsize") and follows:
                cost = 3
            costs.append(None if cost is None else cost + 4 * (depth + bars))
        depth += (sign in OPENING) - (sign in CLOSING)
        if sign in {"|", "∣", "‖"}:
            bars = 1 - bars
    return costs


def parts(row):
    """Cut a row where lines may break, no more than a narrow screen demands."""
    costs = breaks(row)
    found = [range(len(row))]
    for limit in sorted({cost for cost in costs if cost is not None}):
        cut = []
        for part in found:
            cut.append([])
            wide = sum(width(row[at]) for at in part) > ROOM
            for at in part:
                if wide and cut[-1] and costs[at] is not None and costs[at] <= limit:
                    cut.append([])
                cut[-1].append(at)
        found = cut
    for part in found[1:]:
        _infix(row[part[0]])
    return [[row[at] for at in part] for part in found]


def flat(element):
    """List the elements of a row, without those that only group."""
    for one in element:
        fenced = any(sign.tag == "mo" and sign.get("stretchy") != "false" for sign in one)
        if one.tag == "mrow" and (one.get("displaystyle") or not fenced) and width(one) > ROOM:
            yield from flat(one)
        else:
            yield one


def markup(row, attributes, tex=None):
    """Write a row of elements as one formula, with its TeX if that is given."""
    math = ET.Element("math", attributes)
    inner = math if tex is None else ET.SubElement(math, "semantics")
    ET.SubElement(inner, "mrow").extend(row)
    if tex is not None:
        ET.SubElement(inner, "annotation", encoding="application/x-tex").text = tex
    return ET.tostring(math, encoding="unicode")


def lines(row, attributes):
    """Write a row of elements with places where a line may break."""
    return "<wbr>".join(markup(part, attributes) for part in parts(list(flat(row))) if part)


def render(tex, display=False):
    """Write TeX as HTML: one formula with its TeX beside it, or parts between which lines break."""
    math = convert(tex, display)
    tag = "div" if display else "span"
    head = f'{tag} class="formula" data-tex="{escape(tex)}"'
    if len(math) == 1 and math[0].tag == "mtable" and width(math) > ROOM:
        rows = [
            [
                f'<span class="m-cell {cell.get("class")}">{lines(cell[0], math.attrib)}</span>'
                for cell in row
            ]
            for row in math[0]
        ]
        rows = "".join(f'<span class="m-row">{"".join(row)}</span>' for row in rows)
        return f'<{head}><span class="m-rows">{rows}</span></{tag}>'
    if width(math) > ROOM and len(parts(list(flat(math)))) > 1:
        return f"<{head}>{lines(math, math.attrib)}</{tag}>"
    return markup(list(math), {"display": "block"} if display else math.attrib, tex)


def _written(translator, node, display):
    try:
        return render(node.astext(), display)
    except LatexError as error:
        page = translator.builder.current_docname
        raise ExtensionError(f"{page}, line {node.line}: {node.astext()!r}: {error}") from error


def inline(translator, node):
    """Write a formula in a line of text."""
    translator.body.append(_written(translator, node, display=False))
    raise nodes.SkipNode


def block(translator, node):
    """Write a formula on a line of its own, with its number if it has one."""
    body = translator.body
    body.append(translator.starttag(node, "div", CLASS="math notranslate nohighlight"))
    body.append(f'<div class="m-scroll">{_written(translator, node, display=True)}</div>')
    if node["number"]:
        body.append(f'<span class="eqno">({get_node_equation_number(translator, node)})')
        translator.add_permalink_ref(node, "Link to this equation")
        body.append("</span>")
    body.append("</div>\n")
    raise nodes.SkipNode


def unbroken(app, name, template, context, doctree):
    """Have no line begin with the comma after a formula, nor end with the bracket before it."""
    formula = r'(?:<span class="formula"(?:(?!</span>).)*</span>|<math\b(?:(?!</math>).)*</math>)'
    context["body"] = re.sub(
        rf"[(“‘]?{formula}[.,;:!?)’”]+s?|[(“‘]{formula}",
        lambda found: f'<span class="unbroken">{found[0]}</span>',
        context.get("body", ""),
        flags=re.DOTALL,
    )


def font(letters, target):
    """Write the font of formulas with no more letters than are used, in all their sizes."""
    options = Options(flavor="woff2", hinting=False, layout_features=["ssty", "dtls"])
    full = TTFont(next(one for one in files("ziamath") if one.name == FONT).locate())
    lacking = sorted(letters - set(map(chr, full.getBestCmap())))
    if lacking:
        raise ExtensionError(f"the font of formulas lacks {', '.join(map(ascii, lacking))}")
    # Primes are only ever exponents; few browsers take the larger ones that the font has for these.
    for table in full["cmap"].tables:
        table.cmap |= {at: f"{name}.ssty" for at, name in PRIMES.items() if at in table.cmap}
    subsetter = Subsetter(options)
    subsetter.populate(text="".join(letters))
    subsetter.subset(full)
    full.flavor = "woff2"
    full.save(target)


def finish(app, failure):
    """Make the font for the formulas of all pages."""
    if failure or app.builder.format != "html":
        return
    used = {"√"}  # the only sign that has an element of its own
    for page in Path(app.outdir).rglob("*.html"):
        for math in re.findall(r"<math\b.*?</math>", page.read_text(encoding="utf-8"), re.DOTALL):
            math = re.sub(r"<annotation.*?</annotation>", "", math, flags=re.DOTALL)
            used.update(unescape(re.sub("<[^>]*>", "", math)))
            used.update(map(italic, re.findall(r"<mi>([^<])</mi>", math)))
    font(used - {"\n"}, Path(app.outdir) / "_static/mathematics.woff2")


def italic(letter):
    """Give the letter that a browser draws for a variable of one letter."""
    first, last, greek = ord("a"), ord("z"), "αβγδεζηθικλμνξοπρςστυφχψω∂ϵϑϰϕϱϖ"
    if letter == "h":
        return "\N{PLANCK CONSTANT}"
    if first <= ord(letter) <= last:
        return chr(ord("\N{MATHEMATICAL ITALIC SMALL A}") + ord(letter) - first)
    if "A" <= letter <= "Z":
        return chr(ord("\N{MATHEMATICAL ITALIC CAPITAL A}") + ord(letter) - ord("A"))
    if letter in greek:
        return chr(ord("\N{MATHEMATICAL ITALIC SMALL ALPHA}") + greek.index(letter))
    if "Α" <= letter <= "Ω":
        return chr(ord("\N{MATHEMATICAL ITALIC CAPITAL ALPHA}") + ord(letter) - ord("Α"))
    return letter


def setup(app):
    """Make this the way in which Sphinx writes formulas."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    app.add_css_file("mathematics.css")
    app.add_js_file("mathematics.js")
    app.connect("html-page-context", unbroken)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
