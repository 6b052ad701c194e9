"""Gomory (1994), A Ricardo Model with Economies of Scale."""
