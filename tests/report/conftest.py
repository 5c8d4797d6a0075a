"""A hand-made town of two parks and four sites with its plan, small enough to count on paper."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pytest

from zhenxing import schema
from zhenxing.planning.checker import evaluate
from zhenxing.report.balances import balance
from zhenxing.report.facts import Facts, gather
from zhenxing.report.options import ReportOptions
from zhenxing.store import inputs_sha256
from zhenxing.town import Settings, Town

NOTE = "示例数据为合成数据，不代表真实情况。Synthetic data, not the real town."
SECRET = "金辉封装股份"
OTHER_SECRET = "海纳驱动电源"


@dataclass(frozen=True)
class MadePlan:
    """Plan tables with their summary."""

    tables: dict[str, pd.DataFrame]
    summary: dict[str, Any]


def typed(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame, issues = schema.conform(name, pd.DataFrame(rows))
    assert not [issue for issue in issues if issue.level == "error"], issues
    return frame


def make_town() -> Town:
    settings = Settings.parse(
        {
            "town": {"name": "灯河镇", "name_en": "Denghe", "note": NOTE, "gross_scope_mu": 400},
            "plan": {"base_year": 2026, "horizon_years": 3, "initial_cash_wan": 760, "contiguity": "growth"},
        }
    )
    rows: dict[str, list[dict[str, Any]]] = {
        "parks": [
            {"park_id": "N", "name": "北园", "vacant_mu": 10, "land_price_wan_per_mu": 30},
            {"park_id": "S", "name": "南园", "vacant_mu": 0, "land_price_wan_per_mu": 20},
        ],
        "sites": [
            {"site_id": "s1", "park_id": "N", "name": "一号地", "area_mu": 40, "floor_m2": 10000, "is_seed": "true"},
            {"site_id": "s2", "park_id": "N", "name": "二号地", "area_mu": 60, "floor_m2": 0},
            {"site_id": "s3", "park_id": "S", "name": "三号地", "area_mu": 80, "floor_m2": 0, "is_seed": "true"},
            {"site_id": "s4", "park_id": "S", "name": "四号地", "area_mu": 20, "floor_m2": 0, "is_seed": "true"},
        ],
        "site_neighbours": [{"site_id": "s1", "neighbour_id": "s2"}],
        "site_modes": [
            {
                "site_id": site,
                "mode": "gov_reserve",
                "lead_years": 1,
                "released_share": 0.5,
                "title_mu": title,
                "public_cost_wan": cost,
            }
            for site, title, cost in (("s1", 10, 200), ("s2", 20, 300), ("s3", 80, 4000), ("s4", 0, 50))
        ],
        "candidates": [
            {
                "candidate_id": "K1",
                "name": "已签灯具厂",
                "link_id": "lamp",
                "land_mu": 5,
                "annual_tax_wan": 40,
                "annual_output_wan": 900,
                "probability": 1,
            },
            {
                "candidate_id": "K2",
                "name": SECRET,
                "link_id": "pack",
                "land_mu": 8,
                "annual_tax_wan": 80,
                "annual_output_wan": 1000,
                "probability": 0.5,
                "subsidy_wan": 20,
            },
            {
                "candidate_id": "K3",
                "name": OTHER_SECRET,
                "link_id": "drive",
                "land_mu": 8,
                "annual_output_wan": 500,
                "probability": 0.4,
            },
            {
                "candidate_id": "K0",
                "name": "老封装厂",
                "link_id": "pack",
                "land_mu": 2,
                "annual_output_wan": 200,
                "probability": 1,
            },
        ],
        "placements": [{"candidate_id": f"K{number}", "park_id": "N"} for number in range(4)],
        "chain_rewards": [
            {"link_id": "pack", "segment": 1, "output_wan": 1400, "reward_per_output": 0.1},
            {"link_id": "drive", "segment": 1, "output_wan": 500, "reward_per_output": 0.1},
        ],
        "links": [
            {"link_id": "pack", "name_zh": "封装", "name_en": "Packaging", "tier": "upgrade"},
            {"link_id": "drive", "name_zh": "驱动", "name_en": "Drivers", "tier": "upgrade"},
            {"link_id": "lamp", "name_zh": "灯具", "name_en": "Luminaires", "tier": "base"},
        ],
        "works": [
            {"work_id": "w1", "name": "园区路", "cost_wan": 100, "annual_benefit_wan": 30},
            {"work_id": "w2", "name": "展示馆", "cost_wan": 900},
        ],
        "facilities": [{"park_id": "N", "facility_id": "test_centre", "cost_wan": 60}],
        "park_supply": [{"park_id": "N", "resource": "power_kw", "amount": 100}],
        "utility_steps": [{"park_id": "N", "resource": "power_kw", "step": 1, "adds": 50, "cost_wan": 10}],
        "budget": [
            {
                "year": 2027,
                "own_funds_wan": 150,
                "clear_capacity_mu": 40,
                "title_capacity_mu": 20,
                "committed_outlay_wan": 300,
            },
            {
                "year": 2028,
                "own_funds_wan": 100,
                "clear_capacity_mu": 70,
                "title_capacity_mu": 20,
                "committed_outlay_wan": 50,
            },
            {"year": 2029, "own_funds_wan": 100, "clear_capacity_mu": 70, "title_capacity_mu": 20},
        ],
        "targets": [
            {"indicator": "cleared_mu", "year": 2029, "target": 100, "baseline": 0, "penalty_wan_per_unit": 1},
            {"indicator": "landed_projects", "year": 2028, "target": 3, "penalty_wan_per_unit": 5},
        ],
        "locks": [
            {"subject": "candidate", "id": "K0", "option": "N", "rule": "done", "year": 2026},
            {"subject": "site", "id": "s4", "option": "gov_reserve", "rule": "done", "year": 2026},
        ],
        "villages": [{"village_id": "V1", "name": "北村"}, {"village_id": "V2", "name": "南村"}],
        "parcels": [
            {
                "parcel_id": "P1",
                "village_id": "V1",
                "area_registered_mu": 30,
                "tenure": "collective",
                "title_stage": "surveyed",
            },
            {
                "parcel_id": "P2",
                "village_id": "V2",
                "area_registered_mu": 10,
                "tenure": "state",
                "title_stage": "registered",
            },
        ],
        "site_parcels": [{"site_id": "s1", "parcel_id": "P1"}, {"site_id": "s1", "parcel_id": "P2"}],
        "firms": [
            {"firm_id": "F1", "name": "旧厂甲", "above_scale": "true"},
            {"firm_id": "F2", "name": "旧厂乙", "above_scale": "false"},
        ],
        "site_firms": [{"site_id": "s1", "firm_id": "F1"}, {"site_id": "s1", "firm_id": "F2"}],
        "provenance": [
            {"table": "sites", "row_id": "s1", "source_file": "地块台账.xlsx", "sheet": "台账", "as_of": "2026-10-01"},
            {"table": "candidates", "row_id": "K1", "source_file": "意向.xlsx", "as_of": "2026-01-31"},
        ],
    }
    return Town(settings, {name: typed(name, held) for name, held in rows.items()})


def make_plan(town: Town) -> MadePlan:
    rows: dict[str, list[dict[str, Any]]] = {
        "plan_sites": [
            {"site_id": "s1", "mode": "gov_reserve", "start_year": 2027, "delivery_year": 2028},
            {"site_id": "s2", "mode": "gov_reserve", "start_year": 2028, "delivery_year": 2029},
        ],
        "plan_landings": [
            {"candidate_id": "K1", "park_id": "N", "year": 2027, "count": 1},
            {"candidate_id": "K2", "park_id": "N", "year": 2028, "count": 1},
        ],
        "plan_works": [{"work_id": "w1", "start_year": 2027, "opening_year": 2028}],
        "plan_facilities": [{"park_id": "N", "facility_id": "test_centre", "year": 2028}],
        "plan_utilities": [{"park_id": "N", "resource": "power_kw", "step": 1, "year": 2028}],
        "plan_resettlement": [{"from_park_id": "N", "to_park_id": "N", "year": 2027, "floor_m2": 4000}],
        "plan_exits": [{"park_id": "N", "year": 2027, "floor_m2": 6000}],
        "plan_finance": [{"year": year, **dict.fromkeys(MONEY, 0.0)} for year in (2027, 2028, 2029)],
    }
    tables = {name: typed(name, held) for name, held in rows.items()}
    draft = evaluate(town, tables)
    plan = town.plan
    counted = balance(
        draft.money, draft.money["debt_wan"], plan.interest_rate, plan.initial_cash_wan, plan.initial_debt_wan
    )
    for name in MONEY:
        tables["plan_finance"][name] = counted[name].to_numpy()
    evaluation = evaluate(town, tables)
    value = evaluation.value_wan
    summary = {
        "value_wan": value, "bound_wan": value + 0.03 * abs(value), "gap": 0.03, "status": "feasible", "seconds": 1.0, "method": "joint",
        "versions": {"zhenxing": "0.1.0"}, "inputs_sha256": inputs_sha256(town), "parts": evaluation.parts,
    }  # fmt: skip
    return MadePlan(tables, summary)


MONEY = ("own_funds_wan", "land_income_wan", "retained_tax_wan", "outlay_wan", "interest_wan", "debt_wan", "cash_wan")


@pytest.fixture(scope="session")
def town() -> Town:
    return make_town()


@pytest.fixture(scope="session")
def plan(town: Town) -> MadePlan:
    return make_plan(town)


@pytest.fixture(scope="session")
def facts(town: Town, plan: MadePlan, options: ReportOptions) -> Facts:
    return gather(town, plan, options)


@pytest.fixture(scope="session")
def options() -> ReportOptions:
    return ReportOptions(seconds=0, date=dt.date(2026, 11, 1))
