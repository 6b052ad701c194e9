"""The page around the text: our own templates, one style sheet, one script.

The themes of Jupyter Book load Bootstrap, an icon font and 400 kB of style sheets, of which these
pages need a few per cent, and their scripts stand before the text. The templates in _templates/
keep what a reader uses: chapters, contents of the page, search, downloads, light and dark.
"""

import re
from pathlib import Path

import rcssmin
import rjsmin
from docutils import nodes
from markupsafe import Markup
from pygments.styles import get_style_by_name
from pygments.token import STANDARD_TYPES
from sphinx.errors import ExtensionError

ASSETS = Path(__file__).parents[1] / "_assets"
# What the book uses of Sphinx and its extensions; all other files that they register are left out.
SCRIPTS = [
    "documentation_options.js",
    "doctools.js",
    "clipboard.min.js",
    "copybutton.js",
]
STYLES = ["copybutton.css"]
# Extensions that Jupyter Book always loads, and that would add to each page what it does not need.
UNUSED = ("sphinx_book_theme", "sphinx_thebe", "sphinx_togglebutton", "sphinx_design")
CODE_COLOURS = ("a11y-high-contrast-light", "a11y-high-contrast-dark")
ICONS = {
    "download": "M12 4v11m-5-5 5 5 5-5M5 20h14",
    "list": "M9 6h11M9 12h11M9 18h11M4 6h.01M4 12h.01M4 18h.01",
    "menu": "M4 6h16M4 12h16M4 18h16",
    "search": "M10.5 17a6.5 6.5 0 1 1 0-13 6.5 6.5 0 0 1 0 13zM15.5 15.5 20 20",
}


class Box(nodes.General, nodes.Element):
    """A box that opens without a script, by a search within the page too."""


class BoxTitle(nodes.General, nodes.TextElement):
    """What a closed box shows."""


def configure(app, config):
    """Put our templates in the place of the theme, and take out what it would have added."""
    config.html_theme = "basic"
    config.html_context["source"] = config.html_theme_options.pop("repository_url")
    config.html_context["branch"] = config.html_theme_options.pop("repository_branch")
    config.html_theme_options = {}
    config.html_sidebars = {}
    # A chapter is downloaded with all that it needs, never as a bare notebook.
    config.html_copy_source = False
    for event in app.events.listeners.values():
        event[:] = [one for one in event if not one.handler.__module__.startswith(UNUSED)]


def icon(name):
    """Draw one of the few icons; its words stand beside it."""
    return Markup(
        f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="{ICONS[name]}"/></svg>'
    )


def boxes(app, doctree, docname):
    """Turn what is folded into details elements, with one button for all solutions of a page."""
    solutions = []
    for old in list(doctree.findall(nodes.Admonition)):
        if "dropdown" not in old["classes"]:
            continue
        kind = [name for name in old["classes"] if name != "dropdown"]
        new = Box("", ids=old["ids"], classes=["admonition", *kind])
        title, *rest = old.children
        # What opens a box is a button: a link within it could not be told from it.
        for link in list(title.findall(nodes.reference)):
            link.replace_self(link.children)
        new += BoxTitle("", "", *title.children)
        new += rest
        old.replace_self(new)
        if "solution" in kind:
            solutions.append(new)
    if solutions:
        section = solutions[0]
        while not isinstance(section, nodes.section):
            section = section.parent
        button = '<p class="solutions-switch"><button type="button" data-solutions hidden></button>'
        section.insert(1, nodes.raw("", f"{button}</p>", format="html"))


def _contents(toc):
    """Leave out the page's own title from its table of contents."""
    inner = re.search(r"</a>\s*(<ul>.*</ul>)\s*</li>\s*</ul>\s*$", toc, re.DOTALL)
    return Markup(inner[1]) if inner else ""


def _boxed(table):
    """Give a table a box to scroll in; names of the library break after a dot or an underscore."""
    names = re.compile(r'(?<=<span class="pre">)[^<]+')
    inner = names.sub(lambda name: re.sub(r"(?<=[._])(?=\w)", "<wbr>", name[0]), table[0])
    return f'<div class="table-box">{inner}</div>'


def page(app, name, template, context, doctree):
    """Give the templates what they show."""
    context["icon"] = icon
    context["author"] = app.config.author
    context["binder"] = ""
    path = str(app.env.doc2path(name, False)) if name in app.env.all_docs else ""
    place = re.fullmatch(r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git|/)?", context["source"])
    if place and path.endswith(".ipynb"):
        start = f"{place[1]}/{context['branch']}?urlpath=lab/tree/{path}"
        context["binder"] = f"https://mybinder.org/v2/gh/{start}"
    # The switch that hides code stands only where there is some.
    context["has_code"] = "cell_input" in context.get("body", "")
    context["page_contents"] = _contents(context.get("toc", ""))
    context.setdefault("downloads", [])
    # They are in page.js.
    context["script_files"] = []
    context["metatags"] = re.sub(r'<meta name="viewport"[^>]*>', "", context.get("metatags", ""))
    context["body"] = re.sub(
        r"<table\b.*?</table>", _boxed, context.get("body", ""), flags=re.DOTALL
    )


def _code_colours():
    """Write the style sheet of highlighted code for both themes at once."""
    light, dark = ({t: dict(s) for t, s in get_style_by_name(one)} for one in CODE_COLOURS)
    ink = [
        next(s["color"] for t, s in style.items() if not t) or "inherit" for style in (light, dark)
    ]
    for token, name in STANDARD_TYPES.items():
        pair = [style.get(token, {}).get("color") for style in (light, dark)]
        if name and any(pair):
            colours = [
                f"#{colour}" if colour else own for colour, own in zip(pair, ink, strict=True)
            ]
            yield f".highlight .{name}{{color:light-dark({','.join(colours)})}}"


def _read(static, name):
    """Find a file that a module of the book or of Sphinx has registered."""
    for folder in (ASSETS, static):
        if (folder / name).is_file():
            return (folder / name).read_text(encoding="utf-8")
    raise ExtensionError(f"{name} is in neither {ASSETS} nor {static}")


def _registered(files):
    """List our own files in the order of their priority."""
    named = [(int(options.get("priority", 500)), name) for name, options in files if name]
    names = dict.fromkeys(name for _, name in sorted(named, key=lambda one: one[0]))
    return [name for name in names if (ASSETS / name).is_file()]


def join(app, failure):
    """Join and shorten the style sheets and the scripts that the book's modules have registered."""
    if failure or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    styles = [*STYLES, "theme.css", *_registered(app.registry.css_files)]
    text = "\n".join([*(_read(static, name) for name in styles), *_code_colours()])
    (static / "page.css").write_text(rcssmin.cssmin(text), encoding="utf-8")
    scripts = [*SCRIPTS, *_registered(app.registry.js_files)]
    text = ";\n".join(_read(static, name) for name in scripts)
    (static / "page.js").write_text(rjsmin.jsmin(text), encoding="utf-8")
    (static / "theme.js").write_text(rjsmin.jsmin(_read(static, "theme.js")), encoding="utf-8")


def setup(app):
    """Connect the above to Sphinx's events."""
    app.add_node(Box, html=(visit_box, depart_box))
    app.add_node(BoxTitle, html=(visit_title, depart_title))
    app.add_js_file("chrome.js")
    app.connect("config-inited", configure, priority=950)
    app.connect("doctree-resolved", boxes, priority=900)
    app.connect("html-page-context", page, priority=950)
    app.connect("build-finished", join, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def visit_box(writer, node):
    """Begin a box."""
    writer.body.append(writer.starttag(node, "details"))


def depart_box(writer, node):
    """End it."""
    writer.body.append("</details>\n")


def visit_title(writer, node):
    """Begin what a closed box shows."""
    writer.body.append('<summary class="admonition-title">')


def depart_title(writer, node):
    """End it."""
    writer.body.append("</summary>\n")
