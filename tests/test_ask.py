"""Questions: exactly one answer is right, judged by what was computed, in every rendering."""

import re

import ipywidgets
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.ask import choose, compute
from tests.gomory.strategies import property_test


@pytest.fixture
def prime():
    return choose(
        "Which is prime, $x$?",
        ("nine", 9 % 3 > 0, "Three divides it."),
        ("seven", 7 % 2 > 0 and 7 % 3 > 0, "Nothing divides it."),
    )


@pytest.fixture
def power():
    return compute(
        "How much is $2^{10}$?", 2**10, 0.5, "Double ten times.", " units", [(20, "That is 2·10.")]
    )


def test_exactly_one_answer_must_be_right():
    for verdicts in ((False, False), (True, True)):
        with pytest.raises(ValueError, match="exactly one that is right"):
            choose("?", *((str(n), verdict, "why") for n, verdict in enumerate(verdicts)))


@pytest.mark.parametrize("answers", [[], [("a", True, "b")], [("a", True, "b")] * 9])
def test_a_choice_has_two_to_eight_answers(answers):
    with pytest.raises(ValueError, match="two to eight"):
        choose("?", *answers)


@pytest.mark.parametrize("bad", [("", False, "why"), ("a", False, " ")])
def test_each_answer_has_words_and_a_reason(bad):
    with pytest.raises(ValueError, match="words and a reason"):
        choose("?", ("right", True, "why"), bad)


def test_the_text_that_is_compared_marks_the_right_answer(prime, power):
    assert repr(prime) == "Which is prime, $x$?\n(a) nine\n(b) seven [right]"
    assert repr(power) == "How much is $2^{10}$?\nAnswer: 1\u202f024 units"


def test_a_notebook_shows_each_answer_with_its_reason_and_needs_no_kernel(prime, monkeypatch):
    monkeypatch.delenv("EXPLORE", raising=False)
    bundle = prime._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/markdown"}
    folded = re.findall(
        r"<summary>(.*?)</summary>\s*(.*?)\s*</details>", bundle["text/markdown"], re.DOTALL
    )
    assert folded == [
        ("(a) nine", "**No.** Three divides it."),
        ("(b) seven", "**Right.** Nothing divides it."),
    ]


def test_a_notebook_judges_a_number(power, monkeypatch):
    monkeypatch.delenv("EXPLORE", raising=False)
    assert "application/vnd.jupyter.widget-view+json" in power._repr_mimebundle_()
    assert power.verdict(1024.4) == "Right: 1\u202f024 units. Double ten times."
    assert power.verdict(20.4) == "No. That is 2·10."
    # What is off by as much as may be is right.
    assert power.verdict(power.value + power.tolerance).startswith("Right")
    assert power.verdict(power.mistakes[0][0] - power.tolerance) == "No. That is 2·10."
    assert power.verdict(512).startswith("No. Try again")


def test_buttons_in_a_notebook_judge_the_field_and_show_the_answer(power, monkeypatch):
    monkeypatch.delenv("EXPLORE", raising=False)
    boxes = []

    class Kept(ipywidgets.VBox):
        def __init__(self, children):
            super().__init__(children)
            boxes.append(self)

    monkeypatch.setattr(ipywidgets, "VBox", Kept)
    power._repr_mimebundle_()
    _, (field, check, show), said = (getattr(one, "children", one) for one in boxes[0].children)
    field.value = 20.0
    check.click()
    assert said.value == "<p>No. That is 2·10.</p>"
    show.click()
    assert said.value == "<p>Right: 1\u202f024 units. Double ten times.</p>"


def test_the_book_gets_a_directive_with_all_answers(prime, power, monkeypatch):
    monkeypatch.setenv("EXPLORE", "html")
    written = prime._repr_mimebundle_()["text/markdown"]
    assert re.findall(r"\{answer\} (\w+)\n:verdict: (\w+)", written) == [
        ("nine", "wrong"),
        ("seven", "right"),
    ]
    written = power._repr_mimebundle_()["text/markdown"]
    assert re.findall(r":verdict: (\w+)\n:value: (.*)\n:tolerance: (.*)\n", written) == [
        ("right", "1024.0", "0.5"),
        ("wrong", "20.0", "0.5"),
    ]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"value": float("nan")}, "value"),
        ({"tolerance": 0}, "tolerance"),
        ({"mistakes": [(1.1, "near")]}, "more than two tolerances"),
        ({"mistakes": [(3, "a"), (3.1, "b")]}, "more than two tolerances"),
    ],
)
def test_numbers_outside_their_domain_are_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        compute(**{"question": "?", "value": 1, "tolerance": 0.1, "why": "so"} | changed)


@pytest.mark.parametrize(
    ("value", "tolerance", "shown"),
    [
        (12.25, 0.1, "12.2"),
        (-0.001, 0.01, "0.00"),
        (-2, 0.5, "\u22122"),
        (12345.6, 5, "12\u202f346"),
    ],
)
def test_the_answer_has_the_digits_that_matter(value, tolerance, shown):
    assert compute("?", value, tolerance, "so").shown() == shown


@property_test(300)
@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e3))
def test_the_number_shown_is_right(value, tolerance):
    asked = compute("How much?", value, tolerance, "So it is.")
    shown = asked.shown().replace("\N{NARROW NO-BREAK SPACE}", "").replace("\N{MINUS SIGN}", "-")
    assert asked.verdict(float(shown)).startswith("Right")


def test_an_answer_at_the_end_of_the_tolerance_is_right():
    assert compute("How much?", 0.3, 0.1, "So.").verdict(0.4).startswith("Right")


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ((("a", "False", "x"), ("b", False, "y")), "truth value"),
        ((("a", float("nan"), "x"), ("b", False, "y")), "truth value"),
        ((("a", True, "x"), ("a", False, "y")), "differ in words"),
    ],
)
def test_answers_that_are_no_choice_are_refused(answers, message):
    with pytest.raises(ValueError, match=f"^answers must .*{message}"):
        choose("Which?", *answers)


@pytest.mark.parametrize(("question", "why", "name"), [("", "so", "question"), ("?", " ", "why")])
def test_a_number_is_asked_for_in_words_and_explained(question, why, name):
    with pytest.raises(ValueError, match=f"^{name} must be a text that says something"):
        compute(question, 1, 0.1, why)
