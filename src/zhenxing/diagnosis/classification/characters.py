"""Normal characters: full-width, upper-case and traditional forms read as the plain one, position by position."""

from __future__ import annotations

import unicodedata
from functools import cache

from zhenxing.rules.files import records

# what the program reads as the end of a sentence, in the normal form
SENTENCE = ";。〓#\n\r\t"
COMMA = ","
LIST = "、^*・"
COLON = ":∶"
OPENING = "([【〔〖「『{〈"
CLOSING = ")]】〕〗」』}〉"
LIMIT = 0x10000


@cache
def normal_forms() -> dict[int, str]:
    """Return code point -> normal character, for the characters that have another normal form.

    A character has the form of NFKC in lower case where that is a single character, then the simplified form of the
    shipped table. Longer forms are left alone, so that every position stays what it is in the row.

    Examples
    --------
    >>> "ＬＥＤ燈具；".translate(normal_forms())
    'led灯具;'
    """
    simplified = {row["traditional"]: row["simplified"] for row in records("chains/traditional.csv")}
    forms = {}
    for point in range(0x21, LIMIT):
        if 0xD800 <= point < 0xE000:
            continue
        character = chr(point)
        wide = unicodedata.normalize("NFKC", character)
        form = wide if len(wide) == 1 else character
        lower = form.lower()
        form = lower if len(lower) == 1 else form
        form = simplified.get(form, form)
        if form != character and ord(form) < LIMIT:
            forms[point] = form
    return forms


def normal(text: str) -> str:
    """Return a text in normal characters, of the same length.

    Examples
    --------
    >>> normal("照明燈具（ＣＯＢ）")
    '照明灯具(cob)'
    """
    return text.translate(normal_forms())
