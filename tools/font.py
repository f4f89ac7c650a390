"""Make the bundled report font again from Noto Sans CJK SC Regular.

    python tools/font.py NotoSansCJK-Regular.ttc ppp/report/fonts/NotoSansSC-Regular.otf

The source is Noto Sans CJK 2.004 (Debian's fonts-noto-cjk, or the release on
GitHub), as a collection or as the single SC font. The same source and the same
fonttools version give the same bytes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

SOURCE_NAME = "NotoSansCJKsc-Regular"
FAMILY = "PPP Sans"  # a name of our own, so that an installed Noto is never taken for it

RANGES = (
    (0x0020, 0x007E),  # ASCII
    (0x00A0, 0x00FF),  # Latin-1
    (0x0100, 0x017F),  # Latin Extended-A
    (0x0370, 0x03FF),  # Greek
    (0x2000, 0x206F),  # general punctuation
    (0x2070, 0x209F),  # superscripts and subscripts
    (0x20A0, 0x20CF),  # currency
    (0x2100, 0x218F),  # letterlike symbols, number forms
    (0x2190, 0x21FF),  # arrows
    (0x2200, 0x22FF),  # mathematical operators
    (0x2300, 0x23FF),  # technical
    (0x2460, 0x24FF),  # enclosed numbers
    (0x2500, 0x259F),  # boxes and blocks
    (0x25A0, 0x25FF),  # geometric shapes
    (0x2600, 0x27BF),  # miscellaneous symbols, dingbats
    (0x3000, 0x303F),  # CJK punctuation
    (0xFF00, 0xFFEF),  # fullwidth and halfwidth forms
)


def gb2312() -> set[int]:
    """The code points of every character of GB2312."""
    found: set[int] = set()
    for row in range(0xA1, 0xFF):
        for cell in range(0xA1, 0xFF):
            found.update(map(ord, bytes((row, cell)).decode("gb2312", "ignore")))
    return found


def wanted() -> set[int]:
    """The code points to keep; those the source lacks are passed over."""
    return gb2312().union(*(range(first, last + 1) for first, last in RANGES))


def open_source(path: Path) -> TTFont:
    """The SC Regular font in the file at path. Raises SystemExit when it is not in there."""
    if path.suffix.lower() in {".ttc", ".otc"}:
        with TTCollection(path, lazy=True) as faces:
            names = [face["name"].getDebugName(6) for face in faces]
        if SOURCE_NAME not in names:
            raise SystemExit(f"{path}: no face {SOURCE_NAME}, only {', '.join(names)}")
        number = names.index(SOURCE_NAME)
        return TTFont(path, fontNumber=number, lazy=True, recalcTimestamp=False)
    font = TTFont(path, lazy=True, recalcTimestamp=False)
    name = font["name"].getDebugName(6)
    if name != SOURCE_NAME:
        raise SystemExit(f"{path}: is {name}, not {SOURCE_NAME}")
    return font


def make(source: Path, target: Path) -> None:
    """Write the subset of the font at source to target."""
    font = open_source(source)
    options = subset.Options(
        hinting=False,
        desubroutinize=True,  # 25 kB larger, but subsetting it again per report is faster
        layout_features=[],
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 7, 13, 14],
        name_languages=[0x409],
        notdef_outline=True,
    )
    options.drop_tables += ["BASE", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted())
    subsetter.subset(font)

    version = font["name"].getDebugName(5).split(";")[0]
    postscript = f"{FAMILY.replace(' ', '')}-Regular"
    names = {
        1: FAMILY,
        2: "Regular",
        3: f"{version};{postscript}",
        4: FAMILY,
        5: f"{version}; subset of {SOURCE_NAME}",
        6: postscript,
    }
    for number, text in names.items():
        font["name"].setName(text, number, 3, 1, 0x409)
    cff = font["CFF "].cff
    cff.fontNames = [postscript]
    cff[0].FullName = cff[0].FamilyName = FAMILY
    font.save(target)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Make the bundled report font.")
    parser.add_argument("source", type=Path, help="Noto Sans CJK Regular (.ttc) or SC (.otf)")
    parser.add_argument("target", type=Path, help="the font to write")
    arguments = parser.parse_args()
    make(arguments.source, arguments.target)
