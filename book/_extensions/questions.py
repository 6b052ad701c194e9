"""Check-yourself questions in the page: native controls, an answer at once, nothing counted."""

from types import MappingProxyType

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

LETTERS = "abcdefgh"


class question(nodes.General, nodes.Element):
    """A question; its children are what is asked, then the answers."""


class answer(nodes.General, nodes.Element):
    """One answer: its words, then why it is right or wrong."""


class words(nodes.General, nodes.TextElement):
    """What an answer says."""


class Question(SphinxDirective):
    """A question with its answers; written by lib.ask."""

    has_content = True
    option_spec = MappingProxyType({"unit": directives.unchanged})

    def run(self):
        """Read what is asked and the answers."""
        node = question(unit=self.options.get("unit", ""))
        self.set_source_info(node)
        self.state.nested_parse(self.content, self.content_offset, node)
        return [node]


class Answer(SphinxDirective):
    """An answer; with a value it belongs to a question for a number."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec = MappingProxyType(
        {
            "verdict": lambda text: directives.choice(text, ("right", "wrong")),
            "value": float,
            "tolerance": float,
        }
    )

    def run(self):
        """Read the answer and its reason."""
        node = answer(**self.options)
        said, problems = self.state.inline_text(" ".join(self.arguments), self.lineno)
        node += words("", "", *said)
        reason = nodes.container(classes=["reason"])
        self.state.nested_parse(self.content, self.content_offset, reason)
        if node["verdict"] == "wrong":
            lead = "No"
        else:
            lead = said[0].astext() if "value" in node else "Right"
        reason[0].insert(0, nodes.strong("", f"{lead}. "))
        node += reason
        return [node, *problems]


def count(app, doctree):
    """Give a page's questions their numbers, and write their answers at its end for paper."""
    listed = nodes.enumerated_list(enumtype="arabic", prefix="", suffix=".")
    for place, one in enumerate(doctree.findall(question), 1):
        one["number"] = place
        item = nodes.list_item()
        for letter, given in enumerate(one.findall(answer)):
            given["number"], given["letter"] = place, LETTERS[letter]
            if given["verdict"] == "right":
                reason = [child.deepcopy() for child in given[1].children]
                if "value" not in given:
                    reason[0][0] = nodes.strong("", f"({given['letter']}) ")
                item += reason
        listed += item
    if listed.children:
        title = nodes.rubric("", "Answers to the questions")
        box = nodes.container("", title, listed, classes=["answers-on-paper"])
        next(doctree.findall(nodes.section)).append(box)


def visit_question(self, node):
    """Open the box; a question for a number gets its field before the answers."""
    self.body.append(
        f'<div class="question" id="question-{node["number"]}" role="group"'
        f' aria-label="Question {node["number"]}">\n'
        f'<p class="question-number" aria-hidden="true">{node["number"]}</p>\n'
    )


def depart_question(self, node):
    """Close the box."""
    self.body.append("</div>\n")


def visit_answer(self, node):
    """Open an answer."""
    if "value" not in node:
        mark = f"question-{node['number']}"
        self.body.append(f'<details class="answer {node["verdict"]}" name="{mark}">\n')
        return
    attributes = f'data-value="{node["value"]!r}" data-tolerance="{node["tolerance"]!r}"'
    if node["verdict"] == "wrong":
        self.body.append(f'<div class="answer wrong" {attributes} hidden>\n')
        return
    unit = node.parent["unit"].strip(".")
    field = f"answer-{node['number']}"
    self.body.append(
        f'<form class="answer-form" hidden><label for="{field}">Your answer</label> '
        f'<span class="answer-field"><input id="{field}" type="text" inputmode="decimal"'
        f' autocomplete="off" size="8"> {self.encode(unit)}</span> '
        '<button type="submit">Check</button></form>\n'
        '<div class="answer-said" role="status"></div>\n'
        f'<details class="answer right" {attributes}>\n'
    )


def depart_answer(self, node):
    """Close an answer."""
    wrong_number = "value" in node and node["verdict"] == "wrong"
    self.body.append("</div>\n" if wrong_number else "</details>\n")


def visit_words(self, node):
    """Open the line that a reader clicks."""
    if "value" in node.parent:
        if node.parent["verdict"] == "wrong":
            raise nodes.SkipNode
        self.body.append("<summary>Show the answer</summary>\n")
        raise nodes.SkipNode
    self.body.append(f"<summary>({node.parent['letter']}) ")


def depart_words(self, node):
    """Close it."""
    self.body.append("</summary>\n")


def setup(app):
    """Register directives and nodes."""
    app.add_css_file("questions.css")
    app.add_js_file("questions.js")
    app.add_directive("question", Question)
    app.add_directive("answer", Answer)
    app.add_node(question, html=(visit_question, depart_question))
    app.add_node(answer, html=(visit_answer, depart_answer))
    app.add_node(words, html=(visit_words, depart_words))
    app.connect("doctree-read", count)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
