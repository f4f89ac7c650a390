"""The bundled font: reports show Chinese where no Chinese font is installed."""

from __future__ import annotations

import base64
import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from traceback import walk_tb

from fontTools import subset
from fontTools.ttLib import TTFont

FAMILY = "PPP Sans"  # the name inside the font file (tools/font.py) and in the CSS
FONT = Path(__file__).with_name("fonts") / "NotoSansSC-Regular.otf"
ASCII = frozenset(map(chr, range(0x20, 0x7F)))
EXCERPT = 60  # characters of the offending text that an error quotes


class MissingGlyph(ValueError):
    """The bundled font cannot draw some characters (kept in `characters`)."""

    def __init__(self, characters: str, text: str = "") -> None:
        self.characters = characters
        named = [f"{c} (U+{ord(c):04X})" if c.isprintable() else f"U+{ord(c):04X}" for c in characters]
        start = max(0, text.find(characters[0]) - EXCERPT // 2)
        where = f" in {text[start : start + EXCERPT]!r}" if text else ""
        super().__init__(f"the report font has no glyph for {', '.join(named)}{where}")


def use_in_matplotlib() -> None:
    """Make the bundled font matplotlib's only font, and its SVG repeatable.

    `$` is drawn as itself, since labels hold prices, and mathtext would draw
    with another font: log axes therefore need a formatter without mathtext.
    Draw within `strict_glyphs` so that a character the font lacks is an error.
    """
    import matplotlib
    from matplotlib import font_manager

    manager = font_manager.fontManager
    if all(entry.fname != str(FONT) for entry in manager.ttflist):
        manager.addfont(FONT)
    matplotlib.rc("font", family=[FAMILY])
    matplotlib.rc("axes", unicode_minus=True)
    matplotlib.rc("text", parse_math=False)
    matplotlib.rc("svg", fonttype="path", hashsalt="ppp")


@contextmanager
def strict_glyphs() -> Iterator[None]:
    """Raise MissingGlyph where matplotlib would warn and draw an empty box.

    Lay out and save figures within it; the error quotes the text being drawn.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("error", r"Glyph \d+ ", UserWarning)
        try:
            yield
        except UserWarning as warning:
            found = re.match(r"Glyph (\d+) ", str(warning))
            if found is None:
                raise
            raise MissingGlyph(chr(int(found[1])), _text_drawn(warning)) from None


def _text_drawn(warning: UserWarning) -> str:
    """The string of the matplotlib Text that was at work, or ''."""
    from matplotlib.text import Text

    drawing = (frame.f_locals.get("self") for frame, _ in walk_tb(warning.__traceback__))
    return next((artist.get_text() for artist in drawing if isinstance(artist, Text)), "")


def require_glyphs(text: str) -> None:
    """Raise MissingGlyph, naming each character of text that the font lacks.

    White space needs no glyph. A browser would take such a character from some
    other font or draw an empty box, so the report would differ by machine.
    """
    missing = [c for c in dict.fromkeys(text) if ord(c) not in _covered() and not c.isspace()]
    if missing:
        raise MissingGlyph("".join(missing), text)


def css_for(text: str, packed: bool = True) -> str:
    """An `@font-face` rule holding the font's glyphs for text and ASCII; `packed` as WOFF for browsers, else as OpenType for WeasyPrint,
    which would unpack WOFF itself and write the time of day into the font.

    The same set of characters gives the same bytes. Characters the font lacks
    are left to the browser: call `require_glyphs` first to refuse them.
    """
    return _css("".join(sorted(c for c in ASCII.union(text) if ord(c) in _covered())), packed)


@lru_cache(maxsize=1)
def _covered() -> frozenset[int]:
    with TTFont(FONT, lazy=True) as font:
        return frozenset(font.getBestCmap())


@lru_cache(maxsize=8)
def _css(characters: str, packed: bool) -> str:
    options = subset.Options(name_IDs=["*"], notdef_outline=True)  # the names hold the licence
    options.bidi_closure = False  # or ≤ comes with ≥; older fonttools know no such option
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=characters)
    file = io.BytesIO()
    # The stored time and bounds are kept too: the one must not vary, the other costs time.
    with TTFont(FONT, lazy=True, recalcTimestamp=False, recalcBBoxes=False) as font:
        subsetter.subset(font)
        font.flavor = "woff" if packed else None  # WOFF2 is a tenth smaller and takes half a second of Chinese more
        font.save(file)
    data = base64.b64encode(file.getvalue()).decode("ascii")
    kind, form = ("woff", "woff") if packed else ("otf", "opentype")
    return f'@font-face{{font-family:"{FAMILY}";src:url("data:font/{kind};base64,{data}")format("{form}")}}'
