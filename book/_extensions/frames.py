"""Figures that a reader moves: their frames leave the page, and links in the text set them."""

import hashlib
import html
import json
import re
import shutil
from pathlib import Path
from urllib.parse import parse_qsl

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.transforms import SphinxTransform

# What lib/explore.py wrote into the cell's output, which the cache of executed cells keeps.
FIGURE = re.compile(r'<figure class="explorer" id="explorer-([^"]+)"')
FRAMES = re.compile(
    FIGURE.pattern + r'(.*?)(?:<script type="application/octet-stream">([^<]*)</script>|</figure>)',
    re.DOTALL,
)
CONTROL = re.compile(r'data-control="([^"]*)" data-keys="([^"]*)"')


class Settings(SphinxTransform):
    """Take links such as [set g = .9](#figure-1.g=0.9) before MyST looks for a heading."""

    default_priority = 870  # myst_parser.mdit_to_docutils.transforms.ResolveAnchorIds has 879

    def apply(self, **kwargs):
        """Mark each link whose target sets a control."""
        for link in self.document.findall(nodes.reference):
            if link.get("id_link") and "=" in link["refuri"]:
                del link["id_link"]
                link["classes"].append("explorer-set")
                link["internal"] = True


def move_out(app, doctree, name):
    """Write the frames of a page's figures beside it, and demand that links set what is there."""
    if app.builder.format != "html":
        return
    folder = Path(app.outdir) / "_static/frames" / name
    up = "../" * name.count("/")
    figures, files, settings = [], set(), {}

    def moved(found):
        figure, rest, data = found.groups()
        if data is None:  # it stands still
            return found[0]
        mark = hashlib.sha256(data.encode()).hexdigest()[:10]
        file = folder / f"{figure}-{mark}.js"
        files.add(file)
        if not file.exists():
            folder.mkdir(parents=True, exist_ok=True)
            file.write_text(f'document.currentScript.frames="{data}"', encoding="utf-8")
        source = f"{up}_static/frames/{name}/{file.name}"
        opening = f'<figure class="explorer" id="explorer-{figure}"'
        return f'{opening} data-frames="{source}"{rest}'

    for raw in doctree.findall(nodes.raw):
        text = raw.astext()
        if 'class="explorer"' not in text:
            continue
        figures += FIGURE.findall(text)
        settings |= {
            control: json.loads(html.unescape(keys)) for control, keys in CONTROL.findall(text)
        }
        text = FRAMES.sub(moved, text)
        raw.children = [nodes.Text(text)]
        raw.rawsource = text
    if len(set(figures)) < len(figures):
        raise ExtensionError(f"{name} has two figures of one name among {figures}")
    for old in set(folder.glob("*.js")) - files:
        old.unlink()
    for link in doctree.findall(nodes.reference):
        if "explorer-set" in link["classes"]:
            for control, key in parse_qsl(link["refuri"][1:], strict_parsing=True):
                if key not in settings.get(control, ()):
                    known = settings.get(control) or sorted(settings)
                    raise ExtensionError(f"{name}: {link['refuri']} is none of {known}")


def finish(app, failure):
    """Leave no frames of pages that are gone."""
    if failure or app.builder.format != "html":
        return
    frames = Path(app.outdir) / "_static/frames"
    kept = {frames / name for name in app.env.found_docs}
    for folder in {file.parent for file in frames.rglob("*.js")} - kept:
        shutil.rmtree(folder)


def setup(app):
    """Connect the above to Sphinx's events."""
    app.add_css_file("explore.css")
    app.add_js_file("explore.js")
    app.add_transform(Settings)
    # After the student edition has left the solutions out.
    app.connect("doctree-resolved", move_out, priority=600)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
