from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import openpyxl
import pytest

from zhenxing.importers import ImportOptions, ImportResult, import_files

TODAY = dt.date(2026, 11, 1)
Rows = Sequence[Sequence[object]]


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., Path]:
    """Write a workbook: sheet name -> rows, with merged ranges."""

    def write(name: str, sheets: Mapping[str, Rows], merged: Mapping[str, Sequence[str]] | None = None) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        made = openpyxl.Workbook()
        del made[made.sheetnames[0]]
        for sheet, rows in sheets.items():
            page = made.create_sheet(sheet)
            for row in rows:
                page.append(list(row))
            for cells in (merged or {}).get(sheet, ()):
                page.merge_cells(cells)
        made.save(path)
        return path

    return write


@pytest.fixture
def read() -> Callable[..., ImportResult]:
    """Import with a fixed day, and check that every row of every sheet is accounted for."""

    def run(source: Path, town: object = None, **options: object) -> ImportResult:
        result = import_files(source, town, ImportOptions(today=TODAY, **options))  # type: ignore[arg-type]  # by name
        for account in result.accounts.to_dict("records"):
            parts = ("title", "header", "blank", "totals", "remarks", "repeated", "listed", "imported")
            assert sum(account[part] for part in parts) == account["rows"], account
        return result

    return run


@pytest.fixture
def data() -> Path:
    place = os.environ.get("ZHENXING_DATA", "")
    if not place or not Path(place, "firms").is_dir():
        pytest.skip("real registers are not part of the repository: set ZHENXING_DATA to their folder")
    return Path(place)


def codes(result: ImportResult, level: str = "") -> set[str]:
    """Codes of the findings, all or of one level."""
    return {issue.code for issue in result.issues if level in ("", issue.level)}
