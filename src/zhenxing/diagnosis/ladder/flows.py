"""Entries into the register, exits from it and the net, by year and sector: as recorded and by revenue."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing.diagnosis.ladder.settings import LadderSettings
from zhenxing.diagnosis.ladder.standing import reaches

States = npt.NDArray[np.int8]  # 1 in the register, 0 not, -1 unknown
CLOSED = "注销|吊销|撤销|迁出|deregistered|revoked"


def closed(firms: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Say which firms are gone by their state of registration.

    Examples
    --------
    >>> closed(pd.DataFrame({"firm_id": ["a", "b"], "status": ["注销", "在业"]})).tolist()
    [True, False]
    """
    status = firms.get("status", pd.Series("", index=firms.index)).astype("str").fillna("")
    return status.str.contains(CLOSED, case=False, regex=True).to_numpy(dtype=bool)


def _grid(
    values: pd.Series, firm: npt.NDArray[np.int64], year: npt.NDArray[np.int64], shape: tuple[int, int]
) -> object:
    grid = np.full(shape, np.nan)
    grid[firm, year] = values.to_numpy(dtype=np.float64, na_value=np.nan)
    return grid


def recorded(state: npt.NDArray[np.float64], unborn: npt.NDArray[np.bool_], gone: npt.NDArray[np.bool_]) -> States:
    """Return the register as recorded: known where a state is given, out before founding and after closing."""
    known = np.where(np.isnan(state), -1, state).astype(np.int8)
    known[unborn & (known < 0)] = 0
    seen = ~np.isnan(state)
    last = np.where(seen.any(axis=1), seen.shape[1] - 1 - np.argmax(seen[:, ::-1], axis=1), seen.shape[1])
    after = np.arange(seen.shape[1])[None, :] > last[:, None]
    known[after & gone[:, None]] = 0
    return known


def by_revenue(
    passed: npt.NDArray[np.float64],
    start: States,
    unborn: npt.NDArray[np.bool_],
    newborn: npt.NDArray[np.bool_],
    grace: int,
) -> States:
    """Return the register that revenue alone would give, year by year, with hysteresis at the exit.

    A unit that passes the line in a year is in the register from the next (a new plant in the same year); one below the
    line stays ``grace`` years and then leaves. Years without revenue make the state unknown until it is settled again.

    Parameters
    ----------
    passed : array (firms, years)
        1 where revenue reached the line, 0 where not, NaN unknown.
    start : array
        The recorded state of the first year.
    unborn, newborn : array (firms, years)
        Years before founding; the year of founding.
    grace : int
        Years a unit may stay below the line.

    Examples
    --------
    >>> passed = np.array([[1.0, 0.0, 0.0, 0.0]])
    >>> no = np.zeros((1, 4), dtype=bool)
    >>> by_revenue(passed, np.array([0], dtype=np.int8), no, no, 1).tolist()
    [[0, 1, 1, 0]]
    """
    firms, years = passed.shape
    table = np.full((firms, years), -1, dtype=np.int8)
    table[:, 0] = np.where(unborn[:, 0], 0, start)
    below = np.zeros(firms, dtype=np.int64)
    for year in range(years):
        if year:
            last, before = table[:, year - 1], passed[:, year - 1]
            below = np.where(before == 0, below + 1, 0)
            stays = np.where(below <= grace, last, 0)
            after = np.where(before == 1, 1, np.where(before == 0, np.where(last == 0, 0, stays), -1))
            table[:, year] = np.where(unborn[:, year] | newborn[:, year], 0, after)
        new_plant = newborn[:, year] & (passed[:, year] == 1)
        table[new_plant, year] = 1
    return table


def _count(
    states: States, years: list[int], sector: npt.NDArray[np.object_], basis: str, assumed: bool
) -> pd.DataFrame:
    parts = []
    for place, year in enumerate(years[1:], start=1):
        before, now = states[:, place - 1], states[:, place]
        label = sector[:, place]
        frame = pd.DataFrame(
            {
                "sector": label,
                "opening": before == 1,
                "entries": (before == 0) & (now == 1),
                "exits": (before == 1) & (now == 0),
                "closing": now == 1,
                "unsettled": ((before < 0) & (now == 1)) | ((before == 1) & (now < 0)),
            }
        )
        total = frame.assign(sector="all")
        counts = pd.concat([total, frame]).groupby("sector", sort=False).sum().astype("int64").reset_index()
        parts.append(
            counts[(counts.drop(columns="sector").sum(axis=1) > 0) | (counts["sector"] == "all")].assign(year=year)
        )
    if not parts:
        return pd.DataFrame(columns=["year", "sector", "basis", *COUNTS, "assumed"])
    return pd.concat(parts, ignore_index=True).assign(basis=basis, assumed=assumed)


def _sectors(
    sector: pd.Series, firm: npt.NDArray[np.int64], year: npt.NDArray[np.int64], shape: tuple[int, int]
) -> npt.NDArray[np.object_]:
    """Return each firm's sector in each year: that of the year, else of the last year before, else of the next."""
    codes, names = pd.factorize(sector.astype(object))
    grid = np.full(shape, -1)
    grid[firm, year] = codes
    for place in range(1, shape[1]):
        grid[:, place] = np.where(grid[:, place] < 0, grid[:, place - 1], grid[:, place])
    for place in range(shape[1] - 2, -1, -1):
        grid[:, place] = np.where(grid[:, place] < 0, grid[:, place + 1], grid[:, place])
    filled: npt.NDArray[np.object_] = np.array([*names, "unknown"], dtype=object)[grid]
    return filled


COUNTS = ("opening", "entries", "exits", "net", "closing", "unsettled")


def register_flows(firms: pd.DataFrame, standing: pd.DataFrame, settings: LadderSettings | None = None) -> pd.DataFrame:
    """Count entries into the register, exits and net by year and sector, on both bases.

    Basis ``recorded`` compares ``register_state`` of one year with the next: only pairs of known years count, a firm
    not yet founded is out, a closed firm is out after its last record. Basis ``revenue`` is what the lines would give:
    a unit is in from the year after it passes (a new plant at once) and leaves after ``exit_grace_years`` below.

    Parameters
    ----------
    firms : DataFrame
        firm_id, founded, status.
    standing : DataFrame
        What ``standings`` returned.
    settings : LadderSettings, optional
        ``exit_grace_years``.

    Returns
    -------
    DataFrame
        year, sector (``all`` for the sum, ``unknown`` where none is known), basis, opening, entries, exits,
        net = entries - exits, closing, unsettled (firms in the register in one of the two years whose other year is
        unknown; closing = opening + net + those that appear - those that vanish so), assumed.

    Examples
    --------
    >>> from zhenxing.diagnosis.ladder import standings
    >>> firms = pd.DataFrame({"firm_id": ["a"], "industry_code": ["3872"], "industry_edition": ["2017"]})
    >>> years = pd.DataFrame({"firm_id": ["a", "a"], "year": [2024, 2025], "revenue_wan": [2100.0, 2200.0],
    ...                       "register_state": ["none", "in_register"]})
    >>> flows = register_flows(firms, standings(firms, years))
    >>> flows[flows["sector"] == "all"][["basis", "entries", "exits", "net"]].values.tolist()
    [['recorded', 1, 0, 1], ['revenue', 1, 0, 1]]
    """
    settings = settings or LadderSettings()
    columns = ["year", "sector", "basis", *COUNTS, "assumed"]
    if not len(standing):
        return pd.DataFrame(columns=columns)
    years = list(range(int(standing["year"].min()), int(standing["year"].max()) + 1))
    ids = pd.Index(firms["firm_id"].astype(object))
    shape = (len(ids), len(years))
    firm = ids.get_indexer(standing["firm_id"].astype(object))
    column = standing["year"].to_numpy(dtype=np.int64) - years[0]
    founded = pd.to_datetime(firms.get("founded", pd.Series(pd.NaT, index=firms.index)), errors="coerce").dt.year
    age = np.array(years)[None, :] - founded.to_numpy(dtype=np.float64, na_value=np.nan)[:, None]
    unborn, newborn = age < 0, age == 0
    state = pd.Series(np.nan, index=standing.index)
    state = state.mask(standing["register_state"].notna(), 0.0).mask(standing["register_state"] == "in_register", 1.0)
    passed = reaches(standing["revenue_wan"], standing["threshold_wan"]).astype(float)
    passed = passed.where(standing["revenue_wan"].notna() & standing["threshold_wan"].notna())
    inside = recorded(np.asarray(_grid(state, firm, column, shape)), unborn, closed(firms))
    moved = by_revenue(
        np.asarray(_grid(passed, firm, column, shape)), inside[:, 0], unborn, newborn, settings.exit_grace_years
    )
    filled = _sectors(standing["sector"], firm, column, shape)
    table = pd.concat(
        [_count(inside, years, filled, "recorded", False), _count(moved, years, filled, "revenue", True)],
        ignore_index=True,
    )
    return table.assign(net=table["entries"] - table["exits"]).loc[:, columns]
