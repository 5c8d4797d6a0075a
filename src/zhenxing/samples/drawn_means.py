"""Means of a random town: money, capacities, utilities, shared facilities, public works and targets."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from zhenxing.samples.drawn_demand import FACILITIES
from zhenxing.samples.families import BASE_YEAR, Family, Size, stream

OWN_FUNDS_PER_MU: Final = 3.2
DEBT_LIMIT_PER_MU: Final = 12.0
UTILITY_STEP_PER_MU: Final = 1.2
TITLE_SHARE: Final = 0.55
EFFORT_SHARE: Final = 0.45
FIRST_POWER_SHARE: Final = 0.12
POWER_STEP_SHARE: Final = 0.15
POWER_STEPS: Final = 5
WORKS: Final = ("合成道路", "合成智慧灯杆街", "合成展馆", "合成检测中心")


def means_tables(
    size_name: str, size: Size, family: Family, seed: int, drawn: dict[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Draw budget, capacities, utilities, facilities, works and targets (万元, mu, person-months).

    Parameters
    ----------
    drawn : dict of DataFrame
        The land and demand tables that the means are scaled to.
    """
    total_mu = float(drawn["sites"]["area_mu"].sum())
    rng = stream("means", size_name, seed)
    return {
        "budget": _budget(size, family, total_mu, drawn["candidates"]),
        "facilities": _facilities(rng, size, total_mu),
        **_power(size, family, total_mu, float(drawn["candidate_uses"]["amount"].sum())),
        **_works(stream("works", size_name, seed), size, total_mu, float(drawn["candidate_uses"]["amount"].sum())),
        "targets": _targets(stream("targets", size_name, seed), size, total_mu, drawn["candidates"]),
    }


def _budget(size: Size, family: Family, total_mu: float, candidates: pd.DataFrame) -> pd.DataFrame:
    # Capacities follow the size's full demand, so that half the candidates meet the staff of all of them.
    effort_need = float(candidates["effort_months"].sum()) / family.candidate_share
    return pd.DataFrame(
        {
            "year": [BASE_YEAR + t for t in range(1, size.years + 1)],
            "own_funds_wan": round(OWN_FUNDS_PER_MU * total_mu * family.money_factor, 1),
            "debt_limit_wan": round(DEBT_LIMIT_PER_MU * total_mu * family.money_factor, 1),
            "title_capacity_mu": round(TITLE_SHARE * total_mu / size.years * family.title_factor, 2),
            "effort_months": round(EFFORT_SHARE * effort_need / size.years, 1),
        }
    )


def _facilities(rng: np.random.Generator, size: Size, total_mu: float) -> pd.DataFrame:
    rows = [
        (f"P{park + 1}", f"F{facility + 1}", round(float(rng.uniform(0.5, 1.5)) * total_mu, 1), 1)
        for park in range(size.parks)
        for facility in range(FACILITIES)
    ]
    return pd.DataFrame(rows, columns=["park_id", "facility_id", "cost_wan", "lead_years"])


def _power(size: Size, family: Family, total_mu: float, need: float) -> dict[str, pd.DataFrame]:
    share = need / family.candidate_share / size.parks
    parks = [f"P{n + 1}" for n in range(size.parks)]
    supply = pd.DataFrame({"park_id": parks, "resource": "power", "amount": round(FIRST_POWER_SHARE * share, 1)})
    cost, adds = round(UTILITY_STEP_PER_MU * total_mu, 1), round(POWER_STEP_SHARE * share, 1)
    rows = [(park, "power", step, adds, cost, 1) for park in parks for step in range(1, POWER_STEPS + 1)]
    columns = ["park_id", "resource", "step", "adds", "cost_wan", "lead_years"]
    return {"park_supply": supply, "utility_steps": pd.DataFrame(rows, columns=columns)}


def _works(rng: np.random.Generator, size: Size, total_mu: float, need: float) -> dict[str, pd.DataFrame]:
    number = int(rng.integers(2, len(WORKS) + 1))
    cost = (rng.uniform(0.3, 1.2, number) * total_mu).round(1)
    works = pd.DataFrame(
        {
            "work_id": [f"W{n + 1}" for n in range(number)],
            "name": WORKS[:number],
            "cost_wan": cost,
            "lead_years": rng.integers(1, 4, number),
            "annual_tax_gain_wan": (cost * rng.uniform(0.0, 0.02, number)).round(1),
            "annual_value_added_gain_wan": (cost * rng.uniform(0.0, 0.1, number)).round(1),
            "annual_benefit_wan": (cost * rng.uniform(0.02, 0.12, number)).round(1),
            "requires_work_id": ["", "W1", "", "W3"][:number],
        }
    )
    park = f"P{int(rng.integers(size.parks)) + 1}"
    gain = round(need / size.parks * float(rng.uniform(0.05, 0.2)), 1)
    supplies = pd.DataFrame([("W1", park, "power", gain)], columns=["work_id", "park_id", "resource", "amount"])
    return {"works": works, "work_supplies": supplies}


def _targets(rng: np.random.Generator, size: Size, total_mu: float, candidates: pd.DataFrame) -> pd.DataFrame:
    years = [BASE_YEAR + t for t in range(1, size.years + 1)]
    landings = float(candidates["probability"].sum()) / size.years
    end_tax = 0.35 * float((candidates["probability"] * candidates["annual_tax_wan"]).sum())
    rows: list[tuple[str, int, str, float, float]] = []
    rows += [("cleared_mu", year, "", round(0.04 * total_mu * (year - BASE_YEAR), 1), 3.0) for year in years]
    rows += [("landed_projects", year, "", float(round(0.5 * landings)), 40.0) for year in years[1:]]
    rows += [("above_scale_net", year, "", round(0.3 * landings, 1), 60.0) for year in years[1:]]
    rows.append(("annual_tax_wan", years[-1], "", round(end_tax, 1), 1.0))
    park = f"P{int(rng.integers(size.parks)) + 1}"
    rows.append(("released_mu", years[-1], park, round(0.15 * total_mu / size.parks, 1), 4.0))
    columns = ["indicator", "year", "park_id", "target", "penalty_wan_per_unit"]
    return pd.DataFrame(rows, columns=columns)
