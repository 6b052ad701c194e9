"""Every figure moves, by mouse and by keyboard, and its setting is an address."""

from urllib.parse import parse_qs

import pytest

pytestmark = pytest.mark.browser


def state(figure):
    return (
        figure.locator(".explorer-figure").inner_html(),
        figure.locator("[aria-live]").inner_text(),
    )


def moved(page, figure, before):
    page.wait_for_function(
        """([name, said]) => document.getElementById('explorer-' + name)
            .querySelector('[aria-live]').innerText !== said""",
        arg=[figure.get_attribute("data-name"), before[1]],
    )
    after = state(figure)
    assert after[0] != before[0]
    label = figure.locator(".explorer-figure").get_attribute("aria-label")
    assert after[1] in label
    return after


def explorers(page):
    return [one for one in page.locator("figure.explorer").all() if one.locator("form").count()]


def reset(page, figure, start):
    figure.get_by_role("button", name="Reset").click()
    page.wait_for_function(
        """([name, said]) => document.getElementById('explorer-' + name)
            .querySelector('[aria-live]').innerText === said""",
        arg=[figure.get_attribute("data-name"), start[1]],
    )
    assert state(figure) == start


def far_end(control):
    """Tell which end of a slider lies farther from where it stands."""
    here, last = int(control.input_value()), int(control.get_attribute("max"))
    return "End" if here < last / 2 else "Home"


def test_each_slider_moves_its_figure_by_keyboard(page):
    for figure in explorers(page):
        start = state(figure)
        for control in figure.locator("input[type=range]").all():
            control.focus()
            page.keyboard.press(far_end(control))
            moved(page, figure, start)
            shown = control.get_attribute("aria-valuetext")
            assert (
                figure.locator(f"output[for='{control.get_attribute('id')}']").inner_text() == shown
            )
            reset(page, figure, start)


def test_each_slider_moves_its_figure_by_mouse(page):
    for figure in explorers(page):
        start = state(figure)
        for control in figure.locator("input[type=range]").all():
            box = control.bounding_box()
            share = 0.97 if far_end(control) == "End" else 0.03
            control.click(position={"x": share * box["width"], "y": box["height"] / 2})
            moved(page, figure, start)
            reset(page, figure, start)


def test_each_choice_moves_its_figure(page):
    for figure in explorers(page):
        start = state(figure)
        for group in figure.locator("fieldset").all():
            group.locator("input:not(:checked)").first.click()
            moved(page, figure, start)
            reset(page, figure, start)
            group.locator("input:checked").focus()
            page.keyboard.press("ArrowDown")
            moved(page, figure, start)
            reset(page, figure, start)


def test_every_control_has_a_label(page):
    for figure in explorers(page):
        for control in figure.locator("input[type=range]").all():
            assert control.evaluate("one => one.labels[0].innerText").strip()
        for group in figure.locator("fieldset").all():
            assert group.locator("legend").inner_text().strip()


def test_a_setting_is_an_address_that_others_can_open(page, visit, path):
    ends = {}
    for figure in explorers(page):
        control = figure.locator("input").first
        if control.get_attribute("type") == "range":
            control.focus()
            before = state(figure)
            page.keyboard.press(far_end(control))
            ends[figure.get_attribute("data-name")] = moved(page, figure, before)
    fragment = page.evaluate("location.hash")
    assert {name.split(".")[0] for name in parse_qs(fragment[1:])} == set(ends)
    other = visit(path, fragment=fragment, math=False)
    for name, (_, said) in ends.items():
        figure = other.locator(f"figure[data-name='{name}']")
        other.wait_for_function(
            """([name, said]) => document.getElementById('explorer-' + name)
                .querySelector('[aria-live]').innerText === said""",
            arg=[name, said],
        )
        assert state(figure) == ends[name]
        assert (
            figure.locator("input").first.input_value()
            == page.locator(f"figure[data-name='{name}'] input").first.input_value()
        )
    other.context.close()
    for figure in explorers(page):
        figure.get_by_role("button", name="Reset").click()
    assert page.evaluate("location.hash") in ("", "#")


def test_an_address_with_nonsense_leaves_the_figures_alone(page, visit, path):
    names = [figure.get_attribute("data-name") for figure in explorers(page)]
    nonsense = "&".join(f"{name}.nothing=1&{name}.=" for name in names)
    other = visit(path, fragment=f"#{nonsense}&x", math=False)
    for name in names:
        figure = f"figure[data-name='{name}']"
        assert state(other.locator(figure)) == state(page.locator(figure))
    assert other.trouble == []
    other.context.close()


def test_the_controls_are_not_printed(page):
    page.emulate_media(media="print")
    for figure in explorers(page):
        assert not figure.locator("form").is_visible()
        assert figure.locator("svg").is_visible()
    page.emulate_media(media="screen")
