"""Contingent liabilities: guarantees and termination sums, called at random, correlated with the economy and so with one another.

One standard normal shock of the economy a year, Z_t. A source with correlation c moves with X_t = c Z_t + sqrt(1 - c^2) e_t, its own
e_t independent, so two sources correlate by the product of theirs.
- Revenue is a geometric Brownian motion about its forecast: R_t = F_t exp(s (X_1 + ... + X_t) - s^2 t / 2), whose mean is F_t; a
  minimum revenue guarantee pays max(floor_t - R_t, 0): a series of European puts.
- An event (a default, a termination) of yearly probability p happens in year t when X_t < N^-1(p). The first event ends the contract.
What must be true: means follow the closed forms; nothing is called before a contract begins or after it has ended.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from scipy.special import ndtri

TAIL = 0.05  # the worst part of the draws, over which the tail mean is taken
DRAWS = 4096
GUARANTEED = "revenue_guarantee"  # the kind of a minimum revenue guarantee; the others are causes of an end
POOL = "stored results"  # holds a blank, so no project can have this identifier
THREADS = min(os.cpu_count() or 1, 4)
PORTION = 32  # exposures drawn by one thread at a time
HALF_A_CENT = 0.005  # what is less is no call but the last bits of a balance


def generator_of(*names: str) -> np.random.Generator:
    """A generator of its own for each name, so that removing one source leaves every other as it was."""
    digest = hashlib.sha256("\0".join(names).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:8], "big")))


def normal_shocks(generator: np.random.Generator, years: int, draws: int) -> np.ndarray:
    """Independent standard normal shocks, (years, draws)."""
    return generator.standard_normal((years, draws))


def correlated(economy: np.ndarray, own: np.ndarray, correlation: float) -> np.ndarray:
    """c Z + sqrt(1 - c^2) e: standard normal again, correlated with the economy by c. All (years, draws)."""
    return correlation * economy + np.sqrt(1.0 - correlation**2) * own


def revenue_paths(forecast: np.ndarray, volatility: float, shocks: np.ndarray) -> np.ndarray:
    """F_t exp(s W_t - s^2 t / 2), W the running sum of the shocks; forecast (years,), result (years, draws), its mean the forecast."""
    t = np.arange(1, shocks.shape[0] + 1, dtype=float)[:, None]
    return forecast[:, None] * np.exp(volatility * np.cumsum(shocks, axis=0) - volatility**2 * t / 2.0)


def guarantee_calls(forecast: np.ndarray, floor: np.ndarray, volatility: float, shocks: np.ndarray) -> np.ndarray:
    """max(floor_t - revenue_t, 0), positive from the government, (years, draws)."""
    return np.maximum(floor[:, None] - revenue_paths(forecast, volatility, shocks), 0.0)


def first_events(probability: float, live: np.ndarray, shocks: np.ndarray) -> np.ndarray:
    """Whether the contract ends in each year, (years, draws) bool, at most once a draw; live (years,): the years it can end in."""
    struck = (shocks < ndtri(probability)) & live[:, None]
    return struck & (np.cumsum(struck, axis=0) == 1)


@dataclass(frozen=True)
class Cause:
    """A way in which a contract ends and what the government then pays: amounts (years,), already after recovery."""

    key: str
    probability: float
    amounts: np.ndarray


@dataclass(frozen=True)
class Exposure:
    """What one project (or guarantee) can cost. forecast and floor (years,) of a revenue guarantee, None without one;
    already (years,): what the forecast itself calls, which counts as direct spending and not again here;
    live (years,): the years in which it can be called."""

    key: str
    name: dict[str, str]
    live: np.ndarray
    forecast: np.ndarray | None = None
    floor: np.ndarray | None = None
    already: np.ndarray | float = 0.0
    volatility: float = 0.0
    revenue_correlation: float = 0.0
    causes: tuple[Cause, ...] = ()
    event_correlation: float = 0.0


POOLED = Exposure(POOL, {"en": POOL, "zh": POOL}, np.zeros(0, dtype=bool))


@dataclass(frozen=True)
class Measured:
    """A cost by year and in present value: expected, the 95 % quantile and the mean of the worst 5 %."""

    expected: np.ndarray
    quantile: np.ndarray
    tail: np.ndarray
    worth: tuple[float, float, float]


@dataclass(frozen=True)
class Called:
    """One source: what it is expected to cost by year, how likely a call is at all, and what calls cost when there are some. count:
    of contracts behind it, which is 1 but for stored results taken together."""

    exposure: str
    key: str
    name: dict[str, str]
    expected: np.ndarray
    quantile: np.ndarray
    worth: float
    likelihood: float
    worth_if_called: float
    count: int = 1


@dataclass(frozen=True)
class Simulated:
    """All sources together and each. revenue_in_tail: mean of revenue over its forecast in the worst draws, 1.0 where they are as
    the forecast; standard_error: of the expected present value; together (years,): what all guarantees of projects would cost if
    called in one year, debt guarantees in full and revenue guarantees at the call that 95 % of the draws do not exceed."""

    draws: int
    total: Measured
    sources: list[Called]
    revenue_in_tail: float
    standard_error: float
    together: np.ndarray


def simulate(
    exposures: list[Exposure],
    discount: np.ndarray,
    volatility: float,
    seed: str,
    draws: int = DRAWS,
    pooled: Iterable[Exposure] = (),
) -> Simulated:
    """Draw every exposure on the same economy. discount (years,): present value of 1 in each year; volatility: of the district's own
    revenue, which follows the economy; pooled: any number of further exposures, which are drawn as if listed, each by its own seed,
    but told by kind only, so that memory does not grow with their number."""
    years = discount.size
    economy = normal_shocks(generator_of(seed, "economy"), years, draws)
    total, together, sources = np.zeros((years, draws)), np.zeros(years), []
    for exposure in exposures:
        together += guaranteed(exposure)
        span, found = drawn(exposure, economy, seed)
        for key, calls in found.items():
            total[span] += calls
            whole = np.zeros((years, draws))
            whole[span] = calls
            sources.append(_called(exposure, key, whole, discount))
            if key == GUARANTEED:
                together += sources[-1].quantile
    pool = draw_pool(pooled, economy, seed)
    together += pool.together
    for key, calls in pool.calls.items():
        total += calls
        sources.append(replace(_called(POOLED, key, calls, discount), count=pool.counts[key]))
    worth = discount @ total
    measured = measure(total, worth)
    worst = worth >= measured.worth[1]
    growth = revenue_paths(np.ones(years), volatility, economy)
    in_tail = float(growth[:, worst].mean()) if total.any() else 1.0
    error = float(worth.std(ddof=1) / np.sqrt(draws))
    return Simulated(draws, measured, sources, in_tail, error, together)


def guaranteed(exposure: Exposure) -> np.ndarray:
    """The debt guaranteed in each year, after recovery, (years,)."""
    whole = sum((c.amounts for c in exposure.causes if c.key == "debt_guarantee"), np.zeros(exposure.live.size))
    return whole * exposure.live


def drawn(exposure: Exposure, economy: np.ndarray, seed: str) -> tuple[slice, dict[str, np.ndarray]]:
    """Calls by kind, (years of the slice, draws): from the first year in which it can be called to the last."""
    alive = np.flatnonzero(exposure.live)
    first, end = (int(alive[0]), int(alive[-1]) + 1) if alive.size else (0, 0)
    span, draws = slice(first, end), economy.shape[1]
    live = exposure.live[span]
    generator = generator_of(seed, exposure.key)
    found: dict[str, np.ndarray] = {}
    beyond = None
    if exposure.floor is not None:
        shocks = correlated(economy[:end], normal_shocks(generator, end, draws), exposure.revenue_correlation)
        calls = guarantee_calls(exposure.forecast[:end], exposure.floor[:end], exposure.volatility, shocks)
        already = np.broadcast_to(exposure.already, exposure.live.shape)
        beyond = (calls[first:] - already[span, None]) * live[:, None]
        found[GUARANTEED] = beyond
    probability = sum(cause.probability for cause in exposure.causes)
    for cause in exposure.causes:
        found[cause.key] = np.zeros((end - first, draws))
    if probability > 0.0:
        own = normal_shocks(generator, end - first, draws)
        ends = first_events(probability, live, correlated(economy[span], own, exposure.event_correlation))
        choice, reached = generator.standard_normal(draws), 0.0
        for cause in exposure.causes:  # one event has one cause, in proportion to their probabilities
            low, reached = reached, reached + cause.probability / probability
            mine = ends & (choice >= ndtri(low)) & (choice < ndtri(min(reached, 1.0)))
            found[cause.key] = mine * cause.amounts[span, None]
        if beyond is not None:
            found[GUARANTEED] = beyond * (np.cumsum(ends, axis=0) == 0)
    return span, found


@dataclass
class Pool:
    """Calls of many exposures by kind, (years, draws), and of how many; together (years,): as in Simulated."""

    calls: dict[str, np.ndarray]
    counts: dict[str, int]
    together: np.ndarray

    def add(self, other: Pool) -> None:
        for key, calls in other.calls.items():
            if key in self.calls:
                self.calls[key] += calls
            else:
                self.calls[key] = calls
            self.counts[key] = self.counts.get(key, 0) + other.counts[key]
        self.together += other.together


def draw_pool(exposures: Iterable[Exposure], economy: np.ndarray, seed: str) -> Pool:
    """Draw any number of exposures and keep their sums. Portions of equal size are drawn in threads and added up in order, so the sums
    are the same whatever the number of threads."""
    portions, years = iter(exposures), economy.shape[0]
    pool = Pool({}, {}, np.zeros(years))

    def portion(members: list[Exposure]) -> Pool:
        part = Pool({}, {}, np.zeros(years))
        for exposure in members:
            part.together += guaranteed(exposure)
            span, found = drawn(exposure, economy, seed)
            for key, calls in found.items():
                part.calls.setdefault(key, np.zeros(economy.shape))[span] += calls
                part.counts[key] = part.counts.get(key, 0) + 1
                if key == GUARANTEED:
                    part.together[span] += upper(calls)
        return part

    with ThreadPoolExecutor(THREADS) as threads:
        while round_ := [p for _ in range(THREADS) if (p := list(islice(portions, PORTION)))]:
            for part in threads.map(portion, round_):
                pool.add(part)
    return pool


def measure(calls: np.ndarray, worth: np.ndarray) -> Measured:
    """By year and in present value; calls (years, draws), worth (draws,)."""
    both = np.vstack([calls, worth])
    count = _tail_count(calls.shape[1])
    tail = np.partition(both, -count, axis=1)[:, -count:]
    expected, quantile, mean = both.mean(axis=1), tail.min(axis=1), tail.mean(axis=1)
    return Measured(
        expected[:-1], quantile[:-1], mean[:-1], (float(expected[-1]), float(quantile[-1]), float(mean[-1]))
    )


def upper(calls: np.ndarray) -> np.ndarray:
    """The 95 % quantile of each year, (years,), as in `measure`; calls (years, draws)."""
    at = calls.shape[1] - _tail_count(calls.shape[1])
    return np.partition(calls, at, axis=1)[:, at]


def _tail_count(draws: int) -> int:
    return max(round(TAIL * draws), 1)


def _called(exposure: Exposure, key: str, calls: np.ndarray, discount: np.ndarray) -> Called:
    worth = discount @ calls
    hit = (calls > HALF_A_CENT).any(axis=0)
    measured = measure(calls, worth)
    if_called = float(worth[hit].mean()) if hit.any() else 0.0
    return Called(
        exposure.key,
        key,
        exposure.name,
        measured.expected,
        measured.quantile,
        measured.worth[0],
        float(hit.mean()),
        if_called,
    )
