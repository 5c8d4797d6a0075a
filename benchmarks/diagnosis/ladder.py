"""The ladder over many firms against a plain loop that scores one firm at a time, written apart from the rule data.

Both score the thirteen items of the specialised SME (2022) with all figures known; the points must be equal. Then the
whole ladder (register, seven rungs, size classes, flows, words) is timed on a synthetic panel. CPU seconds, one thread.

Run ``python -m benchmarks.diagnosis.ladder [--firms N]``.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Mapping

import numpy as np
import pandas as pd

from zhenxing.diagnosis.ladder import LadderSettings, climb
from zhenxing.rules.ladder import Panel, judge, rule_set

YEAR = 2025
FLAGS = ("extends_chain", "six_bases", "quality_award", "management_certificate", "own_brand", "standards")
COUNTS = ("class1_high_value", "class1_own", "class1", "class2")


def drawn(firms: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return firms, three years of figures and the facts of the score, all known, many of them on a bound."""
    rng = np.random.default_rng(seed)
    ids = np.array([f"F{place:06d}" for place in range(firms)])
    years = []
    main = 10 ** rng.uniform(2.5, 4.5, firms).round(2)
    for year in (YEAR - 2, YEAR - 1, YEAR):
        main = main * (1 + rng.choice([-0.1, 0.0, 0.04, 0.06, 0.08, 0.1, 0.3], firms))
        revenue = main / rng.choice([0.5, 0.6, 0.7, 0.8, 0.95], firms)
        spent = np.where(rng.random(firms) < 0.5, revenue * rng.choice([0.02, 0.03, 0.04, 0.06, 0.1], firms), 0)
        spent = np.where(spent == 0, rng.choice([50.0, 100.0, 200.0, 300.0, 400.0, 500.0], firms), spent)
        years.append(
            pd.DataFrame(
                {"firm_id": ids, "year": year, "main_revenue_wan": main, "revenue_wan": revenue, "rd_wan": spent}
            )
        )
    facts = {
        "niche_years": rng.integers(0, 14, firms),
        "digital_level": rng.integers(1, 5, firms),
        "net_margin": rng.choice([-0.05, 0.0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.2], firms),
        "debt_ratio": rng.choice([0.3, 0.5, 0.55, 0.6, 0.7, 0.71], firms),
        "provincial_points": rng.integers(0, 18, firms),
        "rd_staff_share": rng.choice([0.01, 0.05, 0.1, 0.2], firms),
        "rd_body_level": rng.integers(0, 5, firms),
        **{name: rng.integers(0, 2, firms) for name in (*FLAGS, *COUNTS)},
    }
    table = pd.concat(
        [
            pd.DataFrame({"firm_id": ids, "fact": name, "year": YEAR, "value": value.astype(float)})
            for name, value in facts.items()
        ]
    )
    firms_table = pd.DataFrame({"firm_id": ids, "industry_code": "3872", "industry_edition": "2017"})
    return firms_table, pd.concat(years, ignore_index=True), table.reset_index(drop=True)


def step(value: float, *bounds: tuple[float, float]) -> float:
    """Return the points of the first bound that a figure reaches."""
    return next((points for bound, points in bounds if value >= bound - 1e-9), 0.0)


def points_of(years: Mapping[int, Mapping[str, float]], fact: Mapping[str, float]) -> float:
    """Return one firm's points by the published table of the specialised SME (2022)."""
    now, before, earlier = (years[YEAR - back] for back in range(3))
    growth = [
        (a["main_revenue_wan"] - b["main_revenue_wan"]) / b["main_revenue_wan"]
        for a, b in ((now, before), (before, earlier))
    ]
    mean = sum(growth) / 2
    total = step(now["main_revenue_wan"] / now["revenue_wan"], (0.8, 5), (0.7, 3), (0.6, 1))
    total += step(mean, (0.1, 10), (0.08, 8), (0.06, 6), (0.04, 4), (0.0, 2))
    total += min(5, int(fact["niche_years"] // 2))
    total += 5 if fact["extends_chain"] else 3 if fact["six_bases"] else 0
    total += 5 if fact["digital_level"] >= 3 else 3 if fact["digital_level"] == 2 else 0
    total += min(
        5, 3 * sum(fact[name] for name in ("quality_award", "management_certificate", "own_brand", "standards"))
    )
    total += step(fact["net_margin"], (0.1, 10), (0.08, 8), (0.06, 6), (0.04, 4), (0.02, 2))
    total += (
        5 if fact["debt_ratio"] <= 0.5 else 3 if fact["debt_ratio"] <= 0.6 else 1 if fact["debt_ratio"] <= 0.7 else 0
    )
    total += min(15, fact["provincial_points"])
    total += next((points for name, points in zip(COUNTS, (10, 8, 6, 2), strict=True) if fact[name] >= 1), 0)
    spent, share = now["rd_wan"], now["rd_wan"] / now["revenue_wan"]
    total += max(
        step(spent, (500, 10), (400, 8), (300, 6), (200, 4), (100, 2)),
        step(share, (0.1, 10), (0.08, 8), (0.06, 6), (0.04, 4), (0.03, 2)),
    )
    total += step(fact["rd_staff_share"], (0.2, 5), (0.1, 3), (0.05, 1))
    return total + {4: 10, 3: 8, 2: 4, 1: 2, 0: 0}[int(fact["rd_body_level"])]


def by_loop(firm_years: pd.DataFrame, facts: pd.DataFrame) -> dict[str, float]:
    """Return every firm's points, one firm after the other."""
    figures: dict[str, dict[int, dict[str, float]]] = {}
    for row in firm_years.to_dict("records"):
        figures.setdefault(row["firm_id"], {})[row["year"]] = row
    known: dict[str, dict[str, float]] = {}
    for row in facts.to_dict("records"):
        known.setdefault(row["firm_id"], {})[row["fact"]] = row["value"]
    return {firm: points_of(years, known[firm]) for firm, years in figures.items()}


def by_rules(firms: pd.DataFrame, firm_years: pd.DataFrame, facts: pd.DataFrame) -> dict[str, float]:
    """Return every firm's points from the rule data."""
    rules = rule_set("miit-2022")
    least, most = judge(rules.rungs[1], Panel(firms, firm_years, facts, YEAR), rules.measures).score("total")
    assert (least == most).all()
    return dict(zip(firms["firm_id"], least, strict=True))


def run(firms: int) -> None:
    """Print the table."""
    from zhenxing.samples import firm_panel

    table, years, facts = drawn(firms, 1)
    start = time.process_time()
    ours = by_rules(table, years, facts)
    between = time.process_time()
    loop = by_loop(years, facts)
    end = time.process_time()
    assert ours == loop
    panel, figures = firm_panel(1, firms, 6)
    begin = time.process_time()
    found = climb(firms=panel, firm_years=figures, settings=LadderSettings())
    whole = time.process_time() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print("| what | firms | CPU s |")
    print("|---|---|---|")
    print(f"| thirteen items by a plain loop | {firms:,} | {end - between:.2f} |")
    print(f"| thirteen items by the rule data, equal points | {firms:,} | {between - start:.2f} |")
    rows = len(found.ladder_criteria)
    what = f"whole ladder, {len(figures):,} firm-years, {rows:,} criteria, peak {peak:.0f} MB"
    print(f"| {what} | {len(panel):,} | {whole:.2f} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firms", type=int, default=20_000)
    run(parser.parse_args().firms)
