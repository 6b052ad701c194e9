r"""Every formula of the book is typeset at build: nothing is lost, and no TeX is left over."""

import importlib
import json
import re
from html import unescape
from importlib.metadata import files
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from fontTools.ttLib import TTFont
from markdown_it import MarkdownIt
from math_core import LatexError
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin

ROOT = Path(__file__).parents[1]


@pytest.fixture
def mathematics(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "book/_extensions"))
    return importlib.import_module("mathematics")


def found(text):
    """List the formulas of a text in MyST's Markdown, those within directives included."""
    parser = MarkdownIt().enable("table")
    parser.use(dollarmath_plugin).use(amsmath_plugin).use(colon_fence_plugin)
    waiting = parser.parse(text)
    while waiting:
        token = waiting.pop()
        waiting += token.children or []
        if token.type.startswith("math_") or token.type == "amsmath":
            yield token.content, token.type != "math_inline"
        elif token.info.startswith("{math}"):
            yield re.sub(r"\A(?::.*\n)*", "", token.content), True
        elif token.info.startswith("{"):
            yield from found(token.content)


def formulas():
    """List the formulas of the book: in its text, and in what its cells print."""
    result = set()
    for path in (ROOT / "book").rglob("*.md"):
        result.update(found(path.read_text(encoding="utf-8")))
    for path in (ROOT / "book").rglob("*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                result.update(found("".join(cell["source"])))
            for output in cell.get("outputs", []):
                data = output.get("data", {})
                result.update(found("".join(data.get("text/markdown", []))))
                if latex := "".join(data.get("text/latex", [])):
                    result.add((latex.strip().strip("$"), True))
    return sorted(result)


def trees(html):
    return [ET.fromstring(one) for one in re.findall(r"<math\b.*?</math>", html, re.DOTALL)]


def letters(math):
    """What of a formula is seen, without the TeX that comes with it."""
    for semantics in math.iter("semantics"):
        semantics.remove(semantics.find("annotation"))
    return "".join(math.itertext())


def source(html):
    """The TeX that a formula brings along."""
    broken = re.search(r'data-tex="([^"]*)"', html)
    return unescape(broken[1]) if broken else trees(html)[0].find(".//annotation").text


def test_the_book_has_formulas():
    assert len(formulas()) > 1000


@pytest.mark.parametrize("display", [False, True])
def test_every_formula_is_typeset_whole_and_brings_its_tex(mathematics, display):
    for tex in [tex for tex, block in formulas() if block == display]:
        html = mathematics.render(tex, display)
        whole = "".join(mathematics.convert(tex, display).itertext())
        assert "".join(map(letters, trees(html))) == whole
        assert not re.search(r"[\\$&]", whole), tex
        assert "merror" not in html
        assert "style=" not in html.replace("displaystyle=", "")
        assert source(html) == tex


def test_what_cannot_be_read_is_refused(mathematics):
    for tex in (r"\nonsense", r"\frac{1}", r"a & b", r"\left( x", r"\begin{aligned} x"):
        with pytest.raises(LatexError):
            mathematics.render(tex)


def test_a_short_formula_is_one_and_a_wide_one_breaks_before_its_relations(mathematics):
    assert "<wbr>" not in mathematics.render("a = b", display=True)
    tex = r"\sum_i a_i x_i + \sum_i b_i x_i = \sum_i (a_i + b_i)\,x_i \le \sum_i c_i x_i + d_i x_i"
    parts = list(map(letters, trees(mathematics.render(tex, display=True))))
    assert [part[0] for part in parts] == ["∑", "=", "≤"]


def test_a_part_that_is_still_too_wide_breaks_before_signs_outside_brackets_first(mathematics):
    tex = r"x = (a + b + c)(a - b - c) + (g + h + i)(g - h - i)"
    parts = trees(mathematics.render(tex, display=True))
    assert [letters(part)[0] for part in parts] == ["x", "=", "+"]
    assert parts[2][0][0].get("form") == "infix"
    factors = r"\sum_i d_i \ln (a + b + c + d) \big\{ q_1(x_1, Z) + q_2(x_2, Z) \big\}"
    parts = list(map(letters, trees(mathematics.render(factors, display=True))))
    assert [part[0] for part in parts] == ["∑", "{"]
    bars = r"|a_1 + b_1 + c_1 + d_1 + e_1 + f_1 + g_1| - h = 0"
    parts = list(map(letters, trees(mathematics.render(bars, display=True))))
    assert parts[-2:] == ["−h", "=0"]


def test_two_equations_in_a_line_break_between_them(mathematics):
    tex = r"n = L(1-\theta)/\alpha, \qquad n^* = L^*(1-\theta)/\alpha."
    parts = list(map(letters, trees(mathematics.render(tex, display=True))))
    assert [part[0] for part in parts] == ["n", "n"]


def test_wide_rows_break_each_by_itself(mathematics):
    wide = r"\frac{\alpha + \beta + \gamma + \delta}{2}"
    tex = rf"\begin{{aligned}} x &= {wide} + {wide} + {wide} \\ &= y \end{{aligned}}"
    html = mathematics.render(tex, display=True)
    assert html.count('class="m-row"') == 2
    assert html.count('class="m-cell') == 4
    assert next(map(letters, trees(html))) == "x"


@pytest.mark.parametrize(
    ("tex", "same"),
    [
        (r"a &= b \\ &= c", r"\begin{aligned}a &= b \\ &= c\end{aligned}"),
        (r"\begin{align*}a &= b\end{align*}", r"\begin{aligned}a &= b\end{aligned}"),
        (r"\begin{split}a &= b\end{split}", r"\begin{aligned}a &= b\end{aligned}"),
        (r"\begin{equation}a = b\end{equation}", "a = b"),
        (r"\text{if $x > 0$ then}", r"\text{if }x > 0\text{ then}"),
        (r"\begin{cases}a\\[3pt] b\end{cases}", r"\begin{cases}a\\ b\end{cases}"),
    ],
)
def test_ways_of_writing_that_the_converter_lacks_are_understood(mathematics, tex, same):
    expected = ET.tostring(mathematics.convert(same, display=True))
    assert ET.tostring(mathematics.convert(tex, display=True)) == expected


def test_the_font_has_the_letters_that_are_used_in_all_sizes_and_no_others(mathematics, tmp_path):
    mathematics.font({"𝜃", "(", "⏟", "′"}, tmp_path / "few.woff2")
    font = TTFont(tmp_path / "few.woff2")
    # Newer fonttools keep the other bracket, for languages that are written from right to left.
    assert {chr(code) for code in font.getBestCmap()} - {")"} == {"𝜃", "(", "⏟", "′"}
    variants = font["MATH"].table.MathVariants
    assert variants.VertGlyphCount >= 1
    assert variants.HorizGlyphCount >= 1
    # The prime is the large one that is meant for exponents.
    full = TTFont(next(one for one in files("ziamath") if one.name == mathematics.FONT).locate())
    tall = full["glyf"]["minute.ssty"].yMax - full["glyf"]["minute.ssty"].yMin
    prime = font["glyf"][font.getBestCmap()[ord("′")]]
    assert prime.yMax - prime.yMin == tall


def test_a_letter_that_the_font_lacks_stops_the_build(mathematics, tmp_path):
    with pytest.raises(Exception, match="lacks"):
        mathematics.font({"\N{CJK UNIFIED IDEOGRAPH-4E2D}"}, tmp_path / "none.woff2")


@pytest.mark.parametrize(
    ("letter", "drawn"),
    [("h", "ℎ"), ("a", "𝑎"), ("Z", "𝑍"), ("θ", "𝜃"), ("Ω", "𝛺"), ("ϵ", "𝜖"), ("1", "1")],
)
def test_a_variable_is_drawn_in_italics(mathematics, letter, drawn):
    assert mathematics.italic(letter) == drawn
