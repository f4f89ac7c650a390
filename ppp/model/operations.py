"""Amounts over time: profiles, indexation, users' payments."""

from __future__ import annotations

import numpy as np


def growing(start, growth, years: int) -> np.ndarray:
    """start (1 + growth)^k for k = 0..years-1; shape (years, cases). start and growth: scalars or (cases,)."""
    k = np.arange(years, dtype=float)[:, None]
    return np.atleast_1d(np.asarray(start, dtype=float)) * (1.0 + np.atleast_1d(np.asarray(growth, dtype=float))) ** k


def inflation_index(inflation, from_year: int, years: np.ndarray) -> np.ndarray:
    """(1 + inflation)^(year - from_year): turns prices of from_year into prices of each calendar year. Shape (years, cases)."""
    power = (np.asarray(years, dtype=float) - from_year)[:, None]
    return (1.0 + np.atleast_1d(np.asarray(inflation, dtype=float))) ** power


def nominal_rate(real, inflation):
    """Fisher: (1 + real)(1 + inflation) - 1."""
    return (1.0 + real) * (1.0 + inflation) - 1.0


def partly_indexed(amount, indexed_share, index, years: int) -> np.ndarray:
    """amount_k [1 - s + s (1 + index)^k]: the share s of a payment follows an index, the rest is fixed. Shape (years, cases)."""
    share = np.atleast_1d(np.asarray(indexed_share, dtype=float))
    return amount * (1.0 - share + share * growing(1.0, index, years))
