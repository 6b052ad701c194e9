"""Check-yourself questions: what is right is computed where the question stands, never typed."""

import html
import math
import os
import textwrap
from dataclasses import dataclass

import numpy as np

from lib import domain

LETTERS = "abcdefgh"


def _text(words):
    """Take the indentation of a triple-quoted text away."""
    return textwrap.dedent(words).strip()


def _options(fields):
    return "".join(f":{name}: {value}\n" for name, value in fields.items())


def _directive(name, argument, body, fields=None, fence="```"):
    head = f"{fence}{{{name}}} {' '.join(argument.split())}".rstrip()
    return f"{head}\n{_options(fields or {})}\n{body}\n{fence}\n"


class _Question:
    """What both kinds of questions do to be displayed."""

    def _repr_mimebundle_(self, **kwargs):
        """Render for where the question is displayed: the book's build, or a notebook."""
        plain = {"text/plain": repr(self)}
        if os.environ.get("EXPLORE") == "html":
            return plain | {"text/markdown": self.directive()}
        return self._notebook(**kwargs) | plain


@dataclass(frozen=True, repr=False)
class Choice(_Question):
    """
    A question with one right answer among several.

    Attributes
    ----------
    question : str
        The question, in Markdown.
    answers : tuple of (str, bool, str)
        Each answer: its words, whether it is right, and why.
    """

    question: str
    answers: tuple

    def directive(self):
        """
        Write the question for the book's build.

        Returns
        -------
        str
            A MyST directive.
        """
        answers = "\n".join(
            _directive("answer", words, why, {"verdict": "right" if right else "wrong"}, "````")
            for words, right, why in self.answers
        )
        return _directive("question", "", f"{self.question}\n\n{answers}", fence="`````")

    def __repr__(self):
        """Give question and answers, the right one marked."""
        lines = [
            f"({letter}) {' '.join(words.split())}{' [right]' if right else ''}"
            for letter, (words, right, _) in zip(LETTERS, self.answers, strict=False)
        ]
        return "\n".join([self.question, *lines])

    def _notebook(self, **_):
        # Without a kernel, too: each answer opens to say whether it is right.
        folded = "\n".join(
            f"<details><summary>({letter}) {words}</summary>\n\n"
            f"**{'Right' if right else 'No'}.** {why}\n\n</details>\n"
            for letter, (words, right, why) in zip(LETTERS, self.answers, strict=False)
        )
        return {"text/markdown": f"{self.question}\n\n{folded}"}


@dataclass(frozen=True, repr=False)
class Number(_Question):
    """
    A question whose answer is a number.

    Attributes
    ----------
    question : str
        The question, in Markdown.
    value, tolerance : float
        What is right, and how far off an answer may be.
    why : str
        How to find it.
    unit : str
        What follows the number.
    mistakes : tuple of (float, str)
        Numbers that a known mistake leads to, and what the mistake was.
    """

    question: str
    value: float
    tolerance: float
    why: str
    unit: str = ""
    mistakes: tuple = ()

    def shown(self):
        """
        Write the right number in as many digits as the tolerance lets matter.

        Returns
        -------
        str
            The number with its unit.
        """
        digits = max(0, math.floor(1e-9 - math.log10(self.tolerance)))
        while not self._accepts(float(f"{self.value:.{digits}f}"), self.value):
            digits += 1
        number = f"{self.value:z,.{digits}f}".replace(",", "\N{NARROW NO-BREAK SPACE}")
        return number.replace("-", "\N{MINUS SIGN}") + self.unit

    def _accepts(self, given, value):
        # An answer at the end of the tolerance may miss it by rounding.
        return abs(given - value) <= self.tolerance * (1 + 1e-9)

    def directive(self):
        """
        Write the question for the book's build.

        Returns
        -------
        str
            A MyST directive.
        """
        right = {"verdict": "right", "value": self.value, "tolerance": self.tolerance}
        parts = [_directive("answer", self.shown(), self.why, right, "````")]
        for value, why in self.mistakes:
            wrong = {"verdict": "wrong", "value": value, "tolerance": self.tolerance}
            parts.append(_directive("answer", "", why, wrong, "````"))
        body = "\n".join([self.question, "", *parts])
        return _directive("question", "", body, {"unit": self.unit.strip() or "."}, "`````")

    def verdict(self, given):
        """
        Judge an answer.

        Parameters
        ----------
        given : float
            The answer.

        Returns
        -------
        str
            What to say to it.
        """
        if self._accepts(given, self.value):
            return f"Right: {self.shown()}. {self.why}"
        for value, why in self.mistakes:
            if self._accepts(given, value):
                return f"No. {why}"
        return "No. Try again, or show the answer."

    def __repr__(self):
        """Give question and answer."""
        return f"{self.question}\nAnswer: {self.shown()}"

    def _notebook(self, **kwargs):
        import ipywidgets

        asked = ipywidgets.HTMLMath(f"<p>{html.escape(self.question)}</p>")
        field = ipywidgets.FloatText(
            value=None, description=", ".join(filter(None, ["Answer", self.unit.strip()]))
        )
        check = ipywidgets.Button(description="Check")
        show = ipywidgets.Button(description="Show the answer")
        said = ipywidgets.HTMLMath()

        def _judge(_):
            said.value = f"<p>{html.escape(self.verdict(field.value))}</p>"

        def _show(_):
            said.value = f"<p>{html.escape(self.verdict(self.value))}</p>"

        check.on_click(_judge)
        show.on_click(_show)
        row = ipywidgets.HBox([field, check, show])
        return ipywidgets.VBox([asked, row, said])._repr_mimebundle_(**kwargs)


def choose(question, *answers):
    """
    Ask for the right one of several answers.

    Parameters
    ----------
    question : str
        The question, in Markdown with mathematics between dollars.
    *answers : tuple of (str, bool, str)
        Two to eight answers: its words, a computed truth value, and why it is right or wrong. The
        truth value comes from what the chapter computed (`gains[0] > gains[1]`), not from the
        author's memory.

    Returns
    -------
    Choice
        In the book each answer opens to its explanation; so it does in a notebook.

    Raises
    ------
    ValueError
        If not exactly one answer is right, or one lacks its words, its explanation or a truth
        value, or two have the same words.

    Examples
    --------
    >>> choose("Is 7 prime?", ("yes", 7 % 2 > 0, "It is."), ("no", 7 % 2 == 0, "2 does not fit."))
    Is 7 prime?
    (a) yes [right]
    (b) no
    """
    for words, right, _ in answers:
        if not isinstance(right, bool | np.bool_):
            raise ValueError(f"answers must each have a truth value, got {right!r} for {words!r}")
    answers = tuple((_text(words), bool(right), _text(why)) for words, right, why in answers)
    if not 2 <= len(answers) <= len(LETTERS):
        raise ValueError(f"answers must be two to eight, got {len(answers)}")
    for words, _, why in answers:
        if not words or not why:
            raise ValueError(f"answers must each have words and a reason, got {(words, why)!r}")
    if len({words for words, _, _ in answers}) < len(answers):
        raise ValueError(f"answers must differ in words, got {[one for one, _, _ in answers]!r}")
    right = [words for words, right, _ in answers if right]
    if len(right) != 1:
        raise ValueError(f"answers must have exactly one that is right, got {right!r}")
    return Choice(_text(question), answers)


def compute(question, value, tolerance, why, unit="", mistakes=()):
    """
    Ask for a number.

    Parameters
    ----------
    question : str
        The question, in Markdown with mathematics between dollars.
    value : float
        What is right, from the chapter's own computation; finite.
    tolerance : float
        How far off an answer may be and still count as right, positive.
    why : str
        How to find it.
    unit : str
        What follows the number, such as " workers" or "%".
    mistakes : sequence of (float, str)
        Numbers that a known mistake leads to, computed too, with what the mistake was.

    Returns
    -------
    Number
        In the book and in a notebook a field with a verdict; the answer can be shown without.

    Raises
    ------
    ValueError
        If a value is outside its domain, a text is empty, or a mistake could not be told from the
        right answer.

    Examples
    --------
    >>> compute("How much is 2 to the seventh?", 2**7, 0.5, "Double seven times.")
    How much is 2 to the seventh?
    Answer: 128
    """
    value = domain.number("value", value)
    tolerance = domain.number("tolerance", tolerance, 0)
    for name, text in (("question", question), ("why", why)):
        if not _text(text):
            raise ValueError(f"{name} must be a text that says something, got {text!r}")
    known = [value]
    mistakes = tuple((domain.number("mistakes", number), _text(why)) for number, why in mistakes)
    for number, _ in mistakes:
        if min(abs(number - other) for other in known) <= 2 * tolerance:
            raise ValueError(
                f"mistakes must lie more than two tolerances from other answers, got {number!r}"
            )
        known.append(number)
    return Number(_text(question), value, tolerance, _text(why), unit, mistakes)
