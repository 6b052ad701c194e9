"""Krugman (1980), Scale Economies, Product Differentiation, and the Pattern of Trade."""
