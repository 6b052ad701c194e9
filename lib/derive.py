"""
Derivations that are proved step by step, and shown as they were proved.

A derivation is a list of lines, each with its reason. Every line must follow from the one before:

1. the facts that a step names are put in, on both sides of it;
2. numbers that meet the assumptions are tried: a step that fails for one of them is wrong, and the
   numbers are reported;
3. SymPy must then prove the step. Two expressions are equal if their difference or the
   logarithm of their ratio simplifies to zero. Two equations have the same solutions if what the
   one leaves over is a multiple of what the other leaves over, and the factor has one sign under
   the assumptions, so that it is neither zero nor infinite. For inequalities the factor is
   positive;
4. what SymPy cannot prove is refused, and so are two lines that read alike.

Bounds such as θ < 1 enter a proof by substitution: a θ between 0 and 1 is t/(1 + t) with t > 0,
and signs are then read off sums of positive terms.
"""

import os
import random
import re
from dataclasses import dataclass, field
from itertools import pairwise, product

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.printing.latex import LatexPrinter
from sympy.printing.str import StrPrinter

_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta",
    "η": "eta", "θ": "theta", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi",
    "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "varphi", "χ": "chi", "ψ": "psi",
    "ω": "omega", "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi",
    "Π": "Pi", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}  # fmt: skip
_SIGNS = {
    sp.Eq: ("=", "="),
    sp.StrictLessThan: ("<", "<"),
    sp.StrictGreaterThan: (">", ">"),
    sp.LessThan: ("≤", r"\le"),
    sp.GreaterThan: ("≥", r"\ge"),
}
_STRICT = (sp.StrictLessThan, sp.StrictGreaterThan)
_TRIES = 12


class DerivationError(ValueError):
    """A step that is wrong, or that could not be proved."""


@dataclass(frozen=True)
class Derivation:
    """
    A chain of lines that was proved, ready to be shown.

    Attributes
    ----------
    lines : tuple of (sympy.Basic, str)
        Each line, an expression, an equation or an inequality, with its reason.
    """

    lines: tuple = field(repr=False)

    def __repr__(self):
        """Write the chain as text, one line a step."""
        rows = [(_text(line, number), reason) for number, (line, reason) in enumerate(self.lines)]
        width = min(max(len(shown) for shown, _ in rows), 56)
        return "\n".join(
            f"{shown:<{width}}  [{_plain(reason)}]" if reason else shown for shown, reason in rows
        )

    def _repr_markdown_(self):
        """Write the chain as a table of mathematics and reasons."""
        in_book = os.environ.get("EXPLORE") == "html"
        rows = ["| left | right | reason |", "| ---: | :--- | :--- |"]
        for number, (line, reason) in enumerate(self.lines):
            left, right = (f"$\\displaystyle {m}$" if m else "" for m in _tex(line, number))
            rows.append(f"| {left} | {right} | {reason if in_book else _plain(reason)} |")
        # Jupyter knows no classes for a table; the book's style sheet needs one.
        return "\n".join(["{.derivation}", *rows] if in_book else rows)


def in_order(*terms):
    """
    Write a sum in the order in which its terms are named, where reasons speak of it.

    Parameters
    ----------
    *terms : sympy expression
        The terms, at least two.

    Returns
    -------
    sympy.Add
        Their sum, left unevaluated; `derivation` shows the terms as they were given.

    Raises
    ------
    ValueError
        If there are fewer than two terms.

    Examples
    --------
    SymPy orders a sum by itself:

    >>> import sympy as sp
    >>> U, Z, Q = sp.symbols("U Z Q", positive=True)
    >>> derivation(
    ...     (sp.Eq(U, Z * Q), "slice times cake"),
    ...     (sp.Eq(sp.log(U), in_order(sp.log(Z), sp.log(Q))), "slice; cake"),
    ... )
    U = Q*Z                [slice times cake]
    ln(U) = ln(Z) + ln(Q)  [slice; cake]
    """
    if len(terms) < 2:
        raise ValueError(f"terms must be at least two, got {len(terms)}")
    # The zero is the mark of such a sum: SymPy keeps none by itself.
    return sp.Add(*terms, sp.Integer(0), evaluate=False)


def derivation(*steps, where=()):
    """
    Prove a chain of algebra step by step, and show it with its reasons.

    Parameters
    ----------
    *steps : sympy expression or relation, or tuple
        The lines in order, at least two. A line is an expression or a relation (`sympy.Eq`, or an
        inequality), or a tuple of it, its reason in words, and any equations that the step
        uses besides the line before (`sympy.Eq`; the left side is replaced by the right one). The
        first line is what the derivation starts from. An expression continues the line before: it
        equals the right side of an equation, or the expression there. After an equation that
        defines a letter or a function (the left side, which the right side lacks), one whose left
        side is its derivative differentiates both sides; all other letters are held. Elsewhere
        the derivative of a letter is an unknown of its own.
    where : sequence of sympy inequalities
        Strict bounds of symbols under which the steps hold, such as θ < 1.

    Returns
    -------
    Derivation
        The proved chain; Jupyter and the book show it as mathematics.

    Raises
    ------
    DerivationError
        If a step is wrong (with numbers that show it), if SymPy cannot prove it under the
        assumptions, or if two neighbouring lines read alike; the message names the step.
    ValueError
        If there are fewer than two lines, or a line or a bound is of no kind listed above, or no
        numbers meet the bounds.

    Notes
    -----
    Symbols bring their own assumptions (`positive=True`). SymPy simplifies an expression while it
    is built, an obvious inequality to `true`; where that hides the point, build a line with
    ``evaluate=False`` or `sympy.UnevaluatedExpr`. It orders sums by itself; `in_order` keeps the
    order in which a reason names them. The algorithm stands at the head of this module.

    Examples
    --------
    >>> import sympy as sp
    >>> n, L, α, β, θ = sp.symbols("n L α β θ", positive=True)
    >>> x = sp.Symbol("x", positive=True)
    >>> derivation(
    ...     (sp.Eq(L, n * (α + β * x)), "full employment"),
    ...     (sp.Eq(n, L / (α + β * x)), "solve for n"),
    ...     (L * (1 - θ) / α, "put in x", sp.Eq(x, α * θ / (β * (1 - θ)))),
    ...     where=[θ < 1],
    ... )
    L = n*(α + β*x)  [full employment]
    n = L/(α + β*x)  [solve for n]
      = L*(1 - θ)/α  [put in x]
    """
    if len(steps) < 2:
        raise ValueError(f"steps must be at least two lines, got {len(steps)}")
    parsed = [_parse(number, step) for number, step in enumerate(steps, 1)]
    bounds = _Bounds.of(where)
    if bounds.draw(set(bounds.sides), random.Random(1)) is None:
        raise ValueError(f"where must leave numbers that meet all bounds, got {list(where)}")
    for number, (before, now) in enumerate(pairwise(parsed), 2):
        if _tex(before[0]) == _tex(now[0]):
            raise DerivationError(f"{_name(number, now)} reads like the line before: {now[0]}")
    previous = parsed[0][0]
    for number, (line, reason, facts) in enumerate(parsed[1:], 2):
        _Step(_name(number, (line, reason)), previous, line, facts, bounds).prove()
        # An expression goes on with the left side that it belongs to.
        continues = isinstance(previous, sp.Eq) and not isinstance(line, Relational)
        previous = sp.Eq(previous.lhs, line, evaluate=False) if continues else line
    return Derivation(tuple((line, reason) for line, reason, _ in parsed))


def _parse(number, step):
    line, reason, *facts = step if isinstance(step, tuple) else (step, "")
    line = sp.sympify(line, evaluate=False) if isinstance(line, int | float) else line
    if not isinstance(line, (sp.Expr, *_SIGNS)):
        raise ValueError(
            f"step {number} must be an expression, an equation or an inequality, got {line!r}"
            + (" (SymPy decided it while it was built)" if line in (sp.true, sp.false) else "")
        )
    if not isinstance(reason, str):
        raise ValueError(f"the reason of step {number} must be a text, got {reason!r}")
    for fact in facts:
        if not isinstance(fact, sp.Eq):
            raise ValueError(f"a fact of step {number} must be an equation, got {fact!r}")
        if isinstance(line, sp.Eq) and fact in (line, line.reversed):
            raise DerivationError(f"{_name(number, (line, reason))} assumes what it says")
    return line, reason, tuple(facts)


def _name(number, step):
    return f"step {number} ({step[1]!r})" if step[1] else f"step {number}"


@dataclass(frozen=True)
class _Bounds:
    """Bounds of symbols, and the substitutions that build them into an expression."""

    sides: dict
    values: tuple

    @classmethod
    def of(cls, where):
        low, high = {}, {}
        for bound in where:
            if not isinstance(bound, _STRICT):
                raise ValueError(f"where must hold strict inequalities of symbols, got {bound!r}")
            # What stands on the left is bounded: x > n says something of x.
            symbol, bounded = bound.args if bound.lhs.is_Symbol else bound.args[::-1]
            sides = low if symbol == bound.gts else high
            if symbol.is_Symbol and symbol not in sides:
                sides[symbol] = bounded
            else:
                raise ValueError(f"where bounds a symbol twice or none at all: {bound!r}")
        sides = {
            s: (low.get(s, sp.Integer(0) if s.is_positive else None), high.get(s))
            for s in {*low, *high}
        }
        values = {}
        for symbol, (least, most) in sides.items():
            free = sp.Dummy(f"t_{symbol}", positive=True)
            if most is None:
                values[symbol] = least + free
            elif least is None:
                values[symbol] = most - free
            else:
                values[symbol] = (least + most * free) / (1 + free)
        return cls(sides, tuple((s, values[s]) for s in _innermost_last(sides)))

    def inside(self, expression):
        """Write an expression in free positive symbols."""
        for symbol, value in self.values:
            expression = expression.subs(symbol, value)
        return expression

    def holds(self, setting):
        """Tell whether numbers meet the assumptions and the bounds."""
        return all(_suits(s, v) for s, v in setting.items()) and all(
            (low is None or setting[s] > low.subs(setting))
            and (high is None or setting[s] < high.subs(setting))
            for s, (low, high) in self.sides.items()
            if s in setting
        )

    def draw(self, symbols, dice):
        """Choose numbers that meet the assumptions, or None where none are found."""
        for _ in range(_TRIES):
            chosen = self._any(symbols, dice)
            if self.holds(chosen):
                return {s: chosen[s] for s in sorted(symbols, key=str)}
        return None

    def _any(self, symbols, dice):
        """Choose numbers that nearly always meet the assumptions."""
        chosen = {}
        bounding = {s for pair in self.sides.values() for b in pair if b for s in b.free_symbols}
        order = [s for s, _ in reversed(self.values)]
        for symbol in sorted({*symbols, *order, *bounding} - {*order}, key=str) + order:
            zero = sp.Integer(0)
            low, high = self.sides.get(
                symbol,
                (zero if symbol.is_nonnegative else None, zero if symbol.is_nonpositive else None),
            )
            part = sp.Rational(dice.randint(1, 99), 100)
            if low is not None and high is not None:
                value = low + part * (high - low)
            elif high is not None:
                value = high - 4 * part
            elif low is not None:
                value = low + 4 * part
            else:
                value = 4 * part * dice.choice((-1, 1))
            value = sp.sympify(value).subs(chosen)
            chosen[symbol] = sp.ceiling(value) if symbol.is_integer else value
        return chosen


def _suits(symbol, value):
    """Tell whether a number has all that is assumed of a symbol."""
    return all(
        getattr(value, f"is_{what}", None) in (truth, None)
        for what, truth in symbol.assumptions0.items()
    )


def _innermost_last(sides):
    """Order bounded symbols so that one in another's bound comes after it."""
    waiting, order = sorted(sides, key=str), []
    while waiting:
        used = {s: {r for b in sides[s] if b is not None for r in b.free_symbols} for s in waiting}
        free = [s for s in waiting if not any(s in used[other] for other in waiting)]
        if not free:
            raise ValueError("where bounds symbols by each other in a circle")
        order += free
        waiting = [s for s in waiting if s not in free]
    return order


@dataclass(frozen=True)
class _Step:
    """One step: what came before, what is claimed, and what may be used."""

    name: str
    before: sp.Basic
    now: sp.Basic
    facts: tuple
    bounds: _Bounds

    def prove(self):
        """Choose the kind of step, try numbers, then demand a proof."""
        before, now = (self._put_in(line) for line in (self.before, self.now))
        if not isinstance(now, Relational):
            if isinstance(before, Relational) and not isinstance(before, sp.Eq):
                raise DerivationError(f"{self.name} follows an inequality: write a full relation")
            self._equal(before.rhs if isinstance(before, sp.Eq) else before, now)
        elif not isinstance(before, Relational):
            self._says_of(before, now)
        elif isinstance(now, sp.Eq) and _differentiates(self.before, self.now):
            by = self.now.lhs.variable_count
            self._equal(sp.diff(before.rhs, *by), now.rhs)
        elif isinstance(before, sp.Eq) and isinstance(now, sp.Eq):
            self._same_solutions(before, now)
        elif isinstance(before, sp.Eq):
            if sp.expand(before.lhs - now.lhs) != 0:
                raise DerivationError(f"{self.name} must keep the left side {before.lhs}")
            self._says_of(before.rhs, now.func(before.rhs, now.rhs, evaluate=False))
        elif isinstance(now, sp.Eq):
            raise DerivationError(f"{self.name}: an equation does not follow from an inequality")
        else:
            self._same_order(before, now)

    def _put_in(self, line):
        for fact in self.facts:
            old, new = _unfold(fact.lhs), fact.rhs
            if line.func in _SIGNS:
                sides = (_unfold(side).subs(old, new) for side in line.args)
                line = line.func(*sides, evaluate=False)
            else:
                line = _unfold(line).subs(old, new)
        return line

    def _numbers(self, *expressions):
        """Yield settings of the symbols with the values of the expressions there."""
        expressions = [_unfold(e) for e in expressions]
        symbols = set().union(*(e.free_symbols for e in expressions))
        dice = random.Random(1980)
        for _ in range(_TRIES):
            setting = self.bounds.draw(symbols, dice)
            if setting is None:
                continue
            values = [sp.N(e.subs(setting), 30, chop=True) for e in expressions]
            if all(v.is_number and v.is_finite for v in values):
                yield setting, values

    def _refute(self, setting, what):
        shown = ", ".join(
            f"{s} = {sp.N(v, 6) if v.is_Float else v}"
            for s, v in sorted(setting.items(), key=lambda p: str(p[0]))
        )
        raise DerivationError(f"{self.name} is wrong: {what}" + (f" at {shown}" if shown else ""))

    def _unproved(self, what):
        raise DerivationError(f"{self.name} could not be proved: {what}")

    def _equal(self, left, right):
        for setting, (a, b) in self._numbers(left, right):
            if abs(a - b) > 1e-20 * (1 + abs(a) + abs(b)):
                self._refute(setting, f"{sp.N(a, 6)} is not {sp.N(b, 6)}")
        if not _is_equal(_unfold(left), _unfold(right), self.bounds):
            self._unproved(f"{left} = {right}")

    def _says_of(self, expression, claim):
        """Prove a relation of the expression on the line before."""
        if not _is_equal(_unfold(claim.lhs), _unfold(expression), self.bounds):
            raise DerivationError(f"{self.name} must start from the line before: {expression}")
        if isinstance(claim, sp.Eq):
            self._equal(expression, claim.rhs)
            return
        strict = isinstance(claim, _STRICT)
        for setting, (more, less) in self._numbers(claim.gts, claim.lts):
            if more < less or (more == less and strict):
                self._refute(setting, f"{claim} fails")
        rest = _unfold(claim.gts - claim.lts)
        weakly = not strict and self.bounds.inside(rest).is_nonnegative
        if _sign(rest, self.bounds) != 1 and not weakly:
            self._unproved(f"{claim}")

    def _same_solutions(self, before, now):
        factors = []
        for one, other in self._pairs(before, now):
            if one == 0 or other == 0:
                raise DerivationError(f"{self.name} is true without the line before")
            factor = _factor(other, one)
            if factor is not None:
                if _sign(factor, self.bounds) in (1, -1):
                    return
                factors.append(factor)
        for setting in self._solutions(before):
            sides = (_unfold(side).subs(setting) for side in now.args)
            for _, (left, right) in self._numbers(*sides):
                if abs(left - right) > 1e-15 * (1 + abs(left) + abs(right)):
                    self._refute(setting, f"{sp.N(left, 6)} is not {sp.N(right, 6)}")
        if factors:
            simplest = min(factors, key=sp.count_ops)
            self._unproved(
                f"it multiplies or divides by {simplest}, which the assumptions allow to be zero"
            )
        self._unproved(f"{now} from {before}")

    def _pairs(self, before, now):
        """Pair what both lines leave over, as they stand and within the bounds."""
        for inside in (lambda side: side, self.bounds.inside):
            yield from product(_left_over(before, inside), _left_over(now, inside))

    def _solutions(self, equation):
        """Yield a few numbers that solve an equation, to try them on the next one."""
        dice = random.Random(1994)
        rest = _unfold(equation.lhs - equation.rhs)
        symbols = sorted(rest.free_symbols, key=str)
        if rest.has(AppliedUndef):
            return  # a function without a formula has no numbers
        for unknown in symbols:
            setting = self.bounds.draw(symbols, dice)
            if setting is None:
                continue
            start = sp.Float(setting.pop(unknown), 30)
            try:
                root = sp.nsolve(rest.subs(setting), unknown, start, prec=30)
            except (TypeError, ValueError, ZeroDivisionError):
                continue
            if root.is_real and self.bounds.holds({**setting, unknown: root}):
                yield {**setting, unknown: root}

    def _same_order(self, before, now):
        if isinstance(before, _STRICT) != isinstance(now, _STRICT):
            raise DerivationError(f"{self.name} changes between a strict and a weak inequality")
        for one, other in self._pairs(before, now):
            factor = _factor(other, one)
            if factor is not None and _sign(factor, self.bounds) == 1:
                return
        for setting, (a, b, c, d) in self._numbers(before.gts, before.lts, now.gts, now.lts):
            if (a - b) * (c - d) < 0:
                self._refute(setting, f"{before} and {now} differ")
        self._unproved(f"{now} from {before}")


def _unfold(expression):
    """Carry out what was built unevaluated; the derivative of a letter is an unknown of its own."""
    expression = expression.replace(
        lambda e: isinstance(e, sp.UnevaluatedExpr), lambda e: e.args[0]
    )
    return expression.replace(_of_a_letter, lambda e: sp.Symbol(str(e), real=True)).doit()


def _of_a_letter(expression):
    """Whether this is the derivative of a letter that stands for something else."""
    return (
        isinstance(expression, sp.Derivative)
        and expression.expr.is_Symbol
        and expression.expr not in expression.variables
    )


def _differentiates(before, now):
    """Whether a line differentiates the definition of a letter or a function, the one before."""
    return (
        isinstance(before, sp.Eq)
        and isinstance(now.lhs, sp.Derivative)
        and now.lhs.expr == before.lhs
        and (_of_a_letter(now.lhs) or isinstance(before.lhs, AppliedUndef))
        and not before.rhs.has(before.lhs)
    )


def _left_over(relation, inside):
    """Yield what a relation leaves over: its sides' difference, or that of their logarithms."""
    equation = isinstance(relation, sp.Eq)
    sides = relation.args if equation else (relation.gts, relation.lts)
    more, less = (inside(_unfold(side)) for side in sides)
    yield more - less
    if more.is_positive and less.is_positive:
        yield sp.expand_log(sp.log(more)) - sp.expand_log(sp.log(less))


def _factor(other, one):
    """Divide one leftover by the other, if that hides no division by zero."""
    factor = sp.factor(sp.simplify(sp.together(other / one)))
    return None if factor.has(sp.zoo, sp.nan, sp.oo) else factor


def _is_equal(left, right, bounds):
    inside = bounds.inside(left), bounds.inside(right)
    return any(
        _vanishes(one - other) or _vanishes_in_logs(one, other)
        for one, other in ((left, right), inside)
    )


def _vanishes(rest):
    if rest == 0:
        return True
    tactics = (
        sp.expand,
        lambda e: sp.cancel(sp.together(e)),
        sp.simplify,
        lambda e: sp.simplify(sp.powsimp(sp.expand_power_base(sp.expand_power_exp(e)))),
        lambda e: sp.simplify(sp.expand_log(e)),
    )
    return any(tactic(rest) == 0 for tactic in tactics)


def _vanishes_in_logs(one, other):
    if not (one.is_positive and other.is_positive):
        return False
    return sp.simplify(sp.expand_log(sp.log(sp.factor(one)) - sp.log(sp.factor(other)))) == 0


def _sign(expression, bounds):
    """Tell the one sign that an expression has under the assumptions, or None."""
    expression = sp.powsimp(_unfold(expression))
    for form in (expression, _with_plain_powers(expression, bounds)):
        parts = sp.fraction(sp.factor(sp.together(bounds.inside(form))))
        above, below = map(_sign_of_sum, parts)
        if above and below:
            return above * below
    return None


def _sign_of_sum(expression):
    total = 1
    for part in sp.Mul.make_args(expression):
        for form in (part, sp.expand(part)):
            if form.is_positive:
                break
            if form.is_negative:
                total = -total
                break
        else:
            return None
    return total


def _with_plain_powers(expression, bounds):
    """Replace b^e by 1 + u or 1/(1 + u), u > 0, where b is surely above or below one."""
    names = {}
    for power in expression.atoms(sp.Pow):
        base, exponent = power.as_base_exp()
        if not exponent.is_integer:
            steep, grows = _sign(base - 1, bounds), _sign(exponent, bounds)
            if steep and grows:
                more = 1 + sp.Dummy("u", positive=True)
                names[power] = more if steep * grows > 0 else 1 / more
    return expression.xreplace(names)


class _Order:
    """How sums are written: parameters (Greek) before variables, no minus sign in front."""

    def _as_ordered_terms(self, expr, order=None):
        if sp.S.Zero in expr.args:
            return [term for term in expr.args if term != 0]
        terms = super()._as_ordered_terms(expr, order=order)
        return sorted(terms, key=lambda term: term.could_extract_minus_sign())

    def _print_Symbol(self, expr, **style):
        return super()._print_Symbol(sp.Symbol(expr.name.removeprefix("0")), **style)


class _Latex(_Order, LatexPrinter):
    def _helper_print_standard_power(self, expr, template):
        # A built-up fraction in an exponent is too small to read: θ/(1 - θ) on one line is not.
        shown = super()._helper_print_standard_power(expr, template)
        over, under = sp.fraction(expr.exp)
        if under == 1:
            return shown
        first, second = self._print(over), self._print(under)
        first = f"({first})" if over.is_Add else first
        second = f"({second})" if under.is_Add or under.is_Mul else second
        return shown.replace(f"^{{{self._print(expr.exp)}}}", f"^{{{first}/{second}}}")

    def _print_UnevaluatedExpr(self, expr):
        # SymPy's own printer drops the brackets of a sum that is taken away.
        shown = self._print(expr.args[0])
        return rf"\left({shown}\right)" if expr.args[0].is_Add else shown


class _Plain(_Order, StrPrinter):
    def _print_log(self, expr):
        return f"ln({self._print(expr.args[0])})"


def _in_order(expression):
    """Give Greek letters names that SymPy's printers put first, and leave all else alone."""
    names = {s: sp.Symbol(f"0{s.name}") for s in expression.free_symbols if s.name[0] in _GREEK}
    with sp.evaluate(False):
        return expression.xreplace(names)


def _tex(line, number=0):
    """Write a line's left side, and its sign with the right side."""
    if isinstance(line, Relational):
        left, right = map(_tex_of, line.args)
        return left, f"{_SIGNS[line.func][1]} {right}"
    return "", ("= " if number else "") + _tex_of(line)


def _tex_of(expression):
    shown = _Latex({"ln_notation": True}).doprint(_in_order(expression))
    for letter, name in _GREEK.items():
        shown = re.sub(rf"{letter}(?=[A-Za-z])", rf"\\{name} ", shown).replace(letter, rf"\{name}")
    # A bar would end a cell of the table.
    return re.sub(r"\|", r"\\vert ", shown)


def _text(line, number=0):
    write = _Plain().doprint
    if isinstance(line, Relational):
        left, right = (write(_in_order(side)) for side in line.args)
        return f"{left} {_SIGNS[line.func][0]} {right}"
    return ("  = " if number else "") + write(_in_order(line))


def _plain(reason):
    """Write references to equations as their numbers, for where nothing resolves them."""

    def number(role):
        found = re.fullmatch(r"\w+?-(\d.*?)(-prime)?", role[1])
        if not found:
            return "above"
        return "(" + found[1].replace("-", ".") + ("\N{PRIME}" if found[2] else "") + ")"

    return re.sub(r"\{eq\}`([^`]*)`", number, reason)
