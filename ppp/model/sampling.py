"""Points in the unit cube for draws: scrambled Sobol' points or pseudo-random numbers, each found by its number alone.

A point depends on its seed and its number, not on how many are asked for or in which blocks, so that any part of a simulation can be
made anywhere. Sobol' points are scrambled by a random lower triangular matrix and a random shift of their binary digits (Matousek 1998):
each scramble is uniform, so the means of several independent scrambles show the sampling error. Direction numbers: Joe and Kuo 2008.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

import numpy as np
from scipy.special import ndtr, ndtri

BITS = 52  # binary digits of a point: as many as a float in [1/2, 1) holds
CHUNK = 4096  # pseudo-random numbers are made so many points at a time
MOST_DIMENSIONS = 256
EDGE = 1e-9  # no point lies nearer to 0 or 1, so a distribution is drawn between its quantiles at EDGE and 1 - EDGE
CONTRADICTION = 1e-10  # an eigenvalue of a correlation matrix below minus this is no rounding


@lru_cache(maxsize=1)
def _table() -> list[list[int]]:
    text = (resources.files("ppp.model") / "joe_kuo.txt").read_text(encoding="ascii")
    return [[int(word) for word in line.split()] for line in text.splitlines() if not line.startswith("#")]


@lru_cache(maxsize=8)
def _directions(dimensions: int) -> np.ndarray:
    """Direction numbers v_k as integers of BITS digits, (dimensions, BITS)."""
    if not 1 <= dimensions <= MOST_DIMENSIONS:
        raise ValueError(f"Sobol' points are made in 1 to {MOST_DIMENSIONS} dimensions, given {dimensions}")
    found = np.zeros((dimensions, BITS), dtype=np.uint64)
    for d, (polynomial, *m) in enumerate(_table()[:dimensions]):
        degree = polynomial.bit_length() - 1
        m = list(m) if degree else [1] * BITS
        for k in range(len(m), BITS):
            new = m[k - degree] ^ (m[k - degree] << degree)
            for i in range(1, degree):
                if polynomial >> (degree - i) & 1:
                    new ^= m[k - i] << i
            m.append(new)
        found[d] = [number << (BITS - 1 - k) for k, number in enumerate(m)]
    return found


def _scrambled(directions: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """The direction numbers times a random lower triangular matrix of binary digits with ones on its diagonal, dimension by dimension."""
    place = np.uint64(1) << np.arange(BITS - 1, -1, -1, dtype=np.uint64)  # value of the first, second, ... digit
    digits = (directions[:, :, None] & place) != 0  # (dimensions, k, digit)
    lower = np.tril(generator.integers(0, 2, (directions.shape[0], BITS, BITS)), -1) + np.eye(BITS, dtype=np.int64)
    mixed = np.einsum("dij,dkj->dki", lower, digits.astype(np.int64)) & 1
    return (mixed.astype(np.uint64) * place).sum(axis=2, dtype=np.uint64)


@lru_cache(maxsize=64)
def _prepared(dimensions: int, seed: int | None) -> tuple[np.ndarray, np.ndarray]:
    directions, shift = _directions(dimensions), np.zeros(dimensions, dtype=np.uint64)
    if seed is not None:
        generator = np.random.Generator(np.random.PCG64(seed))
        directions = _scrambled(directions, generator)
        shift = generator.integers(0, 2**BITS, dimensions, dtype=np.uint64)
    return directions, shift


def sobol(numbers: np.ndarray, dimensions: int, seed: int | None) -> np.ndarray:
    """The Sobol' points of these numbers (from 0), scrambled by `seed` (None: as they are): (numbers, dimensions) in [0, 1).

    Numbers a 2^k to (a + 1) 2^k - 1 together are a net: they fill the cube evenly. Raises ValueError above MOST_DIMENSIONS."""
    directions, shift = _prepared(dimensions, seed)
    numbers = np.asarray(numbers, dtype=np.uint64)
    gray = numbers ^ (numbers >> np.uint64(1))
    points = np.broadcast_to(shift[:, None], (dimensions, numbers.size)).copy()
    for k in range(int(gray.max(initial=0)).bit_length()):
        set_ = (gray >> np.uint64(k)) & np.uint64(1)
        points ^= directions[:, k, None] * set_
    return (points.astype(float) * 2.0**-BITS).T


def pseudo_random(numbers: np.ndarray, dimensions: int, seed: int) -> np.ndarray:
    """Pseudo-random points of these numbers: (numbers, dimensions) in [0, 1)."""
    numbers = np.asarray(numbers, dtype=np.int64)
    found = np.empty((numbers.size, dimensions))
    for chunk in np.unique(numbers // CHUNK):
        inside = numbers // CHUNK == chunk
        generator = np.random.Generator(np.random.PCG64([seed, int(chunk)]))
        found[inside] = generator.random((CHUNK, dimensions))[numbers[inside] - chunk * CHUNK]
    return found


def within_edges(points: np.ndarray) -> np.ndarray:
    """Points no nearer than EDGE to 0 and 1, so that every quantile of them is finite."""
    return np.clip(points, EDGE, 1.0 - EDGE)


def normal_correlation(rank) -> np.ndarray:
    """Correlation of normal variables whose rank correlation (Spearman) is `rank`: 2 sin(pi rank / 6)."""
    return 2.0 * np.sin(np.pi * np.asarray(rank, dtype=float) / 6.0)


def consistent(correlation: np.ndarray) -> bool:
    """Whether a symmetric matrix with ones on its diagonal is that of any variables: no negative eigenvalue."""
    return bool(np.linalg.eigvalsh(correlation)[0] >= -CONTRADICTION)


def nearest_correlation(correlation: np.ndarray, rounds: int = 2000) -> np.ndarray:
    """The nearest correlation matrix in the Frobenius norm (Higham 2002: alternating projections with Dykstra's correction)."""
    found, correction = np.array(correlation, dtype=float), np.zeros_like(correlation, dtype=float)
    for _ in range(rounds):
        shifted = found - correction
        values, vectors = np.linalg.eigh(shifted)
        positive = (vectors * np.maximum(values, 0.0)) @ vectors.T
        correction = positive - shifted
        before, found = found, positive.copy()
        np.fill_diagonal(found, 1.0)
        if np.max(np.abs(found - before)) < 1e-12:
            break
    return found


def copula_factor(correlation: np.ndarray) -> np.ndarray:
    """Lower triangular L with L L' = correlation, also of a singular one. Raises ValueError for a matrix that is not consistent."""
    if not consistent(correlation):
        raise ValueError("the correlations contradict one another")
    size = correlation.shape[0]
    lower = np.zeros((size, size))
    for j in range(size):
        left = correlation[j, j] - lower[j, :j] @ lower[j, :j]
        if left < 1e-12:  # this variable follows from those before it
            continue
        lower[j, j] = np.sqrt(left)
        lower[j + 1 :, j] = (correlation[j + 1 :, j] - lower[j + 1 :, :j] @ lower[j, :j]) / lower[j, j]
    return lower


def joined(points: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Independent points (numbers, dimensions) joined by a Gaussian copula; each column stays uniform."""
    return within_edges(ndtr(ndtri(within_edges(points)) @ factor.T))
