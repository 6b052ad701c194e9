"""A derivation shows only what was proved, and names the step that was not."""

import mpmath
import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lib.derive import DerivationError, derivation, in_order

n, L, x, p, w, g, t = sp.symbols("n L x p w g t", positive=True)
α, β, θ, σ, ω = sp.symbols("α β θ σ ω", positive=True)
L_star = sp.Symbol("L^*", positive=True)
y, z = sp.symbols("y z", real=True)
B = sp.Symbol("B")
below, count = sp.Symbol("b", negative=True), sp.Symbol("m", integer=True, positive=True)
f = sp.Function("f")
loss = sp.Symbol("D", nonnegative=True)
power = ω ** (-1 / (1 - θ))
stolen = (t - θ) / (1 - θ) * t ** (-1 / (1 - θ))

PROVED = {
    "what is not negative is left out": [sp.Eq(y, 2 - loss), sp.LessThan(y, 2)],
    "an equation is solved": [sp.Eq(L, n * (α + β * x)), sp.Eq(n, L / (α + β * x))],
    "an equation is turned": [sp.Eq(x, 2 * n), sp.Eq(2 * n, x), sp.Eq(n, x / 2)],
    "a fact is put in": [
        sp.Eq(n, L / (α + β * x)),
        (L * (1 - θ) / α, "", sp.Eq(x, α * θ / (β * (1 - θ)))),
    ],
    "an unknown function is multiplied out": [f(y) * (y + 1), f(y) * y + f(y)],
    "an expression is rewritten": [n * (L / (p * n)) ** θ, n ** (1 - θ) * (L / p) ** θ],
    "a positive unknown is divided out": [sp.Eq(x**2, x), sp.Eq(x, 1)],
    "a power is undone": [sp.Eq(power, 2), sp.Eq(ω, 2 ** (θ - 1))],
    "logarithms are taken": [sp.Eq(x**θ, n), sp.Eq(θ * sp.log(x), sp.log(n))],
    "both sides are differentiated": [
        sp.Eq(B, stolen),
        sp.Eq(sp.Derivative(B, t), θ * (1 - t) * t ** (-1 / (1 - θ) - 1) / (1 - θ) ** 2),
    ],
    "an inequality is multiplied by what is positive": [sp.Gt(ω * L, L_star), sp.Gt(ω, L_star / L)],
    "an inequality is turned": [sp.Lt(-y, z), sp.Gt(y, -z)],
    "a square is not negative": [(y - z) ** 2, sp.Ge((y - z) ** 2, 0, evaluate=False)],
    "a derivative is an unknown of its own": [
        sp.Eq(x, n**2),
        sp.Eq(sp.Derivative(x, n), 2 * n),
        sp.Eq(3 * sp.Derivative(x, n), 6 * n),
    ],
    "a derivative is zero at the best": [
        sp.Eq(x, n**2 - 3 * n),
        sp.Eq(sp.Derivative(x, n), 2 * n - 3),
        (sp.Eq(2 * n, 3), "", sp.Eq(sp.Derivative(x, n), 0)),
    ],
    "a negative number's logarithm": [sp.log(below**2), 2 * sp.log(-below)],
    "a negative number's sign": [1 / below, sp.Lt(1 / below, 0, evaluate=False)],
    "an equation continues from an expression": [
        n + x,
        sp.Eq(n + x, x + n + 0 * y, evaluate=False),
    ],
}
WRONG = {
    "a wrong factor": [(t - θ) * n, (t - θ) * 2 * n],
    "a wrong root": [sp.Eq(x**2, 4), sp.Eq(x, 3)],
    "a wrong fact": [sp.Eq(n, L / x), (L / (2 * β), "", sp.Eq(x, β))],
    "a wrong derivative": [sp.Eq(B, x**3), sp.Eq(sp.Derivative(B, x), 3 * x)],
    "a wrong sign": [n + x, sp.Lt(n + x, 0, evaluate=False)],
    "an inequality that turns unnoticed": [sp.Gt(-y, z), sp.Gt(y, -z)],
    "a square root that loses a sign": [sp.sqrt(y**2), y],
    "a derivative that is taken for zero": [
        sp.Eq(x, n**2),
        sp.Eq(sp.Derivative(x, n), 2 * n),
        sp.Eq(5 * sp.Derivative(x, n), 2 * n),
    ],
    "two derivatives that are taken for zero": [
        n + x * sp.Derivative(x, n),
        n + sp.Derivative(x, n) ** 3,
    ],
    "an equation of two unknowns differentiated in one": [
        sp.Eq(x * n, 1),
        sp.Eq(sp.Derivative(x * n, n, evaluate=False), 0),
    ],
    "an equation that determines its unknown differentiated": [
        sp.Eq(x**2, 4),
        sp.Eq(sp.Derivative(x**2, x, evaluate=False), 0),
    ],
    "a letter differentiated by itself": [sp.Eq(x, n), sp.Eq(sp.Derivative(x, x), 0)],
    "a letter on both sides differentiated": [sp.Eq(x, n * x + 1), sp.Eq(sp.Derivative(x, n), x)],
}
REFUSED = {
    "division by what may be zero": ([sp.Eq(y**2, y), sp.Eq(y, 1)], "allow to be zero"),
    "multiplication by what may be zero": ([sp.Eq(y, 1), sp.Eq(y * z, z)], "allow to be zero"),
    "a margin that may be zero": (
        [sp.Eq((p - β * w) * x, α * w), sp.Eq(x, α * w / (p - β * w))],
        "allow to be zero",
    ),
    "an inequality times an unknown sign": ([sp.Gt(z, 0), sp.Gt(y * z, 0)], "step 2"),
    "two lines that read alike": ([x + n, n + x], "reads like the line before"),
    "a step that assumes itself": (
        [sp.Eq(L, n * x), (sp.Eq(n, L / x), "", sp.Eq(n, L / x))],
        "assumes what it says",
    ),
    "a step that is true by itself": (
        [sp.Eq(L, n * x), sp.Eq(n + x, x + n, evaluate=False)],
        "without the line before",
    ),
    "an equation after an inequality": ([sp.Gt(x, n), sp.Eq(x, n)], "does not follow"),
    "an expression after an inequality": ([sp.Gt(x, n), x - n], "follows an inequality"),
    "strict and weak inequalities": ([sp.Ge(y, z), sp.Gt(y - z, 0)], "strict and a weak"),
    "an inequality of something else": ([sp.Eq(y, x), sp.Gt(z, 0)], "must keep the left side"),
    "an equality that numbers cannot refute": ([f(y), 2 * f(y)], "could not be proved"),
    "a sign that is right and not seen": (
        [x**4, sp.Gt(x**4, x - 1, evaluate=False)],
        "could not be proved",
    ),
    "an order that is right and not seen": ([sp.Gt(y**3, 8), sp.Gt(y, 2)], "could not be proved"),
    "an equation after one that says nothing": (
        [sp.Eq((y + z) ** 2, y**2 + 2 * y * z + z**2), sp.Eq(f(y), z)],
        "could not be proved",
    ),
    "an equation that no allowed numbers solve": (
        [sp.Eq(x + n, sp.Rational(1, 100)), sp.Eq(x, 2 * n)],
        "could not be proved",
    ),
    "a claim of something else": (
        [x, sp.Gt(n, 0, evaluate=False)],
        "must start from the line before",
    ),
}
CONDITIONAL = {
    "θ below one": ([sp.Eq(power, 1), sp.Eq(ω, 1)], [θ < 1]),
    "a margin": (REFUSED["a margin that may be zero"][0], [p > β * w]),
    "the sign of a power": (
        [1 - g ** (θ / (1 - θ)), sp.Gt(1 - g ** (θ / (1 - θ)), 0)],
        [θ < 1, g < 1],
    ),
    "a larger home": (
        [L * σ - L_star * σ, sp.Gt(L * σ - L_star * σ, 0)],
        [L_star < L],
    ),
    "a bound inside a bound": ([(x - n) * (n - 1), sp.Gt((x - n) * (n - 1), 0)], [n > 1, x > n]),
    "a number below": ([2 - y, sp.Gt(2 - y, 0)], [y < 2]),
}


@pytest.mark.parametrize("steps", PROVED.values(), ids=PROVED)
def test_a_right_step_is_proved(steps):
    derivation(*steps, where=[θ < 1])


@pytest.mark.parametrize("steps", WRONG.values(), ids=WRONG)
def test_a_wrong_step_is_named_with_numbers_that_refute_it(steps):
    last = steps[-1] if isinstance(steps[-1], tuple) else (steps[-1], "")
    with pytest.raises(DerivationError, match=r"step 2 \('so it is'\) is wrong: .* at "):
        derivation(steps[0], (last[0], "so it is", *last[2:]), where=[θ < 1])


@pytest.mark.parametrize(("steps", "message"), REFUSED.values(), ids=REFUSED)
def test_a_step_that_is_not_proved_is_refused(steps, message):
    with pytest.raises(DerivationError, match=message):
        derivation(*steps)


@pytest.mark.parametrize(("steps", "where"), CONDITIONAL.values(), ids=CONDITIONAL)
def test_a_step_that_needs_an_assumption_is_refused_without_it(steps, where):
    derivation(*steps, where=where)
    with pytest.raises(DerivationError, match="step 2"):
        derivation(*steps)


def test_a_derivation_that_starts_from_an_equation_goes_on_with_its_left_side():
    gap = L - L_star
    derivation(sp.Eq(B, 2 * gap - gap), gap, sp.Gt(B, 0), where=[L_star < L])
    with pytest.raises(DerivationError, match="step 3"):
        derivation(sp.Eq(B, 2 * gap - gap), gap, sp.Gt(B, 0))


@pytest.mark.parametrize(
    ("steps", "where", "message"),
    [
        ([x], (), "at least two"),
        ([x, "x + 1"], (), "step 2 must be"),
        ([sp.Eq(x, x), x], (), "decided it while it was built"),
        ([x, (x + 0 * n, 3)], (), "reason of step 2"),
        ([x, (2 * n, "", x)], (), "fact of step 2"),
        ([x, 2 * n], [x], "strict inequalities of symbols"),
        ([x, 2 * n], [x < 1, x < 2], "twice"),
        ([x, 2 * n], [x <= 1], "strict inequalities"),
        ([x, 2 * n], [x * n < 1], "none at all"),
        ([x, n], [x < n, n < x], "circle"),
    ],
)
def test_what_is_no_derivation_is_said(steps, where, message):
    with pytest.raises(ValueError, match=message):
        derivation(*steps, where=where)


def test_the_text_has_one_line_a_step_with_its_reason():
    shown = derivation(
        (sp.Eq(L, n * (α + β * x)), "{eq}`krugman-4`"),
        (sp.Eq(n, L / (α + β * x)), "solved for n"),
        (
            L * (1 - θ) / α,
            "by {eq}`krugman-14-prime`, {eq}`krugman-ic-worth`",
            sp.Eq(x, α * θ / (β * (1 - θ))),
        ),
        where=[θ < 1],
    )
    assert repr(shown).splitlines() == [
        "L = n*(α + β*x)  [(4)]",
        "n = L/(α + β*x)  [solved for n]",
        "  = L*(1 - θ)/α  [by (14\N{PRIME}), above]",
    ]


def test_the_page_shows_mathematics_with_parameters_first_and_no_bar_that_ends_a_cell(monkeypatch):
    monkeypatch.setenv("EXPLORE", "html")
    shown = derivation(x * β * (sp.Abs(y) + 1), (x * β * sp.Abs(y) + x * β, "see {eq}`krugman-4`"))
    lines = shown._repr_markdown_().splitlines()
    assert lines[0] == "{.derivation}"
    assert all(line.count("|") == 4 for line in lines[1:])
    assert lines[3].startswith(r"|  | $\displaystyle \beta x ")
    assert lines[4].endswith("| see {eq}`krugman-4` |")
    monkeypatch.delenv("EXPLORE")
    assert "{" + "eq}" not in shown._repr_markdown_()


@pytest.mark.parametrize(
    ("power", "shown"),
    [
        (g ** (θ / (1 - θ)), r"g^{\theta/(1 - \theta)}"),
        (g ** (-1 / (1 - θ)), r"g^{-1/(1 - \theta)}"),
        (n ** ((1 - θ) / θ), r"n^{(1 - \theta)/\theta}"),
        (x ** (1 / (α * β)), r"x^{1/(\alpha \beta)}"),
        (n ** (1 - θ), r"n^{1 - \theta}"),
        (sp.sqrt(p), r"\sqrt{p}"),
    ],
)
def test_a_fraction_in_an_exponent_is_written_on_one_line(power, shown):
    lines = derivation(sp.Eq(w, power), sp.Eq(power, w))._repr_markdown_()
    assert rf"$\displaystyle = {shown}$" in lines


def test_what_was_built_unevaluated_is_shown_as_built():
    thirds = sp.Mul(3, x, sp.Rational(1, 3), evaluate=False)
    shown = derivation(thirds, x)
    assert repr(shown).splitlines()[0] == "3*x*(1/3)"


def test_a_step_that_holds_within_its_bounds_alone_is_not_refuted_by_numbers_outside():
    gap = (x - 5) * (6 - x)
    derivation(gap, sp.Gt(gap, 0, evaluate=False), where=[x > 5, x < 6])


@pytest.mark.parametrize(("bound", "root"), [(y < 1, -2), (y > -1, 2)])
def test_of_two_roots_the_one_within_the_bounds_follows_and_the_other_is_refuted(bound, root):
    derivation(sp.Eq(y**2, 4), sp.Eq(y, root), where=[bound])
    with pytest.raises(DerivationError, match=rf"is wrong: .* at y = {root}\.0"):
        derivation(sp.Eq(y**2, 4), sp.Eq(y, -root), where=[bound])


polynomial = st.lists(st.integers(-3, 3), min_size=2, max_size=4)


@settings(max_examples=30, deadline=None)
@given(polynomial, polynomial)
def test_an_equality_of_random_polynomials_is_accepted_exactly_when_it_is_true(first, second):
    one, two = (sum(c * y**k for k, c in enumerate(cs)) for cs in (first, second))
    product = sp.Mul(sp.sympify(one), sp.sympify(two), evaluate=False)
    true = sp.expand(one * two)
    assume(sp.latex(product) != sp.latex(true))
    derivation(product, true)
    with pytest.raises(DerivationError, match="is wrong"):
        derivation(product, true + 1)


@settings(max_examples=30, deadline=None)
@given(st.fractions(1, 20, max_denominator=9), st.fractions(0, 1, max_denominator=9))
def test_a_proved_sign_holds_in_numbers(size, share):
    claim = sp.Rational(size) * x**2 + sp.Rational(share) * x - sp.Rational(share)
    derivation(claim, sp.Gt(claim, 0, evaluate=False), where=[x > 1])
    f = sp.lambdify(x, claim, mpmath)
    assert all(f(mpmath.mpf(value)) > 0 for value in (1.0001, 2, 50))


def test_a_sum_that_is_taken_away_keeps_its_brackets():
    apart = sp.UnevaluatedExpr(2 * α + x) - sp.UnevaluatedExpr(α + x)
    shown = derivation(apart, α)
    for text in (repr(shown), shown._repr_markdown_().replace(r"\left", "").replace(r"\right", "")):
        line = text.replace(r"\alpha", "α").replace("*", "").replace(" ", "")
        assert "(2α+x)-(α+x)" in line


def test_a_sum_is_shown_in_the_order_in_which_reasons_name_its_terms():
    pair = sp.symbols("Z Q", positive=True)
    for first, second in (pair, pair[::-1]):
        chain = derivation(
            (sp.Eq(x, sp.exp(sp.log(first) + sp.log(second))), ""),
            (sp.Eq(sp.log(x), in_order(sp.log(first), sp.log(second))), "in words"),
            (sp.Eq(sp.log(x), sp.log(first * second)), "together"),
        )
        assert f"ln({first}) + ln({second})" in repr(chain)
        terms = [sp.latex(sp.log(one), ln_notation=True) for one in (first, second)]
        where = [chain._repr_markdown_().index(term) for term in terms]
        assert where == sorted(where)
    with pytest.raises(DerivationError):
        derivation(sp.Eq(x, y + z), sp.Eq(x, in_order(y, z, n)))
    with pytest.raises(ValueError, match="at least two"):
        in_order(y)


def test_a_whole_number_within_bounds_is_tried_within_them():
    between = derivation(count**2, sp.Lt(count**2, 9), where=[count > 1, count < 3])
    assert len(between.lines) == 2


def test_bounds_that_no_number_meets_are_refused():
    with pytest.raises(ValueError, match=r"^where must leave numbers that meet all bounds"):
        derivation(x + 3, sp.Gt(x + 3, 7, evaluate=False), where=[x > 5, x < 3])


def test_unknown_functions_are_not_looked_for_in_numbers():
    g_of = sp.Function("g")
    for steps in (
        (sp.Eq(f(x), x), sp.Eq(f(n), n)),
        (sp.Eq(f(x), g_of(x)), sp.Eq(f(x) ** 2, g_of(x) ** 2)),
        (sp.Eq(f(x).diff(x), 2 * x), sp.Eq(5 * f(x).diff(x), 2 * x)),
    ):
        with pytest.raises(DerivationError, match="step 2 could not be proved"):
            derivation(*steps)
