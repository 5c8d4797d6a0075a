"""The plan's tables read into yearly increments, and what is wrong with the tables themselves.

Rows that name nothing known, or a year outside the plan, are reported and left out; the rules are then checked on
what remains, so one wrong row does not hide the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from zhenxing.planning.checker.facts import Facts
from zhenxing.planning.checker.violations import TOLERANCE, Findings, FloatArray
from zhenxing.planning.consistency.inputs import each_row

TEXTS: Final = {
    "plan_sites": ("site_id", "mode"),
    "plan_landings": ("candidate_id", "park_id"),
    "plan_facilities": ("park_id", "facility_id"),
    "plan_works": ("work_id",),
    "plan_utilities": ("park_id", "resource"),
    "plan_resettlement": ("from_park_id", "to_park_id"),
    "plan_exits": ("park_id",),
    "plan_finance": (),
}
NUMBERS: Final = {
    "plan_sites": ("start_year", "delivery_year"),
    "plan_landings": ("year", "count"),
    "plan_facilities": ("year",),
    "plan_works": ("start_year", "opening_year"),
    "plan_utilities": ("step", "year"),
    "plan_resettlement": ("year", "floor_m2"),
    "plan_exits": ("year", "floor_m2"),
    "plan_finance": (
        "year",
        "own_funds_wan",
        "land_income_wan",
        "retained_tax_wan",
        "outlay_wan",
        "interest_wan",
        "debt_wan",
        "cash_wan",
    ),
}


@dataclass(frozen=True)
class Decisions:
    """What the plan adds in each year; one row per row of the town's table, column t is calendar year base + t."""

    starts: FloatArray
    landings: FloatArray
    works: FloatArray
    facilities: FloatArray
    utility_steps: FloatArray
    resettled: FloatArray
    exits: FloatArray
    debt: FloatArray
    cash: FloatArray
    reported: pd.DataFrame = field(repr=False)


@dataclass
class _Reader:
    facts: Facts
    plan: Mapping[str, pd.DataFrame]
    found: Findings

    def rows(self, table: str) -> Iterator[Any]:
        """Yield the readable rows of a plan table as tuples with text ids and float numbers."""
        given = self.plan.get(table)
        if given is None or len(given) == 0:
            return
        texts, numbers = TEXTS[table], NUMBERS[table]
        lacking = [column for column in (*texts, *numbers) if column not in given.columns]
        if lacking:
            self.found.add(0, table, "", None, (np.nan, np.nan), "columns_lacking", columns=", ".join(lacking))
            return
        columns: dict[str, Any] = {name: _texts(given[name]) for name in texts}
        columns |= {
            name: pd.to_numeric(given[name].astype(object), errors="coerce").to_numpy(dtype=float, na_value=np.nan)
            for name in numbers
        }
        for number, row in enumerate(each_row(pd.DataFrame(columns)), start=1):
            unreadable = [name for name in numbers if not np.isfinite(getattr(row, name))]
            if unreadable:
                cells = ", ".join(unreadable)
                self.found.add(
                    0, table, _name(row, texts) or str(number), None, (np.nan, np.nan), "unreadable_cell", columns=cells
                )
            else:
                yield row

    def time(self, table: str, id: str, year: float) -> int | None:
        """Return t of a year of the plan, or None (and a violation) where it lies outside the plan."""
        t = year - self.facts.base_year
        if t != int(t) or not 1 <= t <= self.facts.horizon:
            whole = int(year) if year == int(year) else None
            last = self.facts.base_year + self.facts.horizon
            self.found.add(0, table, id, whole, (year, last), "year_outside", given=f"{year:g}", last=last)
            return None
        return int(t)

    def once(
        self,
        table: str,
        position: Mapping[Any, int],
        entries: Sequence[tuple[Any, str, float]],
        keep_repeats: bool = False,
    ) -> FloatArray:
        """Count decisions that are taken once: key, its name, its year."""
        added = np.zeros((len(position), self.facts.horizon + 1))
        seen: set[int] = set()
        for key, id, year in entries:
            row = position.get(key)
            if row is None:
                self.found.add(0, table, id, None, (1.0, 0.0), "unknown_row")
                continue
            if row in seen:
                self.found.add(0, table, id, None, (2.0, 1.0), "repeated_row")
                if not keep_repeats:
                    continue
            seen.add(row)
            t = self.time(table, id, year)
            if t is not None:
                added[row, t] += 1.0
        return added

    def quantity(self, table: str, id: str, year: float, value: float) -> float:
        """Return an amount of floor, with a violation where it is negative."""
        if value < -TOLERANCE:
            self.found.add(0, table, id, int(year), (0.0, value), "negative_amount")
        return value


def read_decisions(facts: Facts, plan: Mapping[str, pd.DataFrame], found: Findings) -> Decisions:
    """Read the plan tables; an absent table is empty."""
    reader = _Reader(facts, plan, found)
    debt, cash, reported = _finance(reader)
    return Decisions(
        starts=_starts(reader),
        landings=_landings(reader),
        works=_works(reader),
        facilities=_facilities(reader),
        utility_steps=_utility_steps(reader),
        resettled=_resettled(reader),
        exits=_exits(reader),
        debt=debt,
        cash=cash,
        reported=reported,
    )


def _starts(reader: _Reader) -> FloatArray:
    facts, table = reader.facts, "plan_sites"
    position = {key: row for row, key in enumerate(zip(facts.options["site_id"], facts.options["mode"], strict=True))}
    lead = facts.options["lead_years"].to_numpy()
    entries = []
    for row in reader.rows(table):
        key, id = (row.site_id, row.mode), f"{row.site_id} / {row.mode}"
        entries.append((key, id, row.start_year))
        if key in position:
            _check_date(reader, table, id, row.delivery_year, row.start_year + lead[position[key]])
    return reader.once(table, position, entries, keep_repeats=True)


def _works(reader: _Reader) -> FloatArray:
    facts, table = reader.facts, "plan_works"
    position = {key: row for row, key in enumerate(facts.works["work_id"])}
    lead = facts.works["lead_years"].to_numpy()
    entries = []
    for row in reader.rows(table):
        entries.append((row.work_id, row.work_id, row.start_year))
        if row.work_id in position:
            _check_date(reader, table, row.work_id, row.opening_year, row.start_year + lead[position[row.work_id]])
    return reader.once(table, position, entries)


def _check_date(reader: _Reader, table: str, id: str, reported: float, expected: float) -> None:
    if reported != expected:
        key = "delivery_year" if table == "plan_sites" else "opening_year"
        reader.found.add(
            0, table, id, None, (reported, expected), key, reported=f"{reported:g}", expected=f"{expected:g}"
        )


def _facilities(reader: _Reader) -> FloatArray:
    table, known = "plan_facilities", reader.facts.facilities
    position = {key: row for row, key in enumerate(zip(known["park_id"], known["facility_id"], strict=True))}
    entries = [
        ((row.park_id, row.facility_id), f"{row.park_id} / {row.facility_id}", row.year) for row in reader.rows(table)
    ]
    return reader.once(table, position, entries)


def _utility_steps(reader: _Reader) -> FloatArray:
    table, known = "plan_utilities", reader.facts.utility_steps
    keys = zip(known["park_id"], known["resource"], known["step"], strict=True)
    position = {key: row for row, key in enumerate(keys)}
    entries = [
        ((row.park_id, row.resource, row.step), f"{row.park_id} / {row.resource} / {row.step:g}", row.year)
        for row in reader.rows(table)
    ]
    return reader.once(table, position, entries)


def _landings(reader: _Reader) -> FloatArray:
    facts, table = reader.facts, "plan_landings"
    keys = zip(facts.placements["candidate_id"], facts.placements["park_id"], strict=True)
    position = {key: row for row, key in enumerate(keys)}
    candidates, parks = set(facts.candidates["candidate_id"]), set(facts.parks["park_id"])
    added = np.zeros((len(position), facts.horizon + 1))
    for row in reader.rows(table):
        id = f"{row.candidate_id} / {row.park_id}"
        place = position.get((row.candidate_id, row.park_id))
        if place is None:
            known = row.candidate_id in candidates and row.park_id in parks
            reader.found.add(
                3 if known else 0, table, id, None, (row.count, 0.0), "unlisted_placement" if known else "unknown_row"
            )
            continue
        if abs(row.count - round(row.count)) > TOLERANCE:
            reader.found.add(0, table, id, None, (row.count, round(row.count)), "not_whole")
        t = reader.time(table, id, row.year)
        if t is not None:
            whole = round(row.count) if abs(row.count - round(row.count)) <= TOLERANCE else row.count
            added[place, t] += reader.quantity(table, id, row.year, whole)
    return added


def _resettled(reader: _Reader) -> FloatArray:
    facts, table = reader.facts, "plan_resettlement"
    position = {park: row for row, park in enumerate(facts.parks["park_id"])}
    added = np.zeros((len(position), len(position), facts.horizon + 1))
    for row in reader.rows(table):
        id = f"{row.from_park_id} → {row.to_park_id}"
        if row.from_park_id not in position or row.to_park_id not in position:
            reader.found.add(0, table, id, None, (1.0, 0.0), "unknown_row")
            continue
        t = reader.time(table, id, row.year)
        if t is not None:
            place = position[row.from_park_id], position[row.to_park_id], t
            added[place] += reader.quantity(table, id, row.year, row.floor_m2)
    return added


def _exits(reader: _Reader) -> FloatArray:
    facts, table = reader.facts, "plan_exits"
    position = {park: row for row, park in enumerate(facts.parks["park_id"])}
    added = np.zeros((len(position), facts.horizon + 1))
    for row in reader.rows(table):
        if row.park_id not in position:
            reader.found.add(0, table, row.park_id, None, (1.0, 0.0), "unknown_row")
            continue
        t = reader.time(table, row.park_id, row.year)
        if t is not None:
            added[position[row.park_id], t] += reader.quantity(table, row.park_id, row.year, row.floor_m2)
    return added


def _finance(reader: _Reader) -> tuple[FloatArray, FloatArray, pd.DataFrame]:
    facts, table, settings = reader.facts, "plan_finance", reader.facts.settings
    debt, cash = np.zeros(facts.horizon + 1), np.zeros(facts.horizon + 1)
    debt[0], cash[0] = settings.initial_debt_wan, settings.initial_cash_wan
    kept: dict[int, Any] = {}
    for row in reader.rows(table):
        t = reader.time(table, f"{row.year:g}", row.year)
        if t is None:
            continue
        if t in kept:
            reader.found.add(0, table, "", int(row.year), (2.0, 1.0), "finance_rows")
            continue
        kept[t] = row
        debt[t], cash[t] = row.debt_wan, row.cash_wan
    for t in range(1, facts.horizon + 1):
        if t not in kept:
            reader.found.add(0, table, "", facts.base_year + t, (0.0, 1.0), "finance_rows")
    reported = pd.DataFrame(list(kept.values()), columns=list(NUMBERS[table]), index=list(kept))
    return debt, cash, reported.astype(float)


def _texts(column: pd.Series[Any]) -> list[str]:
    return ["" if value is None or value is pd.NA or value != value else str(value) for value in column]


def _name(row: Any, texts: Sequence[str]) -> str:
    return " / ".join(getattr(row, name) for name in texts)
