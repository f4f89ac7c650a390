"""Charts drawn straight as SVG text, in a millisecond each, so that four of them follow a slider. The report's own are matplotlib's.

They hold what stands now in colour and the file's base case as a dashed line. What differs, differs in lightness or line as well as hue.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

WIDTH, HEIGHT = 330.0, 210.0
LEFT, RIGHT, TOP = 42.0, 8.0, 24.0
SIZE = 11.0  # of text
INK, GREY, FAINT, LIMIT = "#1a1a1a", "#595959", "#dddddd", "#b5482a"


@dataclass(frozen=True)
class Series:
    """Values by year (years,), NaN where there are none; in the unit of the axis."""

    name: str
    values: np.ndarray
    colour: str
    dashed: bool = False


def by_years(
    title: str,
    years: np.ndarray,
    bars: Sequence[Series],
    lines: Sequence[Series],
    limits: Sequence[tuple[str, float]] = (),
    form: Callable[[float], str] = "{:,.4g}".format,
    from_zero: bool = True,
) -> Markup:
    """Bars on top of one another, lines over them, limits across, by year. form: how the axis writes a value."""
    legend, foot = _legend([*((b.name, b.colour, "bar") for b in bars), *((s.name, s.colour, _kind(s)) for s in lines)])
    bottom = HEIGHT - foot - 16.0
    up = sum((np.maximum(np.nan_to_num(b.values), 0.0) for b in bars), np.zeros(years.size))
    down = sum((np.minimum(np.nan_to_num(b.values), 0.0) for b in bars), np.zeros(years.size))
    known = np.concatenate([up, down] if bars or from_zero else [[]] + [s.values for s in lines])
    known = np.concatenate([known, *[s.values for s in lines], [value for _, value in limits]])
    ticks = _ticks(float(np.nanmin(known)), float(np.nanmax(known)))
    low, high = ticks[0], ticks[-1]

    def y(value: float) -> float:
        return bottom - (value - low) / (high - low) * (bottom - TOP)

    wide = (WIDTH - LEFT - RIGHT) / years.size

    def x(index: int) -> float:
        return LEFT + (index + 0.5) * wide

    parts = [_line(LEFT, y(t), WIDTH - RIGHT, y(t), FAINT if t else GREY) for t in ticks]
    parts += [_text(LEFT - 5.0, y(t) + 4.0, form(t), "end") for t in ticks]
    every = next(n for n in (1, 2, 5, 10, 20, 50) if years.size / n <= 7)
    parts += [_text(x(i), bottom + 14.0, str(year), "middle") for i, year in enumerate(years) if year % every == 0]
    tops, floors = np.zeros(years.size), np.zeros(years.size)
    for bar in bars:
        for i, value in enumerate(np.nan_to_num(bar.values)):
            if value:
                start = tops[i] if value > 0.0 else floors[i]
                (tops if value > 0.0 else floors)[i] += value
                parts.append(_box(x(i) - 0.38 * wide, y(start), x(i) + 0.38 * wide, y(start + value), bar.colour))
    for name, value in limits:
        parts.append(_line(LEFT, y(value), WIDTH - RIGHT, y(value), LIMIT, 1.4))
        above = y(value) - 3.0 if y(value) > TOP + SIZE else y(value) + SIZE  # clear of the title
        parts.append(_text(WIDTH - RIGHT, above, name, "end", LIMIT))
    for series in lines:
        parts += _runs([(x(i), y(v)) for i, v in enumerate(series.values)], series)
    return _svg(title, [*parts, *legend])


def two_bars(
    title: str,
    sides: Sequence[tuple[str, Sequence[Series], float, float]],
    form: Callable[[float], str],
    axis: Callable[[float], str],
    base: str,
) -> Markup:
    """Two totals as bars across, each of signed parts, with a mark at the total and a dashed one where the base case has it.

    sides: name, parts (one value each), total now, total in the base case. form and axis: how totals and the axis are written.
    base: what the dashed mark is called."""
    named = {part.name: part.colour for _, parts, *_ in sides for part in parts}
    legend, foot = _legend([*((name, colour, "bar") for name, colour in named.items()), (base, GREY, "dashed")])
    bottom, left = HEIGHT - foot - 16.0, 62.0
    ends = [total for *_, now, was in sides for total in (now, was)]
    for _, parts, *_ in sides:
        values = np.array([float(part.values[0]) for part in parts])
        ends += [values[values > 0.0].sum(), values[values < 0.0].sum()]
    ticks = _ticks(min([0.0, *ends]), max([0.0, *ends]))

    def x(value: float) -> float:
        return left + (value - ticks[0]) / (ticks[-1] - ticks[0]) * (WIDTH - RIGHT - 18.0 - left)

    drawn = [_line(x(t), TOP, x(t), bottom, FAINT if t else GREY) for t in ticks]
    drawn += [_text(x(t), bottom + 14.0, axis(t), "middle") for t in ticks]
    room = (bottom - TOP) / len(sides)
    for row, (name, parts, now, was) in enumerate(sides):
        top, base_line = TOP + row * room + 0.16 * room, TOP + row * room + 0.84 * room
        up = down = 0.0
        for part in parts:
            value = float(part.values[0])
            start = up if value > 0.0 else down
            up, down = up + max(value, 0.0), down + min(value, 0.0)
            drawn.append(_box(x(start), top, x(start + value), base_line, part.colour))
        drawn.append(_line(x(now), top - 5.0, x(now), base_line + 5.0, INK, 2.2))
        drawn.append(_line(x(was), top - 5.0, x(was), base_line + 5.0, GREY, 1.6, dashed=True))
        middle = (top + base_line) / 2.0
        drawn += [_text(left - 6.0, middle - 2.0, name, "end"), _text(left - 6.0, middle + 12.0, form(now), "end")]
    return _svg(title, [*drawn, *legend])


def _ticks(low: float, high: float) -> list[float]:
    """Four to seven round values from below the lowest to above the highest."""
    if not math.isfinite(low) or not math.isfinite(high) or high <= low:
        low, high = min(low if math.isfinite(low) else 0.0, 0.0), max(high if math.isfinite(high) else 1.0, 1e-9)
    rough = (high - low) / 4.0
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(part * power for part in (1.0, 2.0, 2.5, 5.0, 10.0) if part * power >= rough * (1.0 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(n * step, 12) for n in range(first, max(last, first + 1) + 1)]


def _kind(series: Series) -> str:
    return "dashed" if series.dashed else "line"


def _legend(entries: Sequence[tuple[str, str, str]]) -> tuple[list[Markup], float]:
    """The legend's marks in lines below the panel, and how high they are."""
    places, across, row = [], 4.0, 0
    for name, colour, kind in entries:
        wide = 19.0 + _width(name) + 10.0
        if across > 4.0 and across + wide > WIDTH:
            across, row = 4.0, row + 1
        places.append((across, row, name, colour, kind))
        across += wide
    foot = 14.0 * (row + 1) + 4.0
    parts: list[Markup] = []
    for at, line, name, colour, kind in places:
        y = HEIGHT - foot + 14.0 * line + 9.0
        mark = _box(at, y - 5.0, at + 14.0, y + 5.0, colour) if kind == "bar" else None
        parts.append(mark or _line(at, y, at + 14.0, y, colour, 1.8, kind == "dashed"))
        parts.append(_text(at + 18.0, y + 4.0, name))
    return parts, foot


def _width(text: str) -> float:
    """About how wide a text is: a Chinese character fills a square, a Latin one about half."""
    return sum(SIZE if ord(c) > 0x2E80 else 0.54 * SIZE for c in text)


def _runs(points: list[tuple[float, float]], series: Series) -> list[Markup]:
    """A line through the points, broken where there is no value; a point alone is a dot."""
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if math.isfinite(point[1]):
            runs[-1].append(point)
        elif runs[-1]:
            runs.append([])
    found = []
    for run in filter(None, runs):
        if len(run) == 1:
            found.append(Markup("<circle cx='{:.1f}' cy='{:.1f}' r='2.5' fill='{}'/>").format(*run[0], series.colour))
            continue
        at = " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
        dash = Markup(" stroke-dasharray='5 3'") if series.dashed else ""
        found.append(
            Markup("<polyline points='{}' fill='none' stroke='{}' stroke-width='{}'{}/>").format(
                at, series.colour, 1.3 if series.dashed else 1.9, dash
            )
        )
    return found


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 0.8, dashed: bool = False) -> Markup:
    dash = Markup(" stroke-dasharray='4 3'") if dashed else ""
    return Markup("<line x1='{:.1f}' y1='{:.1f}' x2='{:.1f}' y2='{:.1f}' stroke='{}' stroke-width='{}'{}/>").format(
        x1, y1, x2, y2, colour, width, dash
    )


def _box(x1: float, y1: float, x2: float, y2: float, colour: str) -> Markup:
    left, top = min(x1, x2), min(y1, y2)
    return Markup(
        "<rect x='{:.1f}' y='{:.1f}' width='{:.1f}' height='{:.1f}' fill='{}' stroke='{}' stroke-width='.4'/>"
    ).format(left, top, abs(x2 - x1), abs(y2 - y1), colour, GREY)


def _text(x: float, y: float, text: str, anchor: str = "start", colour: str = INK) -> Markup:
    return Markup("<text x='{:.1f}' y='{:.1f}' text-anchor='{}' fill='{}'>{}</text>").format(x, y, anchor, colour, text)


def _svg(title: str, parts: Sequence[Markup]) -> Markup:
    head = Markup("<text x='4' y='14' font-weight='600' font-size='12'>{}</text>").format(title)
    return Markup("<svg viewBox='0 0 {:.0f} {:.0f}' role='img' aria-label='{}' font-size='{}'>{}{}</svg>").format(
        WIDTH, HEIGHT, title, SIZE, head, Markup("").join(parts)
    )
