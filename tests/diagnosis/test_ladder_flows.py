"""Entries into the register and exits from it, counted by hand on both bases."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from zhenxing.diagnosis.ladder import LadderSettings, register_flows, standings
from zhenxing.diagnosis.ladder.flows import by_revenue, recorded


def table(**revenues: list[float | None]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return firms of lighting and their revenue from 2021 on; None is a missing row."""
    firms = pd.DataFrame({"firm_id": list(revenues), "industry_code": "3872", "industry_edition": "2017"})
    rows = [
        {"firm_id": firm, "year": 2021 + place, "main_revenue_wan": value}
        for firm, values in revenues.items()
        for place, value in enumerate(values)
        if value is not None
    ]
    return firms, pd.DataFrame(rows)


def flows(
    firms: pd.DataFrame, years: pd.DataFrame, basis: str, sector: str = "all", **settings: int
) -> dict[int, tuple[int, ...]]:
    chosen = LadderSettings(**settings)  # type: ignore[arg-type]  # whole numbers only
    found = register_flows(firms, standings(firms, years, settings=chosen), chosen)
    here = found[(found["basis"] == basis) & (found["sector"] == sector)]
    columns = ["opening", "entries", "exits", "net", "closing", "unsettled"]
    return {int(row["year"]): tuple(int(row[c]) for c in columns) for _, row in here.iterrows()}


def test_recorded_states_by_hand() -> None:
    firms, years = table(a=[1, 1, 1], b=[1, 1, 1], c=[1, 1, 1], d=[1, None, 1])
    states = {("a", 2021): "none", ("a", 2022): "filed", ("a", 2023): "in_register"}
    states |= {("b", year): state for year, state in ((2021, "in_register"), (2022, "in_register"), (2023, "none"))}
    states |= {("c", 2021): "in_register", ("c", 2023): "in_register", ("d", 2021): "in_register", ("d", 2023): "none"}
    years["register_state"] = [states.get((row.firm_id, row.year)) for row in years.itertuples()]
    assert flows(firms, years, "recorded") == {
        2022: (3, 0, 0, 0, 1, 2),  # b stays; c and d are not known in 2022
        2023: (1, 1, 1, 0, 2, 1),  # a enters, b leaves; c is back from an unknown year
    }


def test_a_firm_founded_this_year_and_one_closed_since_are_known() -> None:
    firms, years = table(new=[None, 1], old=[1, None])
    firms["founded"] = ["2022-03-01", "2001-01-01"]
    firms["status"] = ["在业", "注销"]
    years["register_state"] = "in_register"
    assert flows(firms, years, "recorded") == {2022: (1, 1, 1, 0, 1, 0)}


def test_revenue_with_hysteresis_by_hand() -> None:
    firms, years = table(
        up=[1000, 2000, 2500, 2500],  # passes in 2022, reports from 2023
        dip=[3000, 1500, 3000, 3000],  # one year below is within the grace
        out=[3000, 1500, 1400, 1300],  # below in 2022 and 2023: leaves in 2024
    )
    years["register_state"] = np.where(years["firm_id"] == "up", "none", "in_register")
    found = flows(firms, years, "revenue")
    assert found == {2022: (2, 0, 0, 0, 2, 0), 2023: (2, 1, 0, 1, 3, 0), 2024: (3, 0, 1, -1, 2, 0)}
    without_grace = flows(firms, years, "revenue", exit_grace_years=0)
    assert without_grace[2023] == (2, 1, 2, -1, 1, 0)


def test_a_new_plant_enters_in_its_own_year() -> None:
    firms, years = table(plant=[None, 2600], other=[2600, 2600])
    firms["founded"] = ["2022-02-01", "2001-01-01"]
    years["register_state"] = None
    assert flows(firms, years, "revenue")[2022] == (0, 1, 0, 1, 2, 1)  # the other's state in 2021 was never told


def test_missing_revenue_makes_the_state_unknown_until_it_is_settled() -> None:
    passed = np.array([[1.0, np.nan, 1.0, 0.0, 0.0, 0.0], [0.0, 0.0, np.nan, 0.0, 0.0, 0.0]])
    no = np.zeros_like(passed, dtype=bool)
    found = by_revenue(passed, np.array([1, 0], dtype=np.int8), no, no, 1)
    assert found.tolist() == [[1, 1, -1, 1, 1, 0], [0, 0, 0, -1, -1, 0]]


def test_recorded_gaps_stay_unknown() -> None:
    state = np.array([[1.0, np.nan, 0.0], [np.nan, 1.0, np.nan]])
    unborn = np.array([[False] * 3, [True, False, False]])
    assert recorded(state, unborn, np.array([False, True])).tolist() == [[1, -1, 0], [0, 1, 0]]


def test_sectors_add_up_to_all() -> None:
    rng = np.random.default_rng(8)
    size = 120
    firms = pd.DataFrame({"firm_id": [f"f{k}" for k in range(size)], "industry_edition": "2017"})
    firms["industry_code"] = rng.choice(np.array(["3872", "5282", "6210", "0111", None], dtype=object), size)
    years = pd.DataFrame([(f, y) for f in firms["firm_id"] for y in range(2020, 2026)], columns=["firm_id", "year"])
    years["revenue_wan"] = 10 ** rng.uniform(1.5, 4, len(years))
    years["register_state"] = rng.choice(["none", "eligible", "in_register"], len(years))
    found = register_flows(firms, standings(firms, years))
    columns = ["opening", "entries", "exits", "net", "closing", "unsettled"]
    total = found[found["sector"] == "all"].set_index(["year", "basis"])[columns].sort_index()
    parts = found[found["sector"] != "all"].groupby(["year", "basis"])[columns].sum().sort_index()
    pd.testing.assert_frame_equal(total, parts, check_dtype=False)
    assert (found["net"] == found["entries"] - found["exits"]).all()
    whole = found[(found["basis"] == "recorded") & (found["sector"] == "all")]
    assert (whole["closing"] == whole["opening"] + whole["net"]).all()  # no state is missing
    assert set(found["sector"]) == {"all", "industry", "retail", "catering", "unknown"}


def test_one_year_alone_has_no_flows() -> None:
    firms, years = table(a=[1])
    years["register_state"] = "none"
    assert len(register_flows(firms, standings(firms, years))) == 0


@pytest.mark.parametrize("grace", [0, 1, 2])
def test_more_grace_never_means_more_exits(grace: int) -> None:
    rng = np.random.default_rng(9)
    passed = (rng.random((300, 8)) < 0.5).astype(float)
    no = np.zeros_like(passed, dtype=bool)
    start = (rng.random(300) < 0.5).astype(np.int8)
    strict, kind = (by_revenue(passed, start, no, no, years) for years in (grace, grace + 1))
    assert (kind >= strict).all()
