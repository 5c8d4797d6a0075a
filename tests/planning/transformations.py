"""Changes to a town whose effect on the best plan's value is known without planning."""

from __future__ import annotations

from random import Random
from zlib import crc32

import pandas as pd

from zhenxing import schema
from zhenxing.town import Settings, Town

ID_COLUMNS = (
    "site_id",
    "neighbour_id",
    "park_id",
    "platform_id",
    "candidate_id",
    "work_id",
    "requires_work_id",
    "link_id",
    "facility_id",
    "resource",
    "mode",
)
MEANS = ("own_funds_wan", "debt_limit_wan", "title_capacity_mu", "clear_capacity_mu", "effort_months")
MONEY_INDICATORS = ("landed_investment_wan", "annual_tax_wan")


def with_more(town: Town, means: str, amount: float) -> Town:
    """Return the town with more of one of the yearly means, in every year that has a budget row."""
    budget = town["budget"]
    if means not in budget:
        # an empty debt limit is 0, any other empty means are unlimited
        return town.replace(budget=budget.assign(**{means: amount})) if means == "debt_limit_wan" else town
    had = budget[means].fillna(0.0) if means == "debt_limit_wan" else budget[means]
    return town.replace(budget=budget.assign(**{means: had + amount}))


def without_candidate(town: Town, candidate: str) -> Town:
    """Return the town without a candidate and all that is said about it."""
    tables = {}
    for name, frame in town.tables.items():
        if "candidate_id" in frame:
            tables[name] = frame[frame["candidate_id"] != candidate].reset_index(drop=True)
    locks = town["locks"]
    if len(locks):
        tables["locks"] = locks[~((locks["subject"] == "candidate") & (locks["id"] == candidate))].reset_index(
            drop=True
        )
    return town.replace(**tables)


def renumbered(town: Town, seed: int) -> Town:
    """Return the town with other ids everywhere and the rows of every table in another order."""

    def other(value: object) -> object:
        return value if pd.isna(value) or value == "" else f"n{crc32(f'{seed}/{value}'.encode()):08x}"

    tables = {}
    for name, frame in town.tables.items():
        columns = [column for column in ID_COLUMNS if column in frame]
        columns += [column for column in ("id", "option") if name == "locks" and column in frame]
        changed = frame.assign(**{column: frame[column].map(other).astype(frame[column].dtype) for column in columns})
        order = list(range(len(changed)))
        Random(seed).shuffle(order)
        tables[name] = changed.iloc[order].reset_index(drop=True)
    return town.replace(**tables)


def in_another_unit(town: Town, factor: float) -> Town:
    """Return the town with every amount of money multiplied: prices, costs, taxes, outputs, penalties and settings."""
    tables = {}
    for name, frame in town.tables.items():
        money = [column for column in frame if column.endswith(("_wan", "_wan_per_mu"))]
        changed = frame.assign(**{column: frame[column] * factor for column in money})
        if name == "targets":
            # a penalty is money per unit of its indicator, and some indicators are money themselves
            of_money = frame["indicator"].isin(MONEY_INDICATORS)
            for column in {"target", "baseline"} & set(frame):
                changed[column] = frame[column].where(~of_money, frame[column] * factor)
            penalty = frame["penalty_wan_per_unit"]
            changed["penalty_wan_per_unit"] = penalty.where(of_money, penalty * factor)
        tables[name] = changed
    plan = town.plan.model_dump()
    plan |= {key: value * factor for key, value in plan.items() if "_wan" in key}
    return town.replace(settings=Settings.parse({"plan": plan}), **tables)


def split_one_by_one(town: Town) -> Town:
    """Return the town with every candidate of several firms as several candidates of one (those locks name stay)."""
    named = set(town["locks"].get("id", []))
    candidates = town.filled("candidates")
    copies = {
        row.candidate_id: [f"{row.candidate_id}.{i}" for i in range(int(row.count))]
        for row in candidates.itertuples()
        if row.count > 1 and row.candidate_id not in named
    }
    tables = {}
    for name in ("candidates", "placements", "candidate_uses"):
        frame = town[name]
        parts = [frame[~frame["candidate_id"].isin(list(copies))]] if len(frame) else []
        for candidate, names in copies.items() if len(frame) else ():
            parts += [frame[frame["candidate_id"] == candidate].assign(candidate_id=copy) for copy in names]
        if parts:
            merged = pd.concat(parts, ignore_index=True)
            if name == "candidates" and "count" in merged:
                split = merged["candidate_id"].isin([copy for names in copies.values() for copy in names])
                merged["count"] = merged["count"].where(~split, 1)
            tables[name] = merged
    return town.replace(**tables)


def named_by_a_lock(town: Town) -> Town:
    """Return the town with a lock on every candidate that forbids nothing: identical ones are then kept apart."""
    ids = town["candidates"]["candidate_id"].tolist()
    harmless = pd.DataFrame({"subject": "candidate", "id": ids, "rule": "not_before", "year": town.plan.base_year + 1})
    parts = [frame for frame in (town["locks"], _typed("locks", harmless)) if len(frame)]
    return town.replace(locks=_typed("locks", pd.concat(parts, ignore_index=True)))


def _typed(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    typed, issues = schema.conform(name, frame)
    assert not [issue for issue in issues if issue.level == "error"], issues
    return typed
