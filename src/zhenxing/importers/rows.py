"""The rows under a header: which are data, which are totals, blanks, repeated headers or remarks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing.importers.headers import HeaderBlock
from zhenxing.importers.sheets import Sheet
from zhenxing.importers.text import fold
from zhenxing.schema.workbook import is_hint_row

_TOTALS = re.compile(r"^(?:.{0,8})(?:合计|小计|总计|累计|共计)(?:数|[:：])?$")
_REMARK = re.compile(
    r"^(?:注|备注|说明|填表说明|填表人|制表人?|审核人?|填报人|联系人|单位负责人|单位[（(]盖章[)）]|资料来源|数据来源)(?:[:：]|\d|$)"
)
_SEARCHED_COLUMNS = 4


@dataclass(frozen=True)
class RowKinds:
    """Row numbers of a sheet by kind; every row of the sheet is in exactly one of them."""

    title: tuple[int, ...]
    header: tuple[int, ...]
    blank: tuple[int, ...]
    totals: tuple[int, ...]
    remarks: tuple[int, ...]
    data: npt.NDArray[np.int64]


def classify_rows(sheet: Sheet, block: HeaderBlock) -> RowKinds:
    """Sort the rows of a sheet under its header.

    Totals rows (合计, 小计 …) are recognised in the first columns, repeated headers by equal cells, remarks
    (注：, 填表人：) by a single filled cell.
    """
    cells = sheet.cells
    first = block.row + block.depth if block.row >= 0 else 0
    filled = cells.notna().to_numpy()
    counts = filled.sum(axis=1)
    body = np.arange(first, len(cells))
    blank = {int(row) for row in body[counts[first:] == 0]}
    totals: set[int] = set()
    for place in range(min(_SEARCHED_COLUMNS, cells.shape[1])):
        for row, value in enumerate(cells[place].to_numpy()[first:], start=first):
            if isinstance(value, str) and "计" in value and len(value) <= 16 and _TOTALS.match(fold(value)):
                totals.add(row)
    repeated = set(_repeated_headers(cells, block, first)) if block.row >= 0 else set()
    # the line of hints under a template's header
    if block.row >= 0 and first < len(cells) and is_hint_row(list(cells.iloc[first])):
        repeated.add(first)
    remarks = set()
    for row in body[(counts[first:] > 0) & (counts[first:] <= 2)]:
        value = next(value for value in cells.iloc[row] if value is not None)
        if isinstance(value, str) and _REMARK.match(fold(value)):
            remarks.add(int(row))
    special = blank | totals | repeated | remarks
    data = np.array([row for row in body if int(row) not in special], dtype=np.int64) if special else body
    head = range(block.row, block.row + block.depth) if block.row >= 0 else ()
    above = range(max(block.row, 0))
    return RowKinds(
        title=tuple(row for row in above if counts[row]),
        header=(*head, *sorted(repeated)),
        blank=(*(row for row in above if not counts[row]), *sorted(blank - totals)),
        totals=tuple(sorted(totals - repeated)),
        remarks=tuple(sorted(remarks - totals)),
        data=data,
    )


def _repeated_headers(cells: pd.DataFrame, block: HeaderBlock, first: int) -> list[int]:
    """Rows that repeat the header, as print-outs with a header on every page do."""
    head = [fold(value) if value is not None else "" for value in cells.iloc[block.row]]
    places = [place for place, text in enumerate(head) if text][:6]
    if len(places) < 2:
        return []
    candidate = cells[places[0]].to_numpy()[first:]
    rows = [
        row
        for row, value in enumerate(candidate, start=first)
        if isinstance(value, str) and fold(value) == head[places[0]]
    ]
    return [row for row in rows if all(fold(cells.iat[row, place] or "") == head[place] for place in places)]


def fill_merged(sheet: Sheet, place: int, values: Sequence[object]) -> list[object]:
    """Return a column whose merged cells carry their value in every row (a village merged over its plots)."""
    filled = list(values)
    for top, left, bottom, right in sheet.merged:
        if left <= place <= right and bottom > top and top < len(filled):
            value = sheet.cells.iat[top, left]
            for row in range(top, min(bottom + 1, len(filled))):
                filled[row] = value
    return filled


def merged_rows(sheet: Sheet, place: int) -> list[int]:
    """Return the first rows of the ranges in which a column is merged downwards."""
    return [top for top, left, bottom, right in sheet.merged if left <= place <= right and bottom > top]
