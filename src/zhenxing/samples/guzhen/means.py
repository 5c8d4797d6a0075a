"""Means of the Guzhen example: money, yearly capacities, utilities, shared facilities, public works, targets."""

from __future__ import annotations

from typing import Final

import pandas as pd

from zhenxing.samples.guzhen.authored import BASE_YEAR, YEARS, authored, fact

OWN_FUNDS_WAN: Final = 17500.0
OWN_FUNDS_GROWTH: Final = 0.02
# What is still owed for the two sites cleared in 2022.
COMMITTED_WAN: Final = {2027: 2600.0, 2028: 1200.0}
TITLE_CAPACITY_MU: Final = 220.0
EFFORT_MONTHS: Final = 72.0
# From the yearly target of 2022 to the stretch of 2023 as crews and practice grow.
CLEAR_GROWTH: Final = (1.0, 1.0, 1.0, 1.0, 1.2, 1.2, 1.4, 1.4)
# Missing the land target costs most when the plan ends: until then a year can be made up for.
CLEAR_PENALTY_WAN: Final = 6.0
LAST_CLEAR_PENALTY_WAN: Final = 60.0
POWER_FIRST_MVA: Final = 9.0
POWER_STEPS: Final = ((15.0, 1200.0), (15.0, 1500.0), (18.0, 2000.0))
FLOOR_FIRST_M2: Final = 6000.0
FACILITIES: Final = (
    ("P1", "cleanroom_utilities", 3200.0, 1),
    ("P3", "coating_centre", 5600.0, 2),
    ("P4", "sample_workshop", 1800.0, 1),
    ("P5", "sample_workshop", 1500.0, 1),
    ("P6", "coating_centre", 6400.0, 2),
)
# Share of the town's yearly clearing target that each park is given, in the order of the parks.
PARK_SHARES: Final = (0.19, 0.16, 0.15, 0.17, 0.15, 0.18)
RELEASED_SHARE: Final = 0.5


def budget_table() -> pd.DataFrame:
    """Return money and capacities by year; no debt unless a bond is approved (万元, mu, person-months)."""
    return pd.DataFrame(
        {
            "year": YEARS,
            "own_funds_wan": [round(OWN_FUNDS_WAN * (1 + OWN_FUNDS_GROWTH) ** n, 0) for n in range(len(YEARS))],
            "debt_limit_wan": 0.0,
            "title_capacity_mu": TITLE_CAPACITY_MU,
            "clear_capacity_mu": [round(share * fact("clear_capacity_mu"), 0) for share in CLEAR_GROWTH],
            "effort_months": EFFORT_MONTHS,
            "committed_outlay_wan": [COMMITTED_WAN.get(year, 0.0) for year in YEARS],
        }
    )


def supply_tables(done_power: dict[str, float]) -> dict[str, pd.DataFrame]:
    """Return what parks supply today, the steps they can buy, shared facilities and works.

    Parameters
    ----------
    done_power : dict of str to float
        Power that firms here already use, by park (MVA): today's supply is before their use.
    """
    parks = authored("parks")["park_id"].astype(str)
    supply = [(park, "power_mva", POWER_FIRST_MVA + done_power.get(park, 0.0)) for park in parks]
    supply += [(park, "factory_floor_m2", FLOOR_FIRST_M2) for park in parks]
    steps = [
        (park, "power_mva", step, adds, cost, 1)
        for park in parks
        for step, (adds, cost) in enumerate(POWER_STEPS, start=1)
    ]
    works = authored("works")
    return {
        "park_supply": pd.DataFrame(supply, columns=["park_id", "resource", "amount"]),
        "utility_steps": pd.DataFrame(steps, columns=["park_id", "resource", "step", "adds", "cost_wan", "lead_years"]),
        "facilities": pd.DataFrame(FACILITIES, columns=["park_id", "facility_id", "cost_wan", "lead_years"]),
        "works": works,
        "work_supplies": pd.DataFrame(
            [("W07", "P3", "power_mva", 20.0), ("W07", "P6", "power_mva", 25.0)],
            columns=["work_id", "park_id", "resource", "amount"],
        ),
    }


def target_table(
    done_mu: float, done_mu_by_park: dict[str, float], done_released_by_park: dict[str, float]
) -> pd.DataFrame:
    """Return the yearly targets of the town and of each park; what was cleared before the plan is not counted again."""
    clear = fact("clear_capacity_mu")
    rows: list[tuple[str, int, str, float, float, float]] = []
    for year in YEARS:
        penalty = LAST_CLEAR_PENALTY_WAN if year == YEARS[-1] else CLEAR_PENALTY_WAN
        rows.append(("cleared_mu", year, "", round(done_mu + clear * (year - BASE_YEAR), 2), 0.0, penalty))
        rows.append(("above_scale_net", year, "", fact("above_scale_per_year"), 0.0, 20.0))
    for year in (2030, 2034):
        rows.append(("annual_tax_wan", year, "", 12000.0 if year == 2030 else 45000.0, 0.0, 0.5))
        for park, share in zip(authored("parks")["park_id"].astype(str), PARK_SHARES, strict=True):
            wanted = clear * (year - BASE_YEAR) * share
            cleared = round(done_mu_by_park.get(park, 0.0) + wanted, 2)
            released = round(done_released_by_park.get(park, 0.0) + wanted * RELEASED_SHARE, 2)
            rows.append(("cleared_mu", year, park, cleared, 0.0, 1.0))
            rows.append(("released_mu", year, park, released, 0.0, 1.5))
    columns = ["indicator", "year", "park_id", "target", "baseline", "penalty_wan_per_unit"]
    return pd.DataFrame(rows, columns=columns)
