"""The tables under check, with defaults filled and plain types, each prepared once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from zhenxing import schema
from zhenxing.errors import Issue, Level
from zhenxing.i18n import name_rows, say
from zhenxing.town import PlanSettings, Settings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zhenxing.schema import Column
    from zhenxing.town import Town


def plain(town: Town, name: str) -> pd.DataFrame:
    """Return a table with every declared column, defaults filled: text as str ('' = none), numbers as float."""
    given = town[name]
    columns = {
        column: _cells(town, given, declared, given[column] if column in given.columns else None)
        for column, declared in schema.table(name).columns.items()
    }
    return pd.DataFrame(columns, index=range(len(given)))


def _cells(town: Town, given: pd.DataFrame, declared: Column, cells: pd.Series[Any] | None) -> NDArray[Any]:
    """Return the cells of a column with its default in the empty ones."""
    if declared.type in ("number", "integer", "year"):
        values = np.full(len(given), np.nan) if cells is None else cells.to_numpy(dtype=float, na_value=np.nan)
        return np.where(np.isnan(values), _default(town, given, declared.default), values)
    empty: object = declared.default == "true" if declared.type == "boolean" else declared.default
    kind = bool if declared.type == "boolean" else object
    if cells is None:
        return np.full(len(given), empty, dtype=kind)
    return np.array([empty if missing else cell for cell, missing in zip(cells, cells.isna(), strict=True)], dtype=kind)


def _default(town: Town, given: pd.DataFrame, default: str) -> float | NDArray[np.float64]:
    """Return the default of a number: a constant, a plan year, no limit, or another table's column."""
    if default.startswith("of:"):
        table, column = default.removeprefix("of:").split(".")
        (key,) = schema.table(table).key
        origin = plain(town, table)
        values = dict(zip(origin[key], origin[column], strict=True))
        return np.array([values.get(id, np.nan) for id in given[key]], dtype=float)
    years = {"first_plan_year": town.years[0], "last_plan_year": town.years[-1]}
    named = {"": np.nan, "unlimited": np.inf, **years}
    return float(named[default]) if default in named else float(default)


def each_row(frame: pd.DataFrame) -> Iterator[Any]:
    """Yield the rows of a plain table as named tuples."""
    yield from frame.itertuples(index=False)


class Inputs:
    """A town's plan tables as plain frames: text as str ('' = none), numbers as float, booleans as bool."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.settings = town.settings.plan or PlanSettings(base_year=2000, horizon_years=1)
        # year defaults need a horizon; rules about years are not run for a town without one
        self._filling = town.replace(settings=Settings(town=town.settings.town, plan=self.settings))
        self.table = cache(self._table)

    @property
    def first_year(self) -> int:
        """The first plan year."""
        return self.settings.base_year + 1

    @property
    def last_year(self) -> int:
        """The last plan year."""
        return self.settings.base_year + self.settings.horizon_years

    def _table(self, name: str) -> pd.DataFrame:
        return plain(self._filling, name)

    def ids(self, table: str, column: str) -> set[str]:
        """Return the ids that a table defines."""
        return set(self.table(table)[column])

    def done(self, subject: str) -> pd.DataFrame:
        """Return the rows of locks that say what is there already."""
        locks = self.table("locks")
        return locks[(locks["rule"] == "done") & (locks["subject"] == subject)]


def issue(level: Level, code: str, table: str, column: str, rows: Iterable[object], **values: object) -> list[Issue]:
    """Return one issue about rows, or none when there are no rows; its sentence is ``check.<code>``."""
    named = tuple(dict.fromkeys(str(row) for row in rows))
    if not named:
        return []
    text = say(f"check.{code}", rows=name_rows(named), count=len(named), table=table, column=column, **values)
    return [Issue(level, code, text, table, column, named)]


def row_ids(frame: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """Return readable ids of rows: their key columns joined.

    Examples
    --------
    >>> row_ids(pd.DataFrame({"site_id": ["a"], "year": [2026.0]}), ["site_id", "year"])
    ['a / 2026']
    """
    texts = [
        frame[column].map("{:g}".format) if frame[column].dtype == float else frame[column].astype(str)
        for column in columns
    ]
    return [" / ".join(part for part in parts if part) for parts in zip(*texts, strict=True)]
