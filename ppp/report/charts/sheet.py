"""The drawing of one chart: title and legend on top, panels below, as wide as the text of an A4 page."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from itertools import chain

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import TightLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.text import Annotation
from matplotlib.textpath import text_to_path
from matplotlib.ticker import MaxNLocator

from ppp.appraisal.appraise import Appraisal
from ppp.report.charts.words import number, word
from ppp.report.fonts import FAMILY, strict_glyphs, use_in_matplotlib

WIDTH = 482.0  # points: 170 mm
EDGE = 4.0
GAP = 5.0  # between a text and what it names
TITLE, TEXT = 10.5, 8.5  # font sizes
INK, GREY, RED = "#1a1a1a", "#595959", "#b5482a"
STYLE = {
    "figure.dpi": 72,
    "font.size": TEXT,
    "text.color": INK,
    "axes.axisbelow": True,
    "axes.edgecolor": GREY,
    "axes.linewidth": 0.6,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": TEXT,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.5,
    "hatch.linewidth": 0.7,
    "legend.borderaxespad": 0.0,
    "legend.borderpad": 0.0,
    "legend.columnspacing": 1.6,
    "legend.fontsize": TEXT,
    "legend.frameon": False,
    "legend.handletextpad": 0.6,
    "xtick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.color": INK,
    "ytick.major.size": 0.0,
}


def area(face: str, edge: str, hatch: str | None = None) -> dict:
    return {"facecolor": face, "edgecolor": edge, "hatch": hatch, "linewidth": 0.5}


DARK = area("#1f4e79", "#ffffff")
PALE = area("#a9d0ee", INK)
SPENT = area("#eeeeee", GREY, "////")
SAND = area("#f3d9a4", "#8a5a00", "----")
LOSING = area("#f8e9e3", RED, "///")
LIMIT = {"color": RED, "linewidth": 1.1, "linestyle": (0, (5, 2))}
MARKED = {"color": INK, "linewidth": 1.0, "linestyle": (0, (4, 2))}


@dataclass(frozen=True)
class Chart:
    """An SVG document, one sentence that describes it, and its title.

    `figure` is what was drawn, for other formats; draw it within `style()`.
    """

    svg: str
    alt: str
    title: str
    figure: Figure = field(repr=False, compare=False)


@contextmanager
def style() -> Iterator[None]:
    """The same look whatever a notebook or a matplotlibrc has set; their settings are restored."""
    with matplotlib.rc_context(), strict_glyphs():
        matplotlib.rcdefaults()
        use_in_matplotlib()  # also makes identifiers repeatable
        matplotlib.rcParams.update(STYLE)
        yield


def chart(builder: Callable[[Appraisal, str], Sheet | None]) -> Callable[[Appraisal, str], Chart | None]:
    @wraps(builder)
    def drawn(appraisal: Appraisal, lang: str) -> Chart | None:
        with style():
            sheet = builder(appraisal, lang)
            if sheet is None:
                return None
            sheet.lay_out()
            svg = _as_svg(sheet.figure, sheet.title)
        return Chart(svg, word(sheet.alt, lang, title=sheet.title), sheet.title, sheet.figure)

    return drawn


class Renderer(RendererSVG):
    """matplotlib's, that shapes a text once and not each time it is measured, in whatever chart."""

    def get_text_width_height_descent(self, s, prop, ismath):
        if ismath or prop.get_family() != [FAMILY]:
            return super().get_text_width_height_descent(s, prop, ismath)
        return _extent(s, prop.get_size_in_points())


class Canvas(FigureCanvasSVG):
    """Has a renderer that measures, for whoever lays the figure out."""

    def get_renderer(self) -> Renderer:
        if not hasattr(self, "_renderer"):
            self._renderer = Renderer(WIDTH, self.figure.bbox.height, io.StringIO())
        return self._renderer


def _as_svg(figure: Figure, title: str) -> str:
    """What savefig writes, without a renderer between that would turn parts into pixels."""
    file = io.StringIO()
    renderer = Renderer(*(72.0 * figure.get_size_inches()), file, metadata={"Title": title, "Date": None})
    figure.draw(renderer)
    renderer.finalize()
    return file.getvalue()


class Sheet:
    """A figure with `body` points of height for its panels; title and legend come on top.

    `alt` is the key of the word that describes it. The legend names whatever is drawn with a label, unless a
    chart adds its own. In a `flat` chart values run across. Further options are those of `subplots`.
    """

    def __init__(self, title: str, alt: str, body: float, rows=1, columns=1, flat=False, **options):
        self.title, self.alt, self.body = title, alt, body
        self.figure = Figure((WIDTH / 72.0, body / 72.0))
        Canvas(self.figure)
        self.panels: list[Axes] = list(self.figure.subplots(rows, columns, squeeze=False, **options).flat)
        self._crowds: dict[tuple[int, int], list[Annotation]] = defaultdict(list)  # axis and row
        for panel in self.panels:
            panel.grid(axis="x" if flat else "y")
            for axis in (panel.xaxis, panel.yaxis):
                numbered(axis)

    def marks(self, panel: Axes, marks: Iterable[tuple[float, str]], row: int = 0, color: str = INK) -> None:
        """Texts above values of the axis across; those of one row are moved apart where they would touch."""
        place = {"xycoords": panel.get_xaxis_transform(), "textcoords": "offset points", "ha": "center"}
        for value, text in marks:
            above = (0.0, 2.0 + 11.0 * row)
            self._crowds[0, row].append(panel.annotate(text, (value, 1.0), above, color=color, **place))

    def limits(self, panel: Axes, limits: Iterable[tuple[float, str, dict]]) -> None:
        """Lines across a panel, each named at its right end."""
        place = {"xycoords": panel.get_yaxis_transform(), "textcoords": "offset points", "va": "center"}
        for value, text, look in limits:
            panel.axhline(value, **look)
            text = "\n".join(wrap(text, 92.0))
            self._crowds[1, 0].append(panel.annotate(text, (1.0, value), (GAP, 0.0), color=look["color"], **place))

    def lay_out(self) -> None:
        """Title and legend as high as they are, panels clear of their labels, labels apart."""
        figure, room = self.figure, WIDTH - 2 * EDGE
        fewest = len(wrap(self.title, room, TITLE))
        tries = (wrap(self.title, part * room, TITLE) for part in (0.6, 0.7, 0.8, 0.9, 1.0))
        lines = next(lines for lines in tries if len(lines) == fewest)  # of about the same length
        title = figure.text(0.0, 0.0, "\n".join(lines), va="top", fontsize=TITLE, linespacing=1.4)
        entries = [zip(*panel.get_legend_handles_labels(), strict=True) for panel in self.panels]
        lines_last = sorted(chain(*entries), key=lambda entry: isinstance(entry[0], Line2D))
        if lines_last and not figure.legends:
            named = {name: handle for handle, name in lines_last}
            figure.legend(named.values(), named, loc="upper left", ncols=_columns(list(named)))

        renderer = figure.canvas.get_renderer()
        under_title = EDGE + title.get_window_extent(renderer).height + GAP
        legends = [legend.get_window_extent(renderer).height + GAP for legend in figure.legends]
        # the panels are laid out before the figure grows by its head: matplotlib measures once so, else twice
        TightLayoutEngine(pad=EDGE / TEXT, w_pad=1.2, h_pad=0.8, rect=None).execute(figure)
        height = under_title + max(legends, default=0.0) + self.body
        figure.set_size_inches(WIDTH / 72.0, height / 72.0)
        part, panels = self.body / height, figure.subplotpars
        figure.subplots_adjust(top=panels.top * part, bottom=panels.bottom * part)
        title.set_position((EDGE / WIDTH, 1.0 - EDGE / height))
        for i, legend in enumerate(figure.legends):
            legend.set_bbox_to_anchor((EDGE / WIDTH + i / len(figure.legends), 1.0 - under_title / height))
        for (axis, _), texts in self._crowds.items():
            low, high = (EDGE, WIDTH - EDGE) if axis == 0 else texts[0].axes.bbox.intervaly
            _move_apart(texts, axis, low, high + 8.0 * axis, renderer)


def stack(panel: Axes, at, parts: Iterable[tuple[str, np.ndarray, dict]], width=0.72, flat=False) -> None:
    """Bars on top of one another (flat: side by side), parts below zero on the other side of zero.

    The bars of a part are one shape: half the time and size of as many rectangles.
    """
    at = np.asarray(at, dtype=float)
    up, down = np.zeros(at.size), np.zeros(at.size)
    for label, values, look in parts:
        shown = np.abs(values) > 1e-9 * np.abs(values).max()
        start = np.where(values > 0.0, up, down)
        up, down = up + np.maximum(values, 0.0), down + np.minimum(values, 0.0)
        if shown.any():
            side = at + width / 2 * np.array([[-1.0], [-1.0], [1.0], [1.0]])
            ends = np.stack([start, start + values, start + values, start])
            corners = np.stack([ends, side] if flat else [side, ends])[:, :, shown].T
            bars = PathPatch(Path.make_compound_path_from_polys(corners), label=label, **look)
            (bars.sticky_edges.x if flat else bars.sticky_edges.y).append(0.0)
            panel.add_patch(bars)
    panel.autoscale_view()


def rows(panel: Axes, names: Sequence[str]) -> np.ndarray:
    """Named rows from top to bottom; returns their heights on the axis."""
    at = np.arange(len(names))[::-1]
    panel.set_yticks(at, names, linespacing=1.4)
    panel.set_ylim(-0.5, len(names) - 0.5)
    return at


def calendar(panel: Axes, years: np.ndarray, least: int = 5) -> None:
    """An axis of calendar years, `least` of them wide."""
    slack = max(0.6, (least - 1 - np.ptp(years)) / 2)
    panel.set_xlim(years.min() - slack, years.max() + slack)
    panel.xaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    panel.xaxis.set_major_formatter("{x:.0f}")


def numbered(axis: Axis, form: Callable[..., str] = number) -> None:
    axis.set_major_locator(MaxNLocator(5 if axis.axis_name == "y" else 7, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(lambda value, _: form(value, 6, trim=True))


# Matplotlib wraps at spaces alone. Chinese breaks between any two characters, but not before closing
# punctuation nor between a number and its unit.
_BREAK = re.compile(r"(?<=\s)|(?<=[\u4e00-\u9fff，。；：、！？）》”])(?!(?<=[百千万亿])[元万亿])(?=[\w（《“‘])")


@lru_cache(maxsize=8192)
def _shaped(text: str) -> tuple[float, float, float]:
    """Width, height and descent in points at the size in which matplotlib shapes every text."""
    font = FontProperties(family=FAMILY, size=text_to_path.FONT_SCALE)
    return text_to_path.get_text_width_height_descent(text, font, ismath=False)


def _extent(text: str, size: float) -> tuple[float, float, float]:
    width, height, descent = _shaped(text)
    scale = size / text_to_path.FONT_SCALE
    return width * scale, height * scale, descent * scale


def text_width(text: str) -> float:
    """Width in points at size TEXT."""
    return _extent(text, TEXT)[0]


def wrap(text: str, width: float, size: float = TEXT) -> list[str]:
    """Lines no wider than `width`, unless a word is."""
    lines, used = [""], 0.0
    for piece in _BREAK.split(text):
        wide = text_width(piece) * size / TEXT
        if used and used + wide > width:
            lines, used = [*lines, ""], 0.0
        lines[-1] += piece
        used += wide
    return [line.rstrip() for line in lines]


def _columns(labels: list[str]) -> int:
    """The most legend columns that fit the width (matplotlib asks for their number)."""
    for columns in range(len(labels), 1, -1):
        parts = np.array_split(labels, columns)
        if sum(max(map(text_width, part)) + 4.2 * TEXT for part in parts) <= WIDTH - 2 * EDGE:
            return columns
    return 1


def _move_apart(texts: list[Annotation], axis: int, low: float, high: float, renderer: RendererSVG) -> None:
    """Move texts along an axis (0 across, 1 upward) until none touch or leave low..high, if there is room."""
    texts = sorted(texts, key=lambda text: text.xy[axis])
    boxes = np.array([text.get_window_extent(renderer).get_points()[:, axis] for text in texts])
    sizes = np.ptp(boxes, axis=1) + (6.0, 0.0)[axis]
    packed = np.cumsum(sizes) - sizes / 2  # side by side; apart means: places grow at least as these do
    places = boxes.mean(axis=1)
    moved = packed + np.clip(np.maximum.accumulate(places - packed), low, max(low, high - sizes.sum()))
    for text, shift in zip(texts, moved - places, strict=True):
        text.xyann = (text.xyann[0] + shift * (axis == 0), text.xyann[1] + shift * (axis == 1))
