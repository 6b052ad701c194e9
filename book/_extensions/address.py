"""
Where the book lives: `html.baseurl` and `repository.url` in `_config.yml`, empty while unknown.

Other extensions read `app.config.html_baseurl` (the pages' address with its last slash, or "") and
`app.config.html_context["source"]`; the templates write the canonical links and the link to Binder.
`python book/_extensions/address.py` carries both into CITATION.cff.
"""

import re
from pathlib import Path

import yaml
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[2]


class Address(SphinxDirective):
    """Say where the book lives, where that is known; an empty one says nothing."""

    def run(self):
        """Make one paragraph, and have it made again whenever the configuration changes."""
        self.env.note_dependency(str(ROOT / "_config.yml"))
        pages = self.config.html_baseurl
        source = self.config.html_context["source"]
        said = nodes.paragraph()
        for words, link in (("This book lives at ", pages), ("Its source is at ", source)):
            if link:
                said += nodes.Text(" " + words if len(said) else words)
                said += nodes.reference("", link, refuri=link)
                said += nodes.Text(".")
        return [said] if len(said) else []


def configured(folder=ROOT):
    """Read the addresses of the pages and of the source from the book's configuration."""
    settings = yaml.safe_load((folder / "_config.yml").read_text(encoding="utf-8"))
    return settings["html"]["baseurl"], settings["repository"]["url"]


def cited(text, pages, source):
    """Write the addresses into the text of CITATION.cff, in place of those that it has."""
    text = re.sub(r"^(url|repository-code): .*\n", "", text, flags=re.MULTILINE)
    lines = [f"url: {pages}\n"] * bool(pages) + [f"repository-code: {source}\n"] * bool(source)
    return text.replace("references:\n", "".join(lines) + "references:\n", 1)


def setup(app):
    """Register the directive."""
    app.add_directive("address", Address)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    citation = ROOT / "CITATION.cff"
    citation.write_text(
        cited(citation.read_text(encoding="utf-8"), *configured()), encoding="utf-8"
    )
