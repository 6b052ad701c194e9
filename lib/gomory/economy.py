"""
The model of Gomory (1994), Sections 2 and 3: primitives, national income and utility.

n goods, two countries. Country j has labour L_j and spends the share d_ij of its income on good i;
an industry with labour l makes f_ij(l), with economies of scale. An assignment x gives the share
x_i1 of world expenditure on good i that is spent on goods made in Country 1 (x_i2 = 1 - x_i1).
"""

from dataclasses import dataclass, fields, is_dataclass

import numpy as np

from lib.domain import (
    array,
    choice,
    instance,
    integer,
    normal,
    number,
    numbers,
    plain,
    shown,
    within_doubles,
)

_ROUNDING, _MOST_ODDS = 1e-9, 36

FIVE_GOODS = ("cars", "machines", "drugs", "ships", "cloth")


def _parameter(name, value, low, closed="neither"):
    """Check one parameter of production functions: a scalar, a row, a column or an (n, 2) table."""
    checked = numbers(name, value, low, closed=closed)
    if checked.ndim > 2:
        raise ValueError(f"{name} must have the shape (n, 2) or fewer axes, got {checked.shape}")
    checked.flags.writeable = False
    return checked


def _labor(value, shape, name="labor"):
    """Check labour, nonnegative, of a shape that fits the parameters of production functions."""
    plain_floats = type(value) is np.ndarray and value.dtype == float
    labor = value if plain_floats else numbers(name, value, 0, closed="left")
    # Two fast passes, since solvers call this with large arrays.
    if labor.size and not (labor.min() >= 0 and labor.max() < np.inf):
        numbers(name, value, 0, closed="left")
    try:
        np.broadcast_shapes(labor.shape, shape)
    except ValueError:
        raise ValueError(
            f"{name} must be an array of shape (..., n, 2) of numbers in [0, inf) that fits the "
            f"production functions' {shape}, got shape {labor.shape}"
        ) from None
    return labor


def _levels(low, high, shape):
    """Check two levels of labour, of which the first nowhere exceeds the second."""
    low, high = _labor(low, shape, "low"), _labor(high, shape, "high")
    try:
        low, high = np.broadcast_arrays(low, high)
    except ValueError:
        raise ValueError(
            f"low and high must have shapes that fit, got the shapes {low.shape} and {high.shape}"
        ) from None
    above = low > high
    if above.any():
        raise ValueError(
            f"low must be at most high, got {low[above][0]:g} where high is {high[above][0]:g}"
        )
    return low, high


def _broadcast(**parameters):
    try:
        shape = np.broadcast_shapes(*(np.shape(value) for value in parameters.values()))
    except ValueError:
        shape = (0, 0)
    if len(shape) > 2 or (len(shape) > 0 and shape[-1] not in (1, 2)):
        got = ", ".join(f"{name} {np.shape(value)}" for name, value in parameters.items())
        raise ValueError(
            f"{' and '.join(parameters)} must broadcast to shape (n, 2), got the shapes {got}"
        )
    return shape


@dataclass(frozen=True, eq=False)
class PowerProduction:
    """
    Production functions e l^a.

    They satisfy A1 to A3 of Section 2: average productivity e l^(a - 1) is continuous, strictly
    increasing, and tends to zero with l.

    Attributes
    ----------
    productivity : array_like
        Average productivity at l = 1, e > 0, of shape (n, 2) or broadcastable to it.
    scale : array_like
        Exponent a > 1, of shape (n, 2) or broadcastable to it.

    Raises
    ------
    ValueError
        If an entry is outside its domain or the shapes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> production = PowerProduction(productivity=2.0, scale=1.5)
    >>> np.exp(production.log_output([[1.0, 4.0]])).round(6)
    array([[ 2., 16.]])
    """

    productivity: np.ndarray
    scale: np.ndarray

    def __post_init__(self):
        object.__setattr__(self, "productivity", _parameter("productivity", self.productivity, 0))
        object.__setattr__(self, "scale", _parameter("scale", self.scale, 1))
        _broadcast(productivity=self.productivity, scale=self.scale)

    def log_output(self, labor):
        """
        Logarithm of output.

        Parameters
        ----------
        labor : array_like of shape (..., n, 2)
            Labour in each industry, l >= 0.

        Returns
        -------
        ndarray of shape (..., n, 2)
            Log of f(l), -inf at l = 0.
        """
        labor = _labor(labor, _broadcast(productivity=self.productivity, scale=self.scale))
        with np.errstate(divide="ignore"):
            return plain(np.log(self.productivity) + self.scale * np.log(labor))

    def elasticity(self, labor):
        """
        Elasticity of output with respect to labour, f'(l) l / f(l): here the constant a.

        Parameters
        ----------
        labor : array_like of shape (..., n, 2)
            Labour in each industry, l >= 0.

        Returns
        -------
        ndarray of shape (..., n, 2)
            The ratio of marginal to average productivity (a at l = 0 too).
        """
        labor = _labor(labor, self.scale.shape)
        return np.broadcast_to(self.scale, np.broadcast_shapes(labor.shape, self.scale.shape))

    def elasticity_bounds(self, low, high):
        """
        Bound the elasticity between two levels of labour: here it is constant.

        Parameters
        ----------
        low, high : array_like of shape (..., n, 2)
            Labour in each industry, 0 <= low <= high.

        Returns
        -------
        least, most : ndarray of shape (..., n, 2)
            What the elasticity neither falls below nor exceeds anywhere in [low, high].

        Raises
        ------
        ValueError
            If a level lies outside its domain, or `low` above `high`.
        """
        low, high = _levels(low, high, self.scale.shape)
        return self.elasticity(low), self.elasticity(high)


@dataclass(frozen=True, eq=False)
class ThresholdProduction:
    """
    Production functions e max(l - t, 0)^a, zero up to the threshold t.

    They satisfy A1 to A3 of Section 2 for a >= 1 when t > 0 (the paper's linear function after an
    interval of zero output is a = 1), and for a > 1 when t = 0.

    Attributes
    ----------
    productivity : array_like
        Average productivity at l = 1, e > 0, of shape (n, 2) or broadcastable to it.
    scale : array_like
        Exponent a >= 1, of shape (n, 2) or broadcastable to it; a > 1 where the threshold is 0.
    threshold : array_like
        Labour t >= 0 that makes nothing, of shape (n, 2) or broadcastable to it.

    Raises
    ------
    ValueError
        If an entry is outside its domain or the shapes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> production = ThresholdProduction(productivity=1.0, scale=1.0, threshold=0.5)
    >>> np.exp(production.log_output([[0.4, 2.0]])).round(6)
    array([[0. , 1.5]])
    """

    productivity: np.ndarray
    scale: np.ndarray
    threshold: np.ndarray

    def __post_init__(self):
        object.__setattr__(self, "productivity", _parameter("productivity", self.productivity, 0))
        object.__setattr__(self, "scale", _parameter("scale", self.scale, 1, "left"))
        object.__setattr__(self, "threshold", _parameter("threshold", self.threshold, 0, "left"))
        self._shape()
        if np.any((self.threshold == 0) & (self.scale == 1)):
            raise ValueError("scale must be above 1 where threshold is 0, got scale 1")

    def _shape(self):
        return _broadcast(
            productivity=self.productivity, scale=self.scale, threshold=self.threshold
        )

    def log_output(self, labor):
        """
        Logarithm of output.

        Parameters
        ----------
        labor : array_like of shape (..., n, 2)
            Labour in each industry, l >= 0.

        Returns
        -------
        ndarray of shape (..., n, 2)
            Log of f(l), -inf up to the threshold.
        """
        labor = _labor(labor, self._shape())
        with np.errstate(divide="ignore"):
            above = np.log(np.maximum(labor - self.threshold, 0.0))
        return plain(np.log(self.productivity) + self.scale * above)

    def elasticity(self, labor):
        """
        Elasticity of output with respect to labour, f'(l) l / f(l) = a l / (l - t).

        Parameters
        ----------
        labor : array_like of shape (..., n, 2)
            Labour in each industry, l >= 0.

        Returns
        -------
        ndarray of shape (..., n, 2)
            The ratio of marginal to average productivity; where output is zero its limit from
            above, inf (a where the threshold is 0).
        """
        labor = _labor(labor, self._shape())
        above = labor - self.threshold
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            ratio = self.scale * (labor / above)
        zero = np.where(self.threshold > 0, np.inf, self.scale)
        return plain(np.where(above > 0, ratio, zero))

    def elasticity_bounds(self, low, high):
        """
        Bound the elasticity between two levels of labour: it falls with labour.

        Parameters
        ----------
        low, high : array_like of shape (..., n, 2)
            Labour in each industry, 0 <= low <= high.

        Returns
        -------
        least, most : ndarray of shape (..., n, 2)
            What the elasticity neither falls below nor exceeds anywhere in [low, high]; inf where
            output is zero.

        Raises
        ------
        ValueError
            If a level lies outside its domain, or `low` above `high`.
        """
        low, high = _levels(low, high, self._shape())
        return self.elasticity(high), self.elasticity(low)


@dataclass(frozen=True, eq=False)
class Economy:
    """
    Two countries, n goods: demand, labour and production functions of Section 2.

    Attributes
    ----------
    demand : array_like of shape (n, 2)
        Expenditure shares d_ij > 0, n >= 2; each column sums to 1 (within 1e-9, and is divided by
        its sum).
    labor : array_like of shape (2,)
        Labour L_1 and L_2, positive.
    production : PowerProduction or ThresholdProduction or object
        The production functions: any object with the methods `log_output(labor)` and
        `elasticity(labor)`, which take labour of shape (..., n, 2) and return the logarithm of
        output (-inf where it is zero) and f'(l) l / f(l) in that shape. `all_equilibria` also needs
        `elasticity_bounds(low, high)`: what the elasticity neither falls below nor exceeds anywhere
        between two such levels of labour, as a pair (least, most) of that shape.

    Raises
    ------
    ValueError
        If a field is outside its domain, if a good has no output in autarky (A2), if average
        productivity does not increase with labour around the autarky level (A1), or if the
        elasticity leaves the bounds that the production functions state.

    Examples
    --------
    >>> economy = Economy(
    ...     demand=[[0.6, 0.4], [0.4, 0.6]],
    ...     labor=[2, 1],
    ...     production=PowerProduction(productivity=1.0, scale=1.5),
    ... )
    >>> economy.goods
    2
    """

    demand: np.ndarray
    labor: np.ndarray
    production: object

    def __post_init__(self):
        demand = array("demand", self.demand, ("n", 2), low=0)
        if len(demand) < 2:
            raise ValueError(f"demand must have at least 2 rows (goods), got {len(demand)}")
        sums = demand.sum(axis=0)
        if np.any(np.abs(sums - 1) > _ROUNDING):
            raise ValueError(
                f"demand must have columns that sum to 1, got the sums {sums.tolist()}"
            )
        demand = demand / sums
        demand.flags.writeable = False
        object.__setattr__(self, "demand", demand)
        object.__setattr__(self, "labor", array("labor", self.labor, (2,), low=0))
        self._check_production()

    def _check_production(self):
        methods = ("log_output", "elasticity")
        if not all(callable(getattr(self.production, name, None)) for name in methods):
            raise ValueError(
                "production must have the methods log_output and elasticity, "
                f"got {shown(self.production)}"
            )
        if isinstance(self.production, PowerProduction | ThresholdProduction):
            for field in fields(self.production):
                shape = np.shape(getattr(self.production, field.name))
                if len(shape) == 2 and shape[0] not in (1, self.goods):
                    raise ValueError(
                        f"production must have a {field.name} of shape ({self.goods}, 2), "
                        f"got the shape {shape}"
                    )
        with within_doubles(labor=self.labor):
            labor = self.demand * self.labor * np.geomspace(1e-3, 1e3, 13)[:, None, None]
            normal(labor)
        between = np.sqrt(labor[1:]) * np.sqrt(labor[:-1])
        bounds = getattr(self.production, "elasticity_bounds", None)
        try:
            output = np.asarray(self.production.log_output(labor))
            elasticity = np.asarray(self.production.elasticity(labor))
            inside = np.asarray(self.production.elasticity(between))
            least, most = (inside, inside) if bounds is None else bounds(labor[:-1], labor[1:])
        except ValueError as error:
            raise ValueError(
                f"production must take labor of shape (..., {self.goods}, 2), as demand has "
                f"{self.goods} goods, got {error}"
            ) from None
        for name, result in (("log_output", output), ("elasticity", elasticity)):
            if result.shape != labor.shape:
                raise ValueError(
                    f"production.{name} must return the shape of labor, {labor.shape}, "
                    f"got {result.shape}"
                )
        if bounds is not None:
            self._check_bounds(least, most, (elasticity[:-1], inside, elasticity[1:]))
        at_autarky = output[6]
        if not np.all(np.isfinite(at_autarky)):
            good, country = np.argwhere(~np.isfinite(at_autarky))[0]
            raise ValueError(
                "production must give every good a finite, positive autarky output (A2), got "
                f"log_output {at_autarky[good, country]} for good {good} in Country {country + 1}"
            )
        with np.errstate(invalid="ignore"):
            rise = np.diff(output - np.log(labor), axis=0)
        falls = np.isfinite(output[:-1]) & ~(rise > 0)
        if falls.any():
            _, good, country = np.argwhere(falls)[0]
            raise ValueError(
                "production must have increasing average productivity (A1), "
                f"got a fall for good {good} in Country {country + 1}"
            )

    def _check_bounds(self, least, most, seen):
        """Check bounds of the elasticity against its values in the same intervals."""
        for bound in (least, most):
            if np.shape(bound) != seen[0].shape:
                raise ValueError(
                    "production.elasticity_bounds must return two arrays of the shape of labor, "
                    f"{seen[0].shape}, got {np.shape(bound)}"
                )
        for value in seen:
            outside = (value < least * (1 - _ROUNDING)) | (value > most * (1 + _ROUNDING))
            if outside.any():
                raise ValueError(
                    "production.elasticity_bounds must hold every value of production.elasticity "
                    f"between two levels of labour, got {value[outside][0]:g} outside "
                    f"[{least[outside][0]:g}, {most[outside][0]:g}]"
                )

    @property
    def goods(self):
        """
        Number of goods.

        Returns
        -------
        int
            The n of the paper.
        """
        return len(self.demand)

    def __str__(self):
        columns = {"d_i1": self.demand[:, 0], "d_i2": self.demand[:, 1]}
        note = ""
        if is_dataclass(self.production):
            for field in fields(self.production):
                value = np.broadcast_to(getattr(self.production, field.name), self.demand.shape)
                columns |= {f"{field.name} {j + 1}": value[:, j] for j in (0, 1)}
        else:
            note = f"\nproduction: {self.production!r}"
        widths = [max(8, len(name)) for name in columns]
        lines = [
            f"{self.goods} goods, labour L_1 = {self.labor[0]:g}, L_2 = {self.labor[1]:g}",
            "good  " + "  ".join(f"{name:>{w}}" for name, w in zip(columns, widths, strict=True)),
        ]
        for i in range(self.goods):
            cells = (f"{c[i]:{w}.4f}" for c, w in zip(columns.values(), widths, strict=True))
            lines.append(f"{i + 1:4d}  " + "  ".join(cells))
        return "\n".join(lines) + note


def random_economy(
    n,
    seed,
    size_ratio=1.0,
    g=0.1,
    scale=1.4,
    scale_spread=None,
    productivity_spread=0.5,
    threshold=0.0,
):
    """
    Draw an economy.

    Demands are d_1 = (1 - g) m + g a and d_2 = (1 - g) m + g b, where a and b share no good, so
    that the paper's measure of dissimilarity is exactly g.

    Parameters
    ----------
    n : int
        Number of goods, from 2 to 10,000.
    seed : int
        Seed of the draw, at least 0.
    size_ratio : float
        L_1 / L_2, from 1e-200 to 1e200; L_2 is 1.
    g : float
        Dissimilarity of demands, (1/2) sum_i |d_i1 - d_i2|, in [0, 1).
    scale : float
        Middle of the exponents of the production functions, in (1, 1e6).
    scale_spread : float, optional
        Exponents are uniform within this distance of the middle, in [0, scale - 1); with 0 all are
        the same. By default (scale - 1) / 2.
    productivity_spread : float
        Log of e_ij is uniform within this distance of 0; in [0, 300].
    threshold : float
        Labour up to which an industry makes nothing, as a share of its autarky labour, in [0, 1).
        With 0, production is e l^a.

    Returns
    -------
    Economy
        The economy; print shows its table.

    Raises
    ------
    ValueError
        If a parameter is outside its domain.

    Examples
    --------
    >>> random_economy(3, seed=0, size_ratio=2).labor
    array([2., 1.])
    """
    n = integer("n", n, 2, 10_000)
    seed = integer("seed", seed, 0, 2**63 - 1)
    size_ratio = number("size_ratio", size_ratio, 1e-200, 1e200, closed="both")
    g = number("g", g, 0, 1, closed="left")
    scale = number("scale", scale, 1, 1e6)
    scale_spread = (scale - 1) / 2 if scale_spread is None else scale_spread
    least = "every exponent, scale - scale_spread or more, is above 1"
    scale_spread = number("scale_spread", scale_spread, 0, scale - 1, "left", above=least)
    productivity_spread = number("productivity_spread", productivity_spread, 0, 300, "both")
    threshold = number("threshold", threshold, 0, 1, closed="left")

    rng = np.random.default_rng(seed)
    common, tilt = rng.uniform(0.5, 1.5, (2, n))
    likes_1 = np.zeros(n, bool)
    likes_1[rng.permutation(n)[: n // 2]] = True
    own = np.stack([np.where(likes_1, tilt, 0.0), np.where(likes_1, 0.0, tilt)], axis=1)
    demand = (1 - g) * common[:, None] / common.sum() + g * own / own.sum(axis=0)
    productivity = np.exp(productivity_spread * rng.uniform(-1, 1, (n, 2)))
    exponent = scale + scale_spread * rng.uniform(-1, 1, (n, 2))
    labor = np.array([size_ratio, 1.0])
    if threshold > 0:
        production = ThresholdProduction(productivity, exponent, threshold * demand * labor)
    else:
        production = PowerProduction(productivity, exponent)
    return Economy(demand, labor, production)


def five_goods(g=0.0, scale=1.5):
    """
    Make the world of cars, machines, drugs, ships and cloth.

    Both countries have one unit of labour. With the same demands people spend 30, 25, 20, 15 and 10
    per cent of their income on the five goods. Country 1 is somewhat better at cars and machines,
    Country 2 at ships and cloth.

    Parameters
    ----------
    g : float
        Dissimilarity of demands, (1/2) sum_i |d_i1 - d_i2|, in [0, 0.6): each country likes what it
        is good at, Country 1 cars and machines, Country 2 the other three.
    scale : float
        Exponent of all production functions, in [1 + 1e-6, 1e6].

    Returns
    -------
    Economy
        The economy; its goods stand in the order of `FIVE_GOODS`.

    Raises
    ------
    ValueError
        If a parameter is outside its domain.

    Examples
    --------
    >>> economy = five_goods()
    >>> made_in_1 = [good in ("cars", "machines") for good in FIVE_GOODS]
    >>> round(income(economy, made_in_1), 6)
    0.55
    """
    g = number("g", g, 0, 0.6, closed="left")
    scale = number("scale", scale, 1 + 1e-6, 1e6, closed="both")
    alike = np.array([0.30, 0.25, 0.20, 0.15, 0.10])
    tilt = np.array([2, 1, -1, -1, -1]) / 6
    skill = [[1.3, 0.9], [1.2, 1.0], [1.0, 1.0], [1.0, 1.2], [0.9, 1.3]]
    demand = np.stack([alike + g * tilt, alike - g * tilt], axis=1)
    return Economy(demand, [1, 1], PowerProduction(skill, scale))


def _goods_up_to(economy, most):
    """Return the number of goods of an economy that must not have more than some."""
    n = instance("economy", economy, Economy).goods
    if n > most:
        raise ValueError(f"economy must have from 2 to {most} goods here, got {n}")
    return n


def _odds_range(economy):
    """Return the least and the greatest ln(Z_1 / Z_2) at which each country is sole producer."""
    # 1 - d_ij, which for a large good must not be lost.
    others = (1 - np.eye(economy.goods)) @ economy.demand
    d1, d2 = economy.demand.T
    return np.log(d2 / others[:, 0]).min(), np.log(others[:, 1] / d1).max()


def _odds_in_doubles(economy):
    """Return `_odds_range`, or refuse an economy in which doubles round Country 1's income to 1."""
    low, high = _odds_range(economy)
    if high > _MOST_ODDS:
        raise ValueError(
            "economy must have demand shares that keep ln(Z_1 / Z_2) below "
            f"{_MOST_ODDS}, from where on doubles round Z_1 to 1, got up to {float(high)!r}"
        )
    return low, high


def _assignment(name, value, goods):
    """Check an assignment or a batch of them, of shape (..., n) with entries in [0, 1]."""
    allowed = (
        f"{name} must be an array of shape (..., {goods}) of numbers in [0, 1] or booleans, got "
    )
    try:
        given = np.asarray(value, object) if isinstance(value, list | tuple) else value
    except ValueError:
        raise ValueError(allowed + shown(value)) from None
    if isinstance(given, np.ndarray) and given.dtype == object and given.size:
        given = given.astype(bool) if all(isinstance(v, bool) for v in given.flat) else value
    if isinstance(given, np.ndarray) and given.dtype == bool and not np.ma.is_masked(given):
        x = given.astype(float)
    else:
        x = numbers(name, value, 0, 1, closed="both")
    if x.ndim == 0 or x.shape[-1] != goods:
        raise ValueError(f"{allowed}shape {x.shape}: {shown(value)}")
    return x


def _fitting(x, income):
    """Check that incomes fit a batch of assignments."""
    z = _income(income)
    try:
        np.broadcast_shapes(x.shape[:-1], z.shape)
    except ValueError:
        raise ValueError(
            "income must be a number or an array of a shape that fits x without its last axis, "
            f"{x.shape[:-1]}, got shape {z.shape}"
        ) from None
    return z


def _income(value):
    """Check Country 1's shares of world income; next to 0, doubles would lose its demand."""
    z = numbers("income", value, 0, 1)
    return numbers("income", z, 1e-300, 1, closed="left") if z.size else z


def _incomes(value, batch=()):
    """Check Country 1's shares of world income and add Country 2's as a last axis."""
    z = _income(value)
    return np.stack([z, 1 - z], axis=-1)


def _trade_balance_incomes(economy, x):
    exports = x @ economy.demand[:, 1]
    imports = (1 - x) @ economy.demand[:, 0]
    return np.stack([exports, imports], axis=-1) / (exports + imports)[..., None]


def _expenditure(economy, incomes):
    """World expenditure on each good, d_i1 Z_1 + d_i2 Z_2, in units of world income."""
    return incomes @ economy.demand.T


def _log_share(economy, incomes, country):
    """Ln F_ij(Z), the share of each good that the country consumes."""
    own = economy.demand[:, country - 1] * incomes[..., country - 1, None]
    with np.errstate(divide="ignore"):
        return np.log(own / _expenditure(economy, incomes))


def income(economy, made_in_1):
    """
    Country 1's share of world income at which an assignment uses the labour of both countries.

    Solves (3.4a), which is balanced trade: Z_1 / Z_2 = X / Y, where X = sum_i d_i2 x_i1 is what
    Country 2 spends on Country 1's goods out of its income and Y = sum_i d_i1 x_i2 the reverse.

    Parameters
    ----------
    economy : Economy
        The economy.
    made_in_1 : array_like of shape (..., n)
        The assignment: share of each good made in Country 1, in [0, 1], or booleans.

    Returns
    -------
    float or ndarray of shape (...)
        Z_1(x), in [0, 1]; 0 or 1 only if one country makes everything.

    Raises
    ------
    ValueError
        If `made_in_1` is outside its domain.

    References
    ----------
    Gomory (1994), equations (3.4a, b).

    Examples
    --------
    Country 1 makes the first of two goods, on which the world spends half its income:

    >>> economy = Economy([[0.5, 0.5], [0.5, 0.5]], [1, 1], PowerProduction(1.0, 1.5))
    >>> income(economy, [True, False])
    0.5
    """
    instance("economy", economy, Economy)
    x = _assignment("made_in_1", made_in_1, economy.goods)
    return plain(_trade_balance_incomes(economy, x)[..., 0])


def log_utility(economy, x, country, income=None):
    """
    Logarithm of a country's utility at an assignment, (3.6).

    u_j = sum_i d_ij ln(F_ij Q_i): the country's share F_ij of each good, times the world's output
    Q_i, which (3.2) makes a function of the assignment and of national income.

    Parameters
    ----------
    economy : Economy
        The economy.
    x : array_like of shape (..., n)
        The assignment: share of each good made in Country 1, in [0, 1], or booleans.
    country : {1, 2}
        The country.
    income : array_like, optional
        Country 1's share of world income, in (0, 1), of a shape that broadcasts with the batch of
        assignments. By default Z_1(x).

    Returns
    -------
    float or ndarray
        Value of u_j(x, Z); -inf if the country makes nothing (then it earns nothing), or if a good
        is not produced at all.

    Raises
    ------
    ValueError
        If a parameter is outside its domain.

    References
    ----------
    Gomory (1994), equations (3.2), (3.5) and (3.6).

    Examples
    --------
    >>> economy = Economy([[0.5, 0.5], [0.5, 0.5]], [1, 1], PowerProduction(1.0, 1.5))
    >>> round(log_utility(economy, [True, False], country=1), 6)
    -0.693147
    """
    instance("economy", economy, Economy)
    x = _assignment("x", x, economy.goods)
    country = choice("country", country, (1, 2))
    incomes = _trade_balance_incomes(economy, x)
    if income is not None:
        z = _fitting(x, income)
        incomes = _incomes(z)
    shares = np.stack([x, 1 - x], axis=-1)
    size = economy.labor * _expenditure(economy, incomes)[..., None]
    if income is not None:
        with within_doubles(income=z, labor=economy.labor):
            normal(size / incomes[..., None, :])
    with np.errstate(divide="ignore", invalid="ignore"):
        labor = shares * size / incomes[..., None, :]
    labor = np.where(shares == 0, 0.0, labor)
    output = economy.production.log_output(labor)
    quantity = np.logaddexp(output[..., 0], output[..., 1])
    utility = (_log_share(economy, incomes, country) + quantity) @ economy.demand[:, country - 1]
    return plain(utility)


def sole_producer_log_output(economy, income):
    """
    World output of each good if one country were its sole producer, at given incomes.

    The sole producer j employs l_ij = (L_j / Z_j)(d_i1 Z_1 + d_i2 Z_2), (3.2) with x_ij = 1.

    Parameters
    ----------
    economy : Economy
        The economy.
    income : array_like of shape (...)
        Country 1's share of world income Z_1, in (0, 1).

    Returns
    -------
    ndarray of shape (..., n, 2)
        Log of q_ij(1, Z): last axis the country.

    Raises
    ------
    ValueError
        If `income` is outside its domain.

    References
    ----------
    Gomory (1994), Section 3, equation (3.2) and the definition of q_ij.

    Examples
    --------
    >>> economy = Economy([[0.5, 0.5], [0.5, 0.5]], [1, 1], PowerProduction(1.0, 2.0))
    >>> sole_producer_log_output(economy, 0.25).round(4)
    array([[ 1.3863, -0.8109],
           [ 1.3863, -0.8109]])
    """
    instance("economy", economy, Economy)
    incomes = _incomes(income)
    with within_doubles(income=incomes, labor=economy.labor):
        labor = _expenditure(economy, incomes)[..., None] * (economy.labor / incomes)[..., None, :]
        normal(labor)
    return economy.production.log_output(labor)


def linearized_log_utility(economy, x, income, country):
    """
    Linearised utility Lu_j(x, Z), linear in the assignment for fixed incomes, (3.L).

    Equal to `log_utility` at the same income when every share is 0 or 1, and only then.

    Parameters
    ----------
    economy : Economy
        The economy.
    x : array_like of shape (..., n)
        The assignment: share of each good made in Country 1, in [0, 1], or booleans.
    income : array_like
        Country 1's share of world income Z_1, in (0, 1), of a shape that broadcasts with the batch
        of assignments.
    country : {1, 2}
        The country.

    Returns
    -------
    float or ndarray
        Lu_j(x, Z).

    Raises
    ------
    ValueError
        If a parameter is outside its domain.

    References
    ----------
    Gomory (1994), equation (3.L).

    Examples
    --------
    >>> economy = Economy([[0.5, 0.5], [0.5, 0.5]], [1, 1], PowerProduction(1.0, 1.5))
    >>> round(linearized_log_utility(economy, [0.5, 0.5], income=0.5, country=1), 6)
    -0.693147
    """
    instance("economy", economy, Economy)
    x = _assignment("x", x, economy.goods)
    country = choice("country", country, (1, 2))
    income = _fitting(x, income)
    incomes = _incomes(income)
    output = sole_producer_log_output(economy, income)
    quantity = x * output[..., 0] + (1 - x) * output[..., 1]
    utility = (_log_share(economy, incomes, country) + quantity) @ economy.demand[:, country - 1]
    return plain(utility)


def autarky_log_utility(economy, country):
    """
    Logarithm of a country's utility without trade.

    A country alone spends and so employs the share d_ij on good i: output is f_ij(d_ij L_j).

    Parameters
    ----------
    economy : Economy
        The economy.
    country : {1, 2}
        The country.

    Returns
    -------
    float
        Log of U_j in autarky.

    Raises
    ------
    ValueError
        If `country` is not 1 or 2.

    References
    ----------
    Gomory (1994), Section 2, assumption A2.

    Examples
    --------
    >>> economy = Economy([[0.5, 0.5], [0.5, 0.5]], [1, 1], PowerProduction(1.0, 1.5))
    >>> round(autarky_log_utility(economy, country=1), 6)
    -1.039721
    """
    instance("economy", economy, Economy)
    j = choice("country", country, (1, 2)) - 1
    output = economy.production.log_output(economy.demand * economy.labor)
    return float(output[:, j] @ economy.demand[:, j])
