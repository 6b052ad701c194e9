"""The form of a chapter, demanded of every chapter that has a section "Check yourself"."""

import ast
import importlib.util
import re
from pathlib import Path

import nbformat
import pytest
from pybtex.database import parse_file

ROOT = Path(__file__).parents[1]


def module(name):
    path = ROOT / f"book/_extensions/{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


form, folding, exercises = module("form"), module("folding"), module("exercises")
CHAPTERS = {
    str(path.relative_to(ROOT / "book").with_suffix("")): nbformat.read(path, as_version=4)
    for path in form.chapters()
}
NEW = {name: notebook for name, notebook in CHAPTERS.items() if form.in_new_form(notebook)}


@pytest.fixture(params=NEW, ids=str)
def chapter(request):
    return NEW[request.param]


def text(notebook):
    return "\n\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")


def tagged(notebook, tag):
    return [c for c in notebook.cells if tag in c.metadata.get("tags", [])]


def calls(notebook, *names):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in names:
                    yield node


def test_the_top_says_what_is_asked_what_is_needed_and_how_long_it_takes(chapter):
    top = form.sections(chapter)[0][1][0].source
    assert re.search(r"^# ", top, re.MULTILINE)
    paragraphs = [p for p in top.split("\n\n") if not p.startswith(("(", "#", "-"))]
    assert "?" in paragraphs[0]
    assert re.search(r"^- \*\*You need:\*\* .+", top, re.MULTILINE)
    assert re.search(r"^- \*\*You will be able to\*\* .+", top, re.MULTILINE)
    assert re.search(r"^- \*\*Time:\*\* \d+ minutes.*\d+ for the exercises", top, re.MULTILINE)


def test_before_the_first_figure_or_number_no_code_is_open(chapter):
    for cell in chapter.cells:
        if cell.cell_type == "code":
            assert not form.open_cells([cell])
            if cell.outputs:
                break


def test_at_most_a_third_of_the_open_cells_prints_nothing(chapter):
    found = form.measure(chapter)
    assert 3 * found["silent"] <= found["open"]


def test_the_main_path_is_read_in_one_sitting(chapter):
    assert form.measure(chapter)["words"] <= 3500


def test_the_sections_at_the_end_stand_in_order(chapter):
    names = [name for name, _ in form.sections(chapter)]
    assert names[-4:] == ["What to keep", "Check yourself", "Exercises", "Further reading"]
    beyond = [i for i, name in enumerate(names) if name.startswith("Beyond the paper")]
    assert beyond == list(range(len(names) - 4 - len(beyond), len(names) - 4))


def test_three_sentences_or_more_are_to_keep(chapter):
    assert 3 <= len(re.findall(r"^- ", form.section(chapter, "What to keep"), re.MULTILINE)) <= 5


def test_three_questions_or_more_and_none_with_its_code_in_sight(chapter):
    asked = form.questions(chapter)
    assert len(asked) >= 3
    assert all("remove-input" in cell.metadata.get("tags", []) for cell in asked)


def test_what_is_right_is_computed_and_not_typed(chapter):
    for call in calls(chapter, "choose"):
        for answer in call.args[1:]:
            names = [n for n in ast.walk(answer.elts[1]) if isinstance(n, ast.Name)]
            assert names, ast.unparse(answer)
    for call in calls(chapter, "compute"):
        value = call.args[1]
        assert any(isinstance(n, ast.Name) for n in ast.walk(value)), ast.unparse(value)


def test_exercises_say_level_minutes_and_kind(chapter):
    blocks = re.findall(r"^```\{exercise\}(.*?)^```", text(chapter), re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 4
    kinds = set()
    for block in blocks:
        assert re.search(r"^:level: [123]$", block, re.MULTILINE), block
        assert re.search(r"^:minutes: \d+$", block, re.MULTILINE), block
        kinds |= set(exercises.kinds(re.search(r"^:kind: (.*)$", block, re.MULTILINE)[1]))
    young = {"predict or sketch", "true, false or uncertain", "policy", "find the error"}
    assert len(kinds & young) >= 2


def test_each_exercise_has_a_solution(chapter):
    labels = re.findall(
        r"^```\{exercise\}[^\n]*\n(?::.*\n)*?:label: (\S+)", text(chapter), re.MULTILINE
    )
    solved = re.findall(r"^```\{solution(?:-start)?\} (\S+)", text(chapter), re.MULTILINE)
    assert labels == solved


def test_the_time_for_the_exercises_is_their_sum(chapter):
    total = sum(map(int, re.findall(r"^:minutes: (\d+)$", text(chapter), re.MULTILINE)))
    said = re.search(r"^- \*\*Time:\*\* .*?(\d+) for the exercises", text(chapter), re.MULTILINE)
    assert int(said[1]) == total


def test_two_to_five_works_lead_on_each_with_a_sentence(chapter):
    entries = re.findall(
        r"^- (.*)$", form.section(chapter, "Further reading"), re.MULTILINE | re.DOTALL
    )
    items = "\n".join(entries).split("\n- ")
    assert 2 <= len(items) <= 5
    for item in items:
        assert re.match(r"\{cite:t\}`[\w, ]+`", item)
        assert form.words(re.sub(r"^\{cite:t\}`[^`]*`", "", item)) >= 8


def test_the_bibliography_is_read_and_has_what_a_chapter_cites(chapter):
    works = parse_file(ROOT / "book/references.bib").entries
    cited = re.findall(r"\{cite(?::\w+)?\}`([^`]*)`", text(chapter))
    assert {key.strip() for keys in cited for key in keys.split(",")} <= set(works)


def test_each_check_asserts_and_says_what(chapter):
    for cell in tagged(chapter, "check"):
        assert folding.first_comment(cell.source).endswith("."), cell.source
        assert any(isinstance(n, ast.Assert) for n in ast.walk(ast.parse(cell.source)))
        assert not cell.outputs
        # In the text's letters, not the code's.
        python = r"\*\*|<=|>=|==|\b(theta|sigma|omega|lambda_?|gamma|rho|psi)\b"
        assert not re.search(python, folding.first_comment(cell.source))


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("above Z_C and BL_I", "above Z<sub>C</sub> and BL<sub>I</sub>"),
        ("l*_ij and Z'_1", "l*<sub>ij</sub> and Z\N{PRIME}<sub>1</sub>"),
        ("c_i2 and made_in_1", "c<sub>i2</sub> and made_in_1"),
        ("p^(1/(1-θ)) and g^θ", "p<sup>1/(1\N{MINUS SIGN}θ)</sup> and g<sup>θ</sup>"),
        ("a two-good world, 3-good ones", "a two-good world, 3-good ones"),
        ("l^1.5 e^kl", "l<sup>1.5</sup> e<sup>k</sup>l"),
        ("ω = u^(1 - θ)", "ω = u<sup>1 \N{MINUS SIGN} θ</sup>"),
        (
            "Z' &lt;= 2^(n+1), Gomory's",
            "Z\N{PRIME} \N{LESS-THAN OR EQUAL TO} 2<sup>n+1</sup>, Gomory's",
        ),
        (
            "g^-θ and 2^27 in (-1, 0)",
            "g<sup>\N{MINUS SIGN}θ</sup> and 2<sup>27</sup> in (\N{MINUS SIGN}1, 0)",
        ),
    ],
)
def test_a_check_s_line_shows_its_symbols_as_the_text_does(line, shown):
    assert folding.written(line) == shown


def lost_symbols(notebook):
    """Name the letters of derivations that an earlier cell has bound to something else."""
    symbols, lost, found = set(), set(), set()
    for cell in notebook.cells:
        for part in ast.parse(cell.source).body if cell.cell_type == "code" else ():
            for node in ast.walk(part):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "derivation":
                    found |= lost & {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
            if isinstance(part, ast.FunctionDef):
                continue
            for node in ast.walk(part):
                if isinstance(node, ast.Assign | ast.For):
                    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                    bound = {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
                    if isinstance(node, ast.Assign) and re.match(
                        r"sp\.[sS]ymbols?\(", ast.unparse(node.value)
                    ):
                        symbols |= bound
                        lost -= bound
                    else:
                        lost |= bound & symbols
    return found


def test_no_letter_of_a_derivation_has_become_a_number(chapter):
    assert lost_symbols(chapter) == set()


def test_a_letter_that_a_loop_takes_is_lost_until_it_is_a_symbol_again():
    cells = [
        'k = sp.Symbol("k")',
        "for k in (3, 2):\n    print(k)",
        "derivation((k + 1,))",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    assert lost_symbols(notebook) == {"k"}
    notebook.cells.insert(2, nbformat.v4.new_code_cell('k, l = sp.symbols("k l")'))
    assert lost_symbols(notebook) == set()


def test_an_open_cell_does_not_only_assert(chapter):
    for cell in form.open_cells(chapter.cells):
        body = ast.parse(cell.source).body
        assert not all(isinstance(n, ast.Assert) for n in body), cell.source


def test_folded_code_says_what_it_holds(chapter):
    for cell in tagged(chapter, "hide-input"):
        assert folding.summary(cell.source) != "Code", cell.source


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("# Both pay.\n# Always.\nassert x", "Both pay. Always."),
        ("import numpy as np\nx = 1  # one", "Set-up: what the code of this chapter uses"),
        ('def f(a):\n    """A line."""\n\nexplore(f, a=1)', "Drawn by this code: A line"),
        ('def f(a):\n    """Add one."""\n    return a + 1', "Defined here: Add one"),
        ("x = 1\nderivation(x)", "The code that proves these lines"),
        ("x = 1", "Code"),
    ],
)
def test_a_fold_is_named_by_what_is_behind_it(source, line):
    assert folding.summary(source) == line


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("Two words", 2),
        ("A $x + y$ b.", 3),
        ("$$\na b c\n$$ (krugman-1)", 0),
        ("(label)=\n# One heading", 2),
        ("```{admonition} Title\n:name: x\ntwo words\n```", 2),
        ("[a link](#to-there) and {eq}`krugman-1`", 4),
    ],
)
def test_words_are_counted_as_they_are_read(source, count):
    assert form.words(source) == count


def test_kinds_of_exercises_are_known():
    assert exercises.kinds("proof; find the error") == ("proof", "find the error")
    with pytest.raises(ValueError, match="none of"):
        exercises.kinds("essay")


@pytest.mark.parametrize("value", ["0", "4", "hard"])
def test_levels_go_from_one_to_three(value):
    with pytest.raises(ValueError, match=r"1|one"):
        exercises.level(value)
