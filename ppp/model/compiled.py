"""Loops over floats that are compiled to machine code, one case at a time.

A formula whose steps hang on each other, row after row or guess after guess, is written here as a plain loop and is the only
implementation of that formula: a base case runs it once, draws run it once each. Compiled code is kept beside the source, so only the
first run after a change compiles. NUMBA_DISABLE_JIT=1 runs the same loops as ordinary Python.
"""

from __future__ import annotations

import numba
import numpy as np

compiled = numba.njit(cache=True, error_model="numpy", nogil=True)


def running_sum(values):
    """Sum of the rows up to each, (rows, cases): numpy's cumsum along the first axis, by whole rows."""
    out = np.empty_like(values)
    out[0] = values[0]
    for t in range(1, values.shape[0]):
        for case in range(values.shape[1]):
            out[t, case] = out[t - 1, case] + values[t, case]
    return out


running_sum = compiled(running_sum)
