"""Folding of full-width text, headers and firm names into one spelling."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SPACE = re.compile(r"\s+")
_TAIL = re.compile(r"[〓\s]+$")
_LEGAL_SUFFIX = re.compile(r"\((?:普通合伙|特殊普通合伙|有限合伙|个人独资|个体工商户|个体户)\)$")


def fold(value: object) -> str:
    """Return text with half-width signs, no blanks and lower-case letters: the form in which headers are compared.

    Examples
    --------
    >>> fold("注册资本\\n（万元）")
    '注册资本(万元)'
    >>> fold("面积（㎡）")
    '面积(m2)'
    """
    return _SPACE.sub("", unicodedata.normalize("NFKC", str(value))).lower()


def clean(value: str) -> str:
    """Return text without blanks at its ends, line breaks or the filler sign 〓 that registers append.

    Examples
    --------
    >>> clean(" 灯具制造。〓")
    '灯具制造。'
    """
    # most cells are plain already, and a register has a hundred thousand of them
    if value.isprintable() and "〓" not in value and "  " not in value:
        return value.strip()
    return _SPACE.sub(" ", _TAIL.sub("", value)).strip()


@lru_cache(maxsize=65_536)
def normalise_name(name: str) -> str:
    """Return a firm's name in the one spelling that stands for it.

    Half-width brackets, no blanks, upper-case letters, 有限责任公司 written 有限公司, no partnership form in brackets.

    Examples
    --------
    >>> normalise_name("中山市 甲灯饰有限责任公司")
    '中山市甲灯饰有限公司'
    >>> normalise_name("荣昌包装机械制品厂（惠阳）有限公司")
    '荣昌包装机械制品厂(惠阳)有限公司'
    """
    folded = _SPACE.sub("", unicodedata.normalize("NFKC", name)).upper().replace("〓", "")
    return _LEGAL_SUFFIX.sub("", folded.replace("有限责任公司", "有限公司"))
