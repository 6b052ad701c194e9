"""A chapter in JupyterLab: it reads as its page does, and its sliders drive the solver."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHAPTER = "book/krugman/basic_trade.ipynb"
LIGHT, DARK = "JupyterLab Light", "JupyterLab Dark"
EVERY_CELL = '{"windowingMode": "none"}'  # also those that are off the screen


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Serve a copy of the chapter as the README says."""
    folder = tmp_path_factory.mktemp("book")
    for name in (CHAPTER, "book/references.bib"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    settings = folder / "settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text(EVERY_CELL, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "ServerApp.root_dir": folder,
        "ServerApp.port": port,
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,
        "IdentityProvider.token": "",
        "LabApp.expose_app_in_browser": True,
    }
    config = ROOT / "book/_jupyter/config.py"
    program = [sys.executable, "-m", "jupyter", "lab", "--config", config]
    with subprocess.Popen(
        [*program, *(f"--{name}={value}" for name, value in options.items())],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        end = time.monotonic() + 120
        while time.monotonic() < end:
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/lab/tree/{CHAPTER}?reset"
        server.terminate()


@pytest.fixture(scope="module")
def lab(browser, address):
    """Open the chapter and run it all."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(60_000)
    page.goto(address)
    page.wait_for_selector(".jp-Notebook details[id$='-solution']")
    page.wait_for_selector(".jp-NotebookPanel [data-status='idle']")
    assert page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_selector(".jp-Notebook .widget-slider")
    yield page
    page.close()


def test_every_cell_runs(lab):
    assert lab.locator(".jp-Notebook .jp-CodeCell").count() > 10
    assert lab.locator(".jp-Notebook [data-mime-type$='jupyter.error']").count() == 0
    assert lab.locator(".jp-Notebook [data-mime-type$='jupyter.stderr']").count() == 0


def test_no_label_role_or_directive_is_shown_raw(lab):
    text = "\n".join(lab.locator(".jp-Notebook .jp-MarkdownCell .myst").all_inner_texts())
    assert len(text) > 5000
    assert not re.findall(r"^\([\w-]+\)=|\{[\w:-]+\}`|`{3}|:{3}|krugman-[\w-]+", text, re.MULTILINE)
    assert lab.locator(".myst span[title$='Not Found']:not(.trade-named)").count() == 0
    assert "Arkolakis, Costinot" in text


def test_equations_have_the_numbers_of_the_paper(lab):
    assert lab.locator("#krugman-11 a[href='#krugman-11']").inner_text() == "(11)"


def test_a_solution_opens_only_when_asked(lab):
    solutions = lab.locator(".jp-Notebook details[id$='-solution']")
    assert solutions.count() >= 3
    hidden = "document.querySelectorAll('.jp-Notebook .trade-folded').length"
    closed = lab.evaluate(hidden)
    assert closed > 2 * solutions.count()
    solutions.first.locator("summary").focus()
    lab.keyboard.press("Enter")
    lab.wait_for_function(f"{hidden} < {closed}")
    lab.keyboard.press("Enter")
    lab.wait_for_function(f"{hidden} === {closed}")


def test_sliders_have_names_say_their_value_and_move_the_figure(lab):
    handles = lab.locator(".jp-Notebook [role=slider]")
    assert handles.count() >= 2
    for handle in handles.all():
        assert handle.get_attribute("aria-label").strip()
        shown = handle.locator("xpath=ancestor::*[contains(@class, 'widget-slider')]")
        readout = shown.locator(".widget-readout").inner_text()
        assert handle.get_attribute("aria-valuetext") == readout
    moved = handles.first  # its steps multiply
    block = moved.locator("xpath=ancestor::*[contains(@class, 'widget-vbox')]")
    before, drawn = moved.get_attribute("aria-valuetext"), block.locator("svg").inner_html()
    said = block.locator("p").inner_text()
    moved.focus()
    for _ in range(10):
        lab.keyboard.press("ArrowLeft")
    lab.wait_for_function(
        "([node, before]) => node.getAttribute('aria-valuetext') !== before",
        arg=[moved.element_handle(), before],
    )
    end = time.monotonic() + 60
    while block.locator("p").inner_text() == said and time.monotonic() < end:
        lab.wait_for_timeout(100)
    assert block.locator("p").inner_text() != said
    assert block.locator("svg").inner_html() != drawn
    assert 0 < float(moved.get_attribute("aria-valuetext")) < float(before)


def luminance(colour):
    parts = [float(part) / 255 for part in re.findall(r"[\d.]+", colour)[:3]]
    parts = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_words_in_figures_stand_out_in_both_themes(lab, theme):
    lab.evaluate("t => jupyterapp.commands.execute('apputils:change-theme', {theme: t})", theme)
    lab.wait_for_selector(f"body[data-jp-theme-name='{theme}']", state="attached")
    lab.wait_for_timeout(500)
    colours = lab.evaluate(
        """() => [...document.querySelectorAll('.explorer-live')].map(figure => [
            getComputedStyle(figure).backgroundColor,
            ...[...figure.querySelectorAll('text')].map(text => getComputedStyle(text).fill)])"""
    )
    assert len(colours) >= 2
    assert (luminance(colours[0][0]) > 0.5) == (theme == LIGHT)
    for paper, *inks in colours:
        for ink in set(inks) - {paper}:  # words inside a bar have the paper's colour
            low, high = sorted([luminance(paper), luminance(ink)])
            assert (high + 0.05) / (low + 0.05) >= 4.5, (paper, ink)
