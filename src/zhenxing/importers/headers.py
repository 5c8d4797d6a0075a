"""Chinese headers: their spelling, their unit, their year, and the row in which they stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from zhenxing.importers.text import fold
from zhenxing.importers.units import is_unit, units_of_line

SEARCHED_ROWS = 40
DEEPEST = 3
_BRACKET = re.compile(r"[(\[【<《]([^()\[\]【】<>《》]*)[)\]】>》]")
_MARKS = re.compile(r"[*★☆#、,，。:;；\-_/\\·.\"'“”|]+")
_YEAR = re.compile(r"^(?:截[至止])?(20\d\d)(?:年度?(?:末|底)?|度)?")
_YEAR_TAIL = re.compile(r"[(\[_-]?(20\d\d)(?:年度?)?[)\]]?$")
_ONLY_YEAR = re.compile(r"^(20\d\d)(?:年度?)?$")
_RELATIVE = {"上上年度": -2, "上上年": -2, "前年": -2, "上年度": -1, "上年": -1, "去年": -1, "本年度": 0, "本年": 0}
_UNIT_TAILS = ("万元/亩", "万元", "亿元", "千元", "元", "公顷", "亩", "平方米", "万平方米", "m2", "%", "人")


@dataclass(frozen=True)
class Header:
    """One column's header: text as given, compared name, unit (or empty), year (or ``None``), relative year."""

    text: str
    base: str
    unit: str = ""
    year: int | None = None
    relative_year: int | None = None


@lru_cache(maxsize=16_384)
def read_header(text: str) -> Header:
    """Split a header into its name, its unit and its year.

    Examples
    --------
    >>> read_header("2024年营业收入\\n（亿元）")
    Header(text='2024年营业收入\\n（亿元）', base='营业收入', unit='亿元', year=2024, relative_year=None)
    >>> read_header("用地面积/亩").unit
    '亩'
    """
    folded = fold(text)
    unit = ""
    for match in _BRACKET.finditer(folded):
        stated = match.group(1).removeprefix("单位:")
        if is_unit(stated):
            unit = stated
    bare = _BRACKET.sub("", folded)
    for sign in ("/", "_", ":", "-", "·"):
        head, found, tail = bare.partition(sign)
        if not unit and found and head and is_unit(tail):
            bare, unit = head, tail
    year = relative = None
    only_year = _ONLY_YEAR.match(bare)
    if only_year:
        return Header(text, "", unit, int(only_year.group(1)))
    for pattern in (_YEAR, _YEAR_TAIL):
        stated_year = pattern.search(bare)
        if stated_year and len(stated_year.group()) < len(bare):
            year = int(stated_year.group(1))
            bare = bare.replace(stated_year.group(), "", 1)
            break
    for word, offset in _RELATIVE.items():
        if year is None and bare.startswith(word) and len(bare) > len(word):
            relative, bare = offset, bare[len(word) :]
            break
    return Header(text, _MARKS.sub("", bare), unit, year, relative)


def compared(text: str) -> str:
    """Return the spelling under which a header or an alias is looked up.

    Examples
    --------
    >>> compared("* 统一社会\\n信用代码")
    '统一社会信用代码'
    >>> compared("site_id")
    'siteid'
    """
    return read_header(text).base


def without_unit(base: str) -> tuple[str, str]:
    """Split a unit that is written at the end of a name without brackets.

    Examples
    --------
    >>> without_unit("计划总投资万元")
    ('计划总投资', '万元')
    """
    for unit in _UNIT_TAILS:
        if base.endswith(unit) and len(base) > len(unit) + 1:
            return base[: -len(unit)], unit
    return base, ""


@dataclass(frozen=True)
class HeaderBlock:
    """Where a sheet's header stands: its first row, its depth, one header for each column, the lines above it."""

    row: int
    depth: int
    headers: tuple[Header, ...]
    above: tuple[str, ...]
    units: tuple[str, ...]
    score: float


Score = Callable[[Sequence[Header]], float]


def find_header(
    cells: pd.DataFrame, merged: Sequence[tuple[int, int, int, int]], score: Score, least: float = 0.8
) -> HeaderBlock | None:
    """Find the header under titles and unit lines; two- and three-row headers are joined.

    Parameters
    ----------
    cells : DataFrame
        The sheet without a header, blanks as ``None`` or ``""``.
    merged : sequence of (first row, first column, last row, last column)
        Merged ranges, counted from 0.
    score : callable
        How well a row of headers is known: the best of all tables.
    least : float
        The lowest score that counts as a header.
    """
    top = cells.head(SEARCHED_ROWS + DEEPEST)
    grid = [[_text(value) for value in row] for row in top.itertuples(index=False, name=None)]
    best: HeaderBlock | None = None
    for row in range(min(SEARCHED_ROWS, len(grid))):
        if not any(grid[row]):
            continue
        for depth in range(1, min(DEEPEST, len(grid) - row) + 1):
            if depth > 1 and not _continues(top, row + depth - 1):
                break
            headers = tuple(read_header(text) for text in _joined(grid, merged, row, depth))
            found = score(headers)
            if found >= least and (best is None or found > best.score + 1e-9):
                above = tuple(text for line in grid[:row] for text in dict.fromkeys(line) if text)
                units = tuple(unit for text in above for unit in units_of_line(text))
                best = HeaderBlock(row, depth, headers, above, units, found)
    return best


def _text(value: object) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _continues(cells: pd.DataFrame, row: int) -> bool:
    """A second header row holds words, no numbers or dates (but years)."""
    for value in cells.iloc[row]:
        if isinstance(value, str | None) or (isinstance(value, float) and np.isnan(value)):
            continue
        if not (isinstance(value, int | float) and 2000 <= value <= 2100):
            return False
    return True


def _joined(grid: list[list[str]], merged: Sequence[tuple[int, int, int, int]], row: int, depth: int) -> list[str]:
    """Join the rows of a header: the upper one reaches over the columns it is merged across."""
    width = max(map(len, grid))
    upper = list(grid[row]) + [""] * (width - len(grid[row]))
    if depth == 1:
        return upper
    names = [[text] if text else [] for text in upper]
    for level in range(row, row + depth - 1):
        line = grid[level] + [""] * (width - len(grid[level]))
        spans = _spans(line, grid[level + 1], merged, level)
        for column, text in spans.items():
            if text not in names[column]:
                names[column].append(text)
        for column, text in enumerate(grid[level + 1]):
            if text and text not in names[column]:
                names[column].append(text)
    return ["".join(parts) for parts in names]


def _spans(
    line: list[str], below: list[str], merged: Sequence[tuple[int, int, int, int]], level: int
) -> dict[int, str]:
    """Columns that a header cell reaches: its merged range, else the blanks to its right with names below."""
    spans: dict[int, str] = {}
    ranges = {(top, left): right for top, left, bottom, right in merged if top == level and bottom == level}
    last = ""
    for column, text in enumerate(line):
        if text:
            last = text
        elif not merged and last and column < len(below) and below[column]:
            spans[column] = last
    for (_, left), right in ranges.items():
        if left < len(line) and line[left]:
            spans.update(dict.fromkeys(range(left + 1, right + 1), line[left]))
    return {column: text for column, text in spans.items() if column < len(line)}
