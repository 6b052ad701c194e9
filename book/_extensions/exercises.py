"""Exercises that say how hard, how long and of what kind they are, and a page that lists them."""

from types import MappingProxyType

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective
from sphinx_exercise.directive import ExerciseDirective

KINDS = (
    "by hand",
    "proof",
    "program",
    "predict or sketch",
    "argue",
    "true, false or uncertain",
    "policy",
    "find the error",
)


def level(text):
    """Read a level."""
    return int(directives.choice(text, ("1", "2", "3")))


def kinds(text):
    """Read kinds, separated by semicolons."""
    found = tuple(part.strip() for part in text.split(";"))
    for one in found:
        if one not in KINDS:
            raise ValueError(f"{one!r} is none of: {'; '.join(KINDS)}")
    return found


def facts(options):
    """Say level, minutes and kinds in a line."""
    marks = "\N{BLACK CIRCLE}" * options["level"] + "\N{WHITE CIRCLE}" * (3 - options["level"])
    return f"Level {options['level']} {marks} · {options['minutes']} minutes", "; ".join(
        options["kind"]
    )


class Exercise(ExerciseDirective):
    """The exercise of sphinx-exercise, with level (1 to 3), minutes and kind."""

    option_spec = MappingProxyType(
        {
            **ExerciseDirective.option_spec,
            "level": level,
            "minutes": directives.positive_int,
            "kind": kinds,
        }
    )

    def run(self):
        """Write the line under the title, and note the exercise for the list."""
        found = super().run()
        if not found:
            return found
        titled = [part.deepcopy() for part in found[0][0][-1].children]
        label = self.options.get("label", "")
        if label and self.arguments:
            # "Exercise I.C.1 ..." instead of "Exercise (I.C.1 ...)", here and over the solution.
            for node in (found[0], self.env.sphinx_exercise_registry[label]["node"]):
                title = node[0]
                if all(isinstance(part, nodes.Text) for part in title[-1]):
                    words = f"{title[0].astext()} {title[-1].astext()}"
                    title.clear()
                    title += nodes.Text(words)
        given = {"level", "minutes", "kind"} & set(self.options)
        entry = {
            "label": label,
            "title": titled,
            **{name: self.options.get(name) for name in ("level", "minutes", "kind")},
        }
        self.env.book_exercises.setdefault(self.env.docname, []).append(entry)
        if len(given) == 3:
            line = nodes.paragraph("", " · ".join(facts(self.options)), classes=["exercise-facts"])
            found[0][1].insert(0, line)
        elif given:
            raise self.error("an exercise has level, minutes and kind, or none of them")
        return found


class listing(nodes.General, nodes.Element):
    """Where the list goes once all chapters are read."""


class ExerciseList(SphinxDirective):
    """List the exercises of all chapters."""

    def run(self):
        """Hold the place."""
        self.env.book_exercise_lists.add(self.env.docname)
        return [listing()]


def begin(app):
    """Start with no exercises, or with those of the last build."""
    if not hasattr(app.env, "book_exercises"):
        app.env.book_exercises = {}
        app.env.book_exercise_lists = set()


def purge(app, env, name):
    """Forget a chapter that is read again."""
    env.book_exercises.pop(name, None)
    env.book_exercise_lists.discard(name)


def renew(app, env):
    """Have the lists written again."""
    return sorted(env.book_exercise_lists)


def in_order(env, name):
    """Walk the book in the order of its contents."""
    yield name
    for part in env.toctree_includes.get(name, ()):
        yield from in_order(env, part)


def select(name, label, options):
    """Write one filter."""
    texts = "".join(f'<option value="{value}">{text}</option>' for value, text in options)
    first = '<option value="">all</option>'
    return f'<label>{label} <select name="{name}">{first}{texts}</select></label>'


def fill(app, doctree, name):
    """Write the list where it goes."""
    for place in list(doctree.findall(listing)):
        filters = (
            select("kind", "Kind", [(kind, kind) for kind in KINDS])
            + select("level", "Level", [(n, n) for n in (1, 2, 3)])
            + select("minutes", "At most", [(n, f"{n} minutes") for n in (5, 10, 15, 20, 30)])
        )
        form = f'<form class="exercise-filter" hidden>{filters}<output></output></form>'
        result = [nodes.raw("", form, format="html")]
        for chapter in in_order(app.env, app.config.root_doc):
            entries = app.env.book_exercises.get(chapter)
            if not entries:
                continue
            heading = nodes.paragraph(
                "", "", nodes.strong("", app.env.titles[chapter].astext()), classes=["chapter"]
            )
            items = nodes.bullet_list()
            for entry in entries:
                uri = app.builder.get_relative_uri(name, chapter)
                line = nodes.paragraph("", "")
                line += nodes.reference(
                    "",
                    "",
                    nodes.inline("", "", *(part.deepcopy() for part in entry["title"])),
                    refuri=f"{uri}#{entry['label']}",
                    internal=True,
                )
                item = exercise_item("", line)
                if entry["level"]:
                    line += nodes.Text(" ")
                    line += nodes.inline("", ", ".join(facts(entry)), classes=["exercise-facts"])
                    item["data"] = {
                        "level": entry["level"],
                        "minutes": entry["minutes"],
                        "kind": ";".join(entry["kind"]),
                    }
                items += item
            result.append(nodes.container("", heading, items, classes=["exercise-chapter"]))
        place.replace_self(result)


class exercise_item(nodes.list_item):
    """An entry of the list, with what the filters ask for."""


def visit_item(self, node):
    """Open the entry."""
    data = {f"data-{key}": str(value) for key, value in node.get("data", {}).items()}
    self.body.append(self.starttag(node, "li", "", **data))


def depart_item(self, node):
    """Close it."""
    self.body.append("</li>\n")


def setup(app):
    """Register the directives in place of sphinx-exercise's own."""
    app.setup_extension("sphinx_exercise")
    app.add_css_file("exercises.css")
    app.add_js_file("exercises.js")
    app.add_directive("exercise", Exercise, override=True)
    app.add_directive("exercise-list", ExerciseList)
    app.add_node(listing)
    app.add_node(exercise_item, html=(visit_item, depart_item))
    app.connect("builder-inited", begin)
    app.connect("env-purge-doc", purge)
    app.connect("env-updated", renew)
    app.connect("doctree-resolved", fill)
    # The exercises of one process would not reach another.
    return {"parallel_read_safe": False, "parallel_write_safe": True}
