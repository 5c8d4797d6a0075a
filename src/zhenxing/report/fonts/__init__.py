"""The font that reports ship: GB 2312 from Noto Sans CJK SC under the SIL Open Font License (``OFL.txt``)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path

FAMILY = "Zhenxing Sans"
FILE = "zhenxing-sans.otf"


def folder() -> Path:
    """Return the folder that holds the font and its licence."""
    return Path(str(files("zhenxing.report.fonts")))


@cache
def characters() -> frozenset[int]:
    """Return the code points that the font can show."""
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(str(folder() / FILE)).get_charmap())


def missing_glyphs(texts: Iterable[str]) -> str:
    """Return the characters that the font cannot show, each once, in order of appearance.

    Examples
    --------
    >>> missing_glyphs(["地块 A", "𠮷野"])
    '𠮷'
    """
    known = characters()
    found = dict.fromkeys(
        letter for text in texts for letter in text if ord(letter) not in known and not letter.isspace()
    )
    return "".join(found)
