from __future__ import annotations

import base64
import hashlib
import io
import os
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import pytest
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

import ppp.report.fonts as fonts
from ppp.report.fonts import (
    FAMILY,
    FONT,
    MissingGlyph,
    css_for,
    require_glyphs,
    strict_glyphs,
    use_in_matplotlib,
)

RARE = "\U0002a6d6"
ROOT = Path(fonts.__file__).parents[2]


def gb2312() -> str:
    pairs = (bytes((row, cell)) for row in range(0xA1, 0xFF) for cell in range(0xA1, 0xFF))
    return "".join(pair.decode("gb2312", "ignore") for pair in pairs)


def decode(css: str) -> TTFont:
    found = re.search(r'url\("data:font/woff;base64,([^"]+)"\)', css)
    assert found is not None
    font = TTFont(io.BytesIO(base64.b64decode(found[1], validate=True)))
    assert font.flavor == "woff"
    return font


def outlined(font: TTFont, character: str) -> bool:
    glyphs = font.getGlyphSet()
    pen = BoundsPen(glyphs)
    glyphs[font.getBestCmap()[ord(character)]].draw(pen)
    return pen.bounds is not None


@pytest.fixture
def charts() -> Iterator[None]:
    with matplotlib.rc_context():
        use_in_matplotlib()
        yield


def svg(label: str) -> str:
    figure = Figure()
    figure.add_subplot(xlim=(-2, 2), title=label)
    file = io.StringIO()
    FigureCanvasSVG(figure).print_svg(file, metadata={"Date": None})
    return file.getvalue()


def test_font_covers_gb2312() -> None:
    characters = gb2312()
    assert sum("\u4e00" <= c <= "\u9fff" for c in characters) == 6763
    require_glyphs(characters)


def test_font_covers_report_symbols() -> None:
    require_glyphs("".join(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x100)])))
    require_glyphs("¥£€¥←↑→↓⇒≥≤×−±≈≠∞√Σ∑●○▲▼■□◆★✓“”‘’—–…•‰，。：；？！（）【】《》、％②Ⅳ¹²³")


def test_bundled_font_names_its_licence() -> None:
    with TTFont(FONT) as font:
        names = {number: font["name"].getDebugName(number) for number in (0, 1, 13)}
        assert font["OS/2"].fsType == 0
    assert names[1] == FAMILY
    assert "Adobe" in names[0]
    assert "SIL Open Font License" in names[13]
    licence = FONT.with_name("OFL.txt").read_text(encoding="utf-8")
    assert licence.startswith("Copyright (c) 2014-2021 Adobe")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence


def test_require_glyphs_names_each_missing_character_once() -> None:
    with pytest.raises(MissingGlyph) as raised:
        require_glyphs(f"评测{RARE}报告🙂{RARE}\u200b")
    assert raised.value.characters == f"{RARE}🙂\u200b"
    message = str(raised.value)
    assert message.count("U+2A6D6") == 1
    assert f"{RARE} (U+2A6D6), 🙂 (U+1F642), U+200B in " in message
    assert "评测" in message


def test_require_glyphs_passes_over_white_space() -> None:
    require_glyphs("一\n二\t三\r\n\u2009\u3000")


def test_error_quotes_the_text_around_a_character_far_in() -> None:
    with pytest.raises(MissingGlyph) as raised:
        require_glyphs("甲" * 500 + "前" + RARE + "后" + "乙" * 500)
    assert f"前{RARE}后" in str(raised.value)
    assert len(str(raised.value)) < 150


def test_css_holds_exactly_the_characters() -> None:
    text = "模型评测报告：准确率 ≥ 90%，费用 ¥12"
    css = css_for(text)
    assert css.startswith(f'@font-face{{font-family:"{FAMILY}";')
    with decode(css) as font:
        kept = set(map(chr, font.getBestCmap()))
        assert kept == set(text) | set(map(chr, range(0x20, 0x7F)))
        assert [c for c in kept if not c.isspace() and not outlined(font, c)] == []
        assert "SIL Open Font License" in font["name"].getDebugName(13)


def test_css_outlines_are_those_of_the_bundled_font() -> None:
    with decode(css_for("报告")) as part, TTFont(FONT) as whole:
        for character in "报告A":
            bounds = []
            for font in (part, whole):
                glyphs = font.getGlyphSet()
                glyph = glyphs[font.getBestCmap()[ord(character)]]
                pen = BoundsPen(glyphs)
                glyph.draw(pen)
                bounds.append((pen.bounds, glyph.width))
            assert bounds[0] == bounds[1]


def test_css_leaves_characters_the_font_lacks() -> None:
    assert css_for(f"报告{RARE}🙂\n") == css_for("告报")


def test_css_is_the_same_in_every_process() -> None:
    code = (
        "import hashlib; from ppp.report.fonts import css_for;"
        "print(hashlib.sha256(css_for('评测报告：费用 ¥12').encode()).hexdigest())"
    )
    digests = {hashlib.sha256(css_for("¥12 费用：评测报告").encode()).hexdigest()}
    for seed in ("1", "2"):
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTHONHASHSEED": seed,
            "SOURCE_DATE_EPOCH": seed,
        }
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(done.stdout.strip())
    assert len(digests) == 1


@pytest.mark.usefixtures("charts")
def test_matplotlib_draws_chinese_with_the_bundled_font() -> None:
    from matplotlib import font_manager

    for weight in ("normal", "bold"):
        found = font_manager.findfont(font_manager.FontProperties(weight=weight), fallback_to_default=False)
        assert found == str(FONT)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = svg("中文 −1 $5 到 $10")
    # The id of a path ends in the glyph number (0 is .notdef), before matplotlib 3.11 in the code point.
    numbers = [int(n, 16) for n in re.findall(r'<path id="[^"]*-([0-9a-f]+)"', drawn)]
    with TTFont(FONT) as font:
        cmap = font.getBestCmap()
        for character in "中文−$到":
            assert {font.getGlyphID(cmap[ord(character)]), ord(character)} & set(numbers)
    assert 0 not in numbers
    assert "<text" not in drawn
    assert drawn == svg("中文 −1 $5 到 $10")


@pytest.mark.usefixtures("charts")
def test_registering_twice_adds_one_font() -> None:
    from matplotlib import font_manager

    use_in_matplotlib()
    files = [entry.fname for entry in font_manager.fontManager.ttflist]
    assert files.count(str(FONT)) == 1


@pytest.mark.usefixtures("charts")
def test_strict_glyphs_names_the_character_and_the_text() -> None:
    with pytest.warns(UserWarning, match="Glyph 173782 "):
        svg(f"标题 {RARE}")  # has warned before: the warning must not be taken as given
    with pytest.raises(MissingGlyph) as raised, strict_glyphs():
        svg(f"标题 {RARE}")
    assert raised.value.characters == RARE
    assert "U+2A6D6" in str(raised.value)
    assert "标题" in str(raised.value)


@pytest.mark.usefixtures("charts")
def test_strict_glyphs_lets_other_warnings_and_errors_be() -> None:
    with pytest.warns(UserWarning, match="something else"), strict_glyphs():
        warnings.warn("something else", UserWarning, stacklevel=1)
    with pytest.raises(UserWarning, match="an error"), strict_glyphs():
        raise UserWarning("an error")
    with strict_glyphs():
        svg("中文")
