"""Gomory (1994), A Ricardo Model with Economies of Scale."""

from lib.gomory.best import BestEquilibrium, best_equilibrium
from lib.gomory.boundaries import (
    Boundary,
    NearBoundary,
    boundary,
    classical_level,
    near_boundary_equilibria,
)
from lib.gomory.economy import (
    Economy,
    PowerProduction,
    ThresholdProduction,
    autarky_log_utility,
    income,
    linearized_log_utility,
    log_utility,
    random_economy,
    sole_producer_log_output,
)
from lib.gomory.equilibria import Equilibria, all_equilibria, stream_equilibria
from lib.gomory.knapsack import Packing, continuous_knapsack, knapsack
from lib.gomory.shape import (
    Characteristic,
    FillInBound,
    NearestEquilibrium,
    ShapeReport,
    fill_in_bound,
    identical_countries_utility,
    nearest_equilibrium,
    shape_report,
)
from lib.gomory.specialized import (
    SpecializedDensity,
    SpecializedEquilibria,
    specialized_density,
    specialized_equilibria,
)

__all__ = [
    "BestEquilibrium",
    "Boundary",
    "Characteristic",
    "Economy",
    "Equilibria",
    "FillInBound",
    "NearBoundary",
    "NearestEquilibrium",
    "Packing",
    "PowerProduction",
    "ShapeReport",
    "SpecializedDensity",
    "SpecializedEquilibria",
    "ThresholdProduction",
    "all_equilibria",
    "autarky_log_utility",
    "best_equilibrium",
    "boundary",
    "classical_level",
    "continuous_knapsack",
    "fill_in_bound",
    "identical_countries_utility",
    "income",
    "knapsack",
    "linearized_log_utility",
    "log_utility",
    "near_boundary_equilibria",
    "nearest_equilibrium",
    "random_economy",
    "shape_report",
    "sole_producer_log_output",
    "specialized_density",
    "specialized_equilibria",
    "stream_equilibria",
]
