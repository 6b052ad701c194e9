"""The page that lists what `lib` offers, made from the docstrings."""

import importlib
import inspect
import re

from docutils import nodes
from sphinx.util.docutils import SphinxDirective


def _public(module):
    """List a module's own public functions and classes in the order of its text."""
    own = [
        thing
        for name, thing in vars(module).items()
        if not name.startswith("_") and getattr(thing, "__module__", None) == module.__name__
    ]
    return sorted(own, key=lambda thing: inspect.getsourcelines(thing)[1])


def _flowing(words):
    """Join the lines of a docstring's paragraphs, for a page breaks them where it needs to."""
    lines, code, headed = [], False, False
    for line in words.splitlines():
        text = line.strip()
        code = text.startswith(">>>") or (code and bool(text))
        if set(text) == {"-"}:
            headed = True
            continue
        before = lines[-1] if lines else ""
        aligned = len(line) - len(text) == len(before) - len(before.lstrip())
        begins = re.match(r"[\w, ]+ : |[-*] |\d+\. |[A-Z]\w+$", text)
        apart = headed or code or begins or " : " in before
        if text and before.strip() and aligned and not apart:
            lines[-1] = f"{before} {text}"
        else:
            lines.append(line.rstrip())
        headed = False
    bold = re.compile(r"\*\*([A-Z][^*]*\.)\*\*")  # and not a power
    return bold.sub(r"\1", "\n".join(lines)).replace("`", "")


class Library(SphinxDirective):
    """List the modules that are named, one a line, each with its public functions."""

    has_content = True

    def run(self):
        """Make one section a module."""
        return [self.section(name.strip()) for name in self.content if name.strip()]

    def section(self, name):
        """Write a module: its first line, and each function with its docstring."""
        module = importlib.import_module(name)
        self.env.note_dependency(module.__file__)
        section = nodes.section(ids=[nodes.make_id(name)], names=[name])
        # A narrow page may break the name after a dot or an underscore.
        shown = name.replace(".", ".\u200b").replace("_", "_\u200b")
        section += nodes.title("", "", nodes.literal("", shown))
        section += nodes.paragraph("", inspect.getdoc(module).split("\n\n")[0].replace("\n", " "))
        for thing in _public(module):
            words = inspect.getdoc(thing)
            signature = inspect.signature(thing).replace(return_annotation=inspect.Signature.empty)
            call = f"{thing.__name__}{signature}"
            entry = nodes.container(classes=["library-entry"])
            entry += nodes.paragraph("", "", nodes.literal("", call))
            entry += nodes.paragraph("", words.split("\n\n")[0].replace("\n", " "))
            entry += nodes.raw("", "<details><summary>More</summary>", format="html")
            more = _flowing(words.partition("\n\n")[2])
            entry += nodes.literal_block(more, more, language="text")
            entry += nodes.raw("", "</details>", format="html")
            section += entry
        return section


def setup(app):
    """Register the directive."""
    app.add_directive("library", Library)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
