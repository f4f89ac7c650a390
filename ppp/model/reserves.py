"""Reserve accounts: what they should hold."""

from __future__ import annotations

import numpy as np

from ppp.model.timeline import Timeline


def maintenance_target(lifecycle, ahead: int, timeline: Timeline) -> np.ndarray:
    """What renewals to come require at the end of each row, from the end of construction on: (rows, cases).

    Each renewal is saved for in even parts over the `ahead` months before it: sum over later rows s nearer than `ahead` months of
    lifecycle_s x (1 - months away / ahead). Limits: the row before a renewal holds all but one part of it; 0 in the last row.
    """
    boundaries = timeline.boundaries
    away = boundaries[None, :] - boundaries[:, None]
    share = np.where((away > 0) & (away < ahead), 1.0 - away / max(ahead, 1), 0.0)
    share[: timeline.completion] = 0.0
    return share @ lifecycle


def share_of_coming_service(cover: int, timeline: Timeline) -> np.ndarray:
    """(rows, rows): the part of each later row's months that falls within `cover` months after the end of a row.

    Times the debt service it gives the debt service reserve's target; 0 before the end of construction."""
    ends = timeline.boundaries
    start, months = ends - timeline.months, np.maximum(timeline.months, 1)
    covered = np.minimum(ends[None, :], ends[:, None] + cover) - start[None, :]
    share = np.where(ends[None, :] > ends[:, None], np.clip(covered, 0, None) / months[None, :], 0.0)
    share[: timeline.completion] = 0.0
    return share
