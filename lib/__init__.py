"""Verified solvers of Krugman (1980) and Gomory (1994), and the figures that a reader moves."""
