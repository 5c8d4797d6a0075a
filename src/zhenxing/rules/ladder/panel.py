"""The figures of many firms in one place, and the measures that rules compute from them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Vector = npt.NDArray[np.float64]


def _plain(title: str) -> str:
    text = unicodedata.normalize("NFKC", title)
    return "".join(sign for sign in text if not sign.isspace() and sign not in "“”\"'‘’「」《》()（）-").upper()


def floats(column: pd.Series) -> Vector:
    """Return a column as plain floats, missing as NaN, infinities as NaN."""
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


class Panel:
    """Figures of a set of firms up to one year, by column and fact.

    Parameters
    ----------
    firms : DataFrame
        firm_id (unique); founded and titles where known.
    firm_years : DataFrame
        firm_id, year and any of the yearly columns.
    firm_facts : DataFrame
        firm_id, fact, year, value; a record without year counts in any year.
    year : int
        The year judged.

    Notes
    -----
    Every answer is a vector over the firms in their order; NaN means unknown, which is never taken for zero.
    """

    def __init__(
        self, firms: pd.DataFrame, firm_years: pd.DataFrame, firm_facts: pd.DataFrame | None, year: int
    ) -> None:
        self.firms = pd.Index(firms["firm_id"].astype(object))
        self.size = len(self.firms)
        self.year = year
        years = firm_years[firm_years["year"].notna()]
        place = self.firms.get_indexer(years["firm_id"].astype(object))
        years, place = years[place >= 0], place[place >= 0]
        number = years["year"].to_numpy(dtype=np.int64)
        self._rows = {int(y): np.flatnonzero(number == y) for y in np.unique(number)}
        self._years, self._place = years, place
        self._founded = self._dates(firms)
        self._titles = self._split(firms)
        self._facts = self._by_fact(firm_facts)
        self._columns: dict[tuple[str, int], Vector] = {}

    def _blank(self) -> Vector:
        return np.full(self.size, np.nan)

    def _dates(self, firms: pd.DataFrame) -> pd.Series:
        founded = firms.get("founded", pd.Series(pd.NaT, index=firms.index))
        return pd.to_datetime(founded, errors="coerce").reset_index(drop=True)

    def _split(self, firms: pd.DataFrame) -> tuple[npt.NDArray[np.bool_], dict[str, npt.NDArray[np.int64]]]:
        titles = firms.get("titles", pd.Series(np.nan, index=firms.index)).astype(object).reset_index(drop=True)
        given = titles.notna().to_numpy(dtype=bool) & (titles.astype("str").str.strip() != "").to_numpy(dtype=bool)
        parts = titles[given].astype(str).str.split("[;；、,，]", regex=True).explode()
        names = parts.map(_plain)
        held = pd.Series(names.index.to_numpy(dtype=np.int64)).groupby(names.to_numpy())
        return given, {str(name): np.asarray(rows, dtype=np.int64) for name, rows in held}

    def _by_fact(self, facts: pd.DataFrame | None) -> dict[str, tuple[npt.NDArray[np.int64], Vector, Vector]]:
        if facts is None or not len(facts):
            return {}
        place = self.firms.get_indexer(facts["firm_id"].astype(object))
        value = floats(facts["value"])
        keep = (place >= 0) & ~np.isnan(value)
        year = floats(facts["year"]) if "year" in facts.columns else np.full(len(facts), np.nan)
        table = pd.DataFrame(
            {"fact": facts["fact"].astype(object), "place": place, "year": year, "value": value}, copy=False
        )
        table = table[keep].sort_values("year", na_position="first", kind="stable")
        return {
            str(name): (part["place"].to_numpy(), part["year"].to_numpy(), part["value"].to_numpy())
            for name, part in table.groupby("fact", sort=False)
        }

    @property
    def fact_names(self) -> tuple[str, ...]:
        """Names of the facts that have records."""
        return tuple(self._facts)

    def column(self, name: str, year: int) -> Vector:
        """Return a yearly column of one year."""
        key = (name, year)
        if key not in self._columns:
            values = self._blank()
            if name in self._years.columns and year in self._rows:
                rows = self._rows[year]
                values[self._place[rows]] = floats(self._years[name].iloc[rows])
            self._columns[key] = values
        return self._columns[key]

    def fact(self, name: str, year: int, within: int = 1) -> Vector:
        """Return the latest record of a fact in the ``within`` years up to a year, else one without a year."""
        values = self._blank()
        if name in self._facts:
            place, years, known = self._facts[name]
            keep = np.isnan(years) | ((years <= year) & (years > year - within))
            values[place[keep]] = known[keep]  # sorted by year with undated first: the latest is written last
        return values

    def title(self, names: list[str]) -> Vector:
        """Return 1 where a firm holds one of the titles, 0 where its titles are listed without it, else NaN."""
        given, held = self._titles
        values = np.where(given, 0.0, np.nan)
        for name in names:
            values[held.get(_plain(name), np.empty(0, dtype=np.int64))] = 1.0
        return values

    def age(self, year: int) -> Vector:
        """Return full years since founding on 31 December of a year."""
        founded = self._founded
        values = (year - founded.dt.year).to_numpy(dtype=np.float64, na_value=np.nan)
        return np.where(values >= 0, values, np.nan)

    def measure(self, definition: Mapping[str, Any], back: int = 0) -> Vector:
        """Compute a measure ``back`` years before the year judged."""
        year = self.year - back
        match definition:
            case {"column": str(name)}:
                return self.column(name, year)
            case {"fact": str(name)}:
                return self.fact(name, year, int(definition.get("within", 1)))
            case {"title": list(names)}:
                return self.title(names)
            case {"age": _}:
                return self.age(year)
            case {"ratio": [above, below]}:
                return quotient(self.measure(above, back), self.measure(below, back))
            case {"growth": inner}:
                return growth(self.measure(inner, back), self.measure(inner, back + 1))
            case {"cagr": inner, "years": int(n)}:
                return cagr(self.measure(inner, back), self.measure(inner, back + n), n)
            case {"lag": inner, "years": int(n)}:
                return self.measure(inner, back + n)
            case {"first": list(several)}:
                values = self._blank()
                for part in several:
                    values = np.where(np.isnan(values), self.measure(part, back), values)
                return values
            case {"mean": inner, "years": int(n)}:
                return np.asarray(self._stack(inner, back, n).mean(axis=0), dtype=np.float64)
            case {"least": inner, "years": int(n)}:
                return np.asarray(self._stack(inner, back, n).min(axis=0), dtype=np.float64)
            case {"most": inner, "years": int(n)}:
                return np.asarray(self._stack(inner, back, n).max(axis=0), dtype=np.float64)
        return self._blank()

    def _stack(self, inner: Mapping[str, Any], back: int, years: int) -> Vector:
        return np.array([self.measure(inner, back + k) for k in range(years)])


def quotient(above: Vector, below: Vector) -> Vector:
    """Return above / below, NaN where below is not positive.

    Examples
    --------
    >>> quotient(np.array([3.0, 1.0]), np.array([100.0, 0.0])).tolist()
    [0.03, nan]
    """
    usable = below > 0
    with np.errstate(over="ignore"):
        found = np.where(usable, above / np.where(usable, below, 1.0), np.nan)
    return np.where(np.isfinite(found), found, np.nan)


def growth(now: Vector, before: Vector) -> Vector:
    """Return (now - before) / before, NaN where before is missing or not positive.

    Examples
    --------
    >>> growth(np.array([1150.0, 5.0]), np.array([1000.0, 0.0])).tolist()
    [0.15, nan]
    """
    return quotient(now - before, before)


def cagr(end: Vector, base: Vector, years: int) -> Vector:
    """Return the compound annual growth rate (end / base) ** (1 / years) - 1 as a share.

    A missing or non-positive base, or a negative end, gives NaN and never 0 %.

    Examples
    --------
    >>> cagr(np.array([1331.0, 10.0]), np.array([1000.0, 0.0]), 3).round(12).tolist()
    [0.1, nan]
    """
    ratio = quotient(end, base)
    usable = ratio >= 0
    return np.where(usable, np.where(usable, ratio, 1.0) ** (1.0 / years) - 1.0, np.nan)
