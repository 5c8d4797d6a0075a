"""Make the font that the reports ship: GB 2312 from Noto Sans CJK SC and the punctuation of both languages.

Run where Debian's ``fonts-noto-cjk`` and fontTools are installed; the result is committed:

    python scripts/font_subset.py src/zhenxing/report/fonts/zhenxing-sans.otf

The family is renamed so that an installed Noto Sans CJK is never taken for it, or the other way round.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

SOURCE = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
FACE = 2  # the Simplified Chinese face of the collection
FAMILY = "Zhenxing Sans"
# names of people, firms and villages around Zhongshan that GB 2312 lacks, and signs that tables use
EXTRA = "·−—–…“”‘’•×÷≤≥≈≠±→←↑↓▲▼■□●○◆★✓✗√§¥€°′″²³㎡㎞‰℃垄堃喆昇淼鎏燚翀珺赟瑄玥珩璟頔祎旻昉叄涌埗圳埇氹涡滘漖冚嶂㘵"


def characters() -> str:
    """Return every character of GB 2312, ASCII, Latin-1 and the signs above."""
    rows = range(0xA1, 0xF8)
    cells = range(0xA1, 0xFF)
    national = [bytes([row, cell]).decode("gb2312", errors="ignore") for row in rows for cell in cells]
    latin = [chr(code) for code in (*range(0x20, 0x7F), *range(0xA0, 0x100))]
    return "".join(sorted({*"".join(national), *latin, *EXTRA}))


def main() -> None:
    """Write the subset and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    parser.add_argument("--source", type=Path, default=SOURCE)
    arguments = parser.parse_args()
    font = TTFont(arguments.source, fontNumber=FACE)
    options = subset.Options(layout_features=[], name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14], hinting=False)
    options.drop_tables += ["GPOS", "GSUB", "GDEF", "BASE", "VORG", "vhea", "vmtx"]
    cutter = subset.Subsetter(options)
    cutter.populate(text=characters())
    cutter.subset(font)
    for number, text in ((1, FAMILY), (3, f"{FAMILY} 1"), (4, FAMILY), (6, FAMILY.replace(" ", ""))):
        font["name"].setName(text, number, 3, 1, 0x409)
    top = font["CFF "].cff
    top.fontNames = [FAMILY.replace(" ", "")]
    arguments.target.parent.mkdir(parents=True, exist_ok=True)
    font.save(arguments.target)
    print(f"{arguments.target}: {len(font.getBestCmap())} characters, {arguments.target.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
