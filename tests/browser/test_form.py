"""What a reader does with a chapter's form: hides code, answers questions, chooses exercises."""

import importlib.util
from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
_spec = importlib.util.spec_from_file_location("form", ROOT / "book/_extensions/form.py")
form = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(form)

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
VISIBLE_CODE = "article .cell_input pre:visible"


def test_the_first_screen_has_no_code_and_the_second_a_figure(chapter):
    for size in (DESK, PHONE):
        chapter.set_viewport_size(size)
        assert form.seen_code(chapter) == []
        assert form.screens(chapter) < 2
    chapter.set_viewport_size(DESK)


@pytest.mark.sample
def test_one_switch_hides_all_code_leaves_what_it_says_and_is_remembered(chapter):
    switch = chapter.get_by_role("button", name="Hide all code")
    outputs = chapter.locator("article .cell_output:visible").count()
    assert chapter.locator(VISIBLE_CODE).count() > 0
    expect(switch).to_be_visible()
    switch.focus()
    chapter.keyboard.press("Enter")
    for _ in range(2):
        expect(switch).to_have_attribute("aria-pressed", "true")  # scripts run after the text
        assert chapter.locator(VISIBLE_CODE).count() == 0
        assert chapter.locator("article details.folded:visible").count() == 0
        assert chapter.locator("article .cell_output:visible").count() == outputs
        chapter.wait_for_timeout(500)  # Chromium stores what it is told a moment later
        chapter.reload()  # the second time as a visitor who comes back
    chapter.emulate_media(media="print")
    assert chapter.locator(VISIBLE_CODE).count() == 0
    chapter.emulate_media(media="screen")
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "false")
    assert chapter.locator(VISIBLE_CODE).count() > 0


def test_each_answer_opens_by_keyboard_and_says_whether_it_is_right(chapter):
    for question in chapter.locator(".question").all():
        answers = question.locator("details.answer")
        assert answers.count() >= 1
        verdicts = []
        for answer in answers.all():
            summary = answer.locator("summary")
            summary.focus()
            chapter.keyboard.press("Enter")
            reason = answer.locator(".reason")
            assert reason.is_visible()
            right = "right" in answer.get_attribute("class").split()
            if question.locator("form").count() == 0:
                assert reason.inner_text().startswith("Right." if right else "No.")
            verdicts.append(right)
        assert verdicts.count(True) == 1


def test_a_number_is_judged_and_a_known_mistake_explained(chapter):
    for question in chapter.locator(".question:has(form)").all():
        field, said = question.get_by_label("Your answer"), question.locator(".answer-said")
        for answer in question.locator("[data-value]").all():
            field.fill(answer.get_attribute("data-value").replace(".", ","))
            field.press("Enter")
            right = "right" in answer.get_attribute("class").split()
            assert said.inner_text().startswith("Right: " if right else "No.")
            assert answer.locator(".reason").text_content().strip() in said.text_content()
        field.fill("1e9")
        field.press("Enter")
        assert said.inner_text() == "No. Try again, or show the answer."
        field.fill("many")
        field.press("Enter")
        assert said.inner_text().startswith("Write a number")


def test_paper_has_the_questions_and_the_answers_apart(chapter):
    assert not chapter.locator(".answers-on-paper").is_visible()
    chapter.locator("details.answer summary").first.click()
    chapter.emulate_media(media="print")
    assert chapter.locator(".answers-on-paper li").count() == chapter.locator(".question").count()
    assert chapter.locator(".answers-on-paper").is_visible()
    assert chapter.locator(".question .reason:visible").count() == 0
    assert chapter.locator(".question form:visible").count() == 0
    chapter.emulate_media(media="screen")


def test_without_scripts_answers_open_and_nothing_is_dead(bare):
    assert bare.locator(".question form:visible, .code-switch:visible").count() == 0
    for question in bare.locator(".question").all()[:1]:
        question.locator("summary").first.click()
        assert question.locator(".reason").first.is_visible()


def test_exercises_are_chosen_by_kind_level_and_time(visit):
    page = visit("book/reference/exercises.html")
    items = page.locator(".exercise-chapter li")
    everything = items.count()
    assert page.locator(".exercise-filter output").inner_text() == (
        f"{everything} of {everything} exercises"
    )
    page.get_by_label("Kind").select_option("find the error")
    page.get_by_label("At most").select_option("15")
    shown = page.locator(".exercise-chapter li:visible")
    assert 0 < shown.count() < everything
    for item in shown.all():
        assert "find the error" in item.get_attribute("data-kind").split(";")
        assert int(item.get_attribute("data-minutes")) <= 15
    page.get_by_label("Level").select_option("3")
    assert all(item.get_attribute("data-level") == "3" for item in shown.all())
    page.context.close()
