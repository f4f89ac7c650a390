"""Loops over floats that are compiled to machine code, one case at a time.

A formula whose steps hang on each other, row after row or guess after guess, is written here as a plain loop and is the only
implementation of that formula: a base case runs it once, draws run it once each. Compiled code is kept beside the source, so only the
first run after a change compiles. NUMBA_DISABLE_JIT=1 runs the same loops as ordinary Python.
"""

from __future__ import annotations

from functools import reduce

import numba
import numpy as np

compiled = numba.njit(cache=True, error_model="numpy", nogil=True)


def whole(values, shape) -> np.ndarray:
    """Values in a shape they broadcast to, each in a place of its own, as compiled loops want them."""
    values = np.asarray(values, dtype=float)
    return np.ascontiguousarray(values if values.shape == shape else np.broadcast_to(values, shape))


def added(parts, nothing=0.0) -> np.ndarray:
    """The sum of arrays, `nothing` of none; of a single one itself, without a copy. Those of one case come first, so that what is the
    same in every case is added once and not in each."""
    return reduce(np.add, sorted(parts, key=np.size)) if parts else nothing


def largest(values) -> np.ndarray:
    """The largest size along time, NaN where there is one: (cases,)."""
    values = np.ascontiguousarray(values, dtype=float)
    return _largest(values.reshape(values.shape[0], -1))


def _largest(values):
    found = np.abs(values[0])
    for t in range(1, values.shape[0]):
        for case in range(values.shape[1]):
            size = abs(values[t, case])
            if not size <= found[case]:  # so that NaN stays
                found[case] = size if found[case] == found[case] else found[case]
    return found


def running_sum(values):
    """Sum of the rows up to each, (rows, cases): numpy's cumsum along the first axis, by whole rows."""
    out = np.empty_like(values)
    out[0] = values[0]
    for t in range(1, values.shape[0]):
        for case in range(values.shape[1]):
            out[t, case] = out[t - 1, case] + values[t, case]
    return out


_largest = compiled(_largest)
running_sum = compiled(running_sum)
