"""Results beside the plan of the hand-made town, written by hand as their commands would write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
from conftest import SECRET, MadePlan

from zhenxing.errors import Text
from zhenxing.i18n import say
from zhenxing.planning.result import PlanResult, write_plan
from zhenxing.report.studies import SUMMARIES, Answer
from zhenxing.store import write_tables

NAN = float("nan")


def _told(*texts: Text) -> dict[str, str]:
    return {"zh": "".join(text.zh for text in texts), "en": " ".join(text.en for text in texts)}


def _limit(
    key: tuple[str, str, int, float],
    figures: tuple[float, float, float, float],
    verdict: str,
    told: dict[str, str],
    *,
    practical: bool = True,
    disagree: bool = False,
) -> tuple[dict[str, Any], dict[str, Any]]:
    resource, park, year, step = key
    value, low, high, price = figures
    row = {"resource": resource, "park_id": park, "year": year, "step": step}
    reason = {
        **row, "practical": practical, "limit": 500.0, "left_over": 0.0, "relaxation_value_wan": price * step,
        "at_least_wan": NAN, "verdict": verdict, "disagree": disagree, **told,
    }  # fmt: skip
    return (
        {
            **row,
            "value_change_wan": value,
            "conditional": True,
            "low_wan": low,
            "high_wan": high,
            "relaxation_price": price,
        },
        reason,
    )


def made_prices() -> dict[str, pd.DataFrame]:
    because = say(
        "prices.because", changes=Text("s2（二号地）由 2028 年提前到 2027 年", "s2 (二号地) from 2028 to 2027")
    )
    firm = say("prices.because", changes=Text(f"K2（{SECRET}）早一年落户", f"K2 ({SECRET}) lands a year earlier"))
    tie = say("prices.interval_tie", low="-120", high="3,000")
    clear = say("prices.interval_clear", low="50", high="900")
    relaxed = say("prices.relaxed", value="132", price="0.132", unit=Text("万元", "wan yuan"))
    step = say("prices.gain_within", step=Text("…", "…"), value="478")
    rows = [
        _limit(("money", "", 2027, 1000.0), (478.4, -120.0, 3000.0, 0.132), "tie", _told(step, because, tie, relaxed), disagree=True),
        _limit(("money", "", 2027, 500.0), (478.4, -150.0, 2900.0, 0.132), "tie", _told(step, because, tie, relaxed), practical=False),
        _limit(("money", "", 2027, -500.0), (-60.0, -3000.0, 0.0, 0.132), "tie", _told(step, because, tie, relaxed), practical=False),
        _limit(("land", "N", 0, 20.0), (300.25, 50.0, 900.0, 15.0), "gain", _told(step, firm, clear, relaxed)),
        _limit(("title_mu", "", 2028, 100.0), (0.0, 0.0, 800.0, 2.0), "tie", _told(say("prices.nothing_within", step=Text("…", "…")), tie, relaxed), disagree=True),
        _limit(("cleared_mu", "", 2029, 100.0), (NAN, 0.0, 700.0, 3.0), "not_proved", _told(say("prices.not_proved", step=Text("…", "…")), tie, relaxed)),
        _limit(("effort_months", "", 2027, 1.0), (NAN, 0.0, 700.0, 0.0), "does_not_bind", _told(relaxed)),
        _limit(("debt", "", 0, 1000.0), (NAN, NAN, NAN, 0.0), "not_limited", _told(relaxed)),
    ]  # fmt: skip
    return {"prices": pd.DataFrame([row for row, _ in rows]), "reasons": pd.DataFrame([row for _, row in rows])}


def made_alternatives(value: float) -> dict[str, pd.DataFrame]:
    def plan(name: str, aim: Text, loss: float, north: float, sites: int) -> dict[str, Any]:
        return {
            "name": name, "aim_zh": aim.zh, "aim_en": aim.en, "value_wan": value - loss, "loss_wan": loss,
            "loss_share": loss / value, "cleared_mu_N": north, "cleared_mu_S": 20.0, "firm_mu_N": 13.0, "firm_mu_S": 0.0,
            "sites_started": 2, "sites_changed": sites, "landings_changed": 0, "peak_debt_wan": 0.0,
            "first_year_starts": 1, "first_year_starts_same": 1,
        }  # fmt: skip

    def told(subject: str, name: str, kind: str, verdict: str, year: int | None = None) -> dict[str, Any]:
        text = say(f"alternatives.decision_{kind}", id=name, option="", year=year, count=1)
        return {
            "subject": subject, "id": name, "name": "", "decision": kind, "option": "", "year": year, "count": 1,
            "in_all": verdict != "refuted", "alternatives_same": 1, "alternatives": 2, "verdict": verdict,
            "refuted_by": "", "value_without_wan": NAN, "bound_without_wan": NAN, "zh": text.zh, "en": text.en,
        }  # fmt: skip

    rows = [
        plan("given", say("alternatives.aim_given"), 0.0, 100.0, 0),
        plan("least-mu-N", say("alternatives.aim_least_mu", park="N"), 0.008 * value, 40.0, 1),
        plan("latest-starts", say("alternatives.aim_latest_starts"), 0.0, 100.0, 0),
    ]
    decisions = [
        told("site", "s1", "started", "proven"),
        told("site", "s2", "started", "not_refuted"),
        told("site", "s1", "start_year", "not_refuted", 2027),
        told("site", "s2", "start_year", "refuted", 2028),
        told("candidate", "K2", "landed", "proven"),
    ]
    return {"alternatives": pd.DataFrame(rows), "no_regret": pd.DataFrame(decisions)}


def made_scenarios() -> dict[str, pd.DataFrame]:
    values = {"deterministic": (40.0, 90.0, 150.0, 160.0), "two_stage": (60.0, 100.0, 140.0, 158.0)}
    comparison = [
        {"plan": plan, "judged_by": "simulator", "draws": 4, "expected_wan": sum(own) / 4, "cvar_wan": own[0],
         "worst_wan": own[0], "best_wan": own[-1]}
        for plan, own in values.items()
    ]  # fmt: skip
    outcomes = [
        {"scenario": number, "plan": plan, "value_wan": value, "peak_arrears_wan": 30.0 if number == 1 else 0.0,
         "starts_postponed": int(number == 2), "landed": 2, "refused": 1, "delayed": 0}
        for plan, own in values.items()
        for number, value in enumerate(own, start=1)
    ]  # fmt: skip
    target = {"plan": "deterministic", "year": 2029, "park_id": "", "wanted": 100.0, "main_cause": "", "cause_share": NAN, "named": ""}  # fmt: skip
    targets = [
        {**target, "indicator": "cleared_mu", "chance_missed": 0.25, "mean_shortfall": 12.5, "missed_as_planned": False,
         "main_cause": "title", "cause_share": 1.0, "named": "s2"},
        {**target, "indicator": "landed_projects", "chance_missed": 1.0, "mean_shortfall": 1.0, "missed_as_planned": True},
    ]  # fmt: skip
    factors = [
        {"factor": "landing", "expected_gain_wan": 20.0, "cvar_gain_wan": 80.0},
        {"factor": "title", "expected_gain_wan": 5.0, "cvar_gain_wan": -1.0},
    ]
    row = {"option": "gov_reserve", "decision": "site", "in_plan": True, "in_two_stage": True}
    robust = [
        {**row, "id": "s1", "year": 2027, "share": 1.0, "verdict": "robust"},
        {**row, "decision": "work", "id": "w1", "option": "", "year": 2027, "share": 0.5, "verdict": "depends"},
        {**row, "id": "s2", "year": 2028, "share": 0.5, "verdict": "depends"},
    ]
    frames = {"comparison": comparison, "outcomes": outcomes, "targets_at_risk": targets, "factors": factors}
    return {name: pd.DataFrame(held) for name, held in {**frames, "robust": robust}.items()}


def made_answers() -> tuple[Answer, ...]:
    cost = Text("s2（二号地）不晚于 2027 年开工：代价 77.5 万元。", "s2 (二号地) by 2027 costs 77.5 wan yuan.")
    never = Text("s3（三号地）列入计划做不到：手续缺 60 亩。", "s3 (三号地) cannot start: titles lack 60 mu.")
    return (
        Answer("s2", 2028, 2027, "tie", 77.5, 77.5, 77.5, True, 0.0, 900.0, (cost,)),
        Answer("s3", None, None, "impossible", None, None, None, True, None, None, (never,)),
    )


def write_results(root: Path, plan: MadePlan) -> dict[str, Path]:
    """Write the three folders as the commands do."""
    value, inputs = plan.summary["value_wan"], plan.summary["inputs_sha256"]
    folders = {name: root / name for name in ("prices", "alternatives", "scenarios")}
    summaries = {
        "prices": {"value_wan": value, "bound_wan": value * 1.03, "better_plan_found_wan": 0.0, "same_inputs": True},
        "scenarios": {"plan_value_wan": value, "alpha": 0.9, "count": 4, "solve_count": 8, "seed": 0},
    }
    tables = {"prices": made_prices(), "alternatives": made_alternatives(value), "scenarios": made_scenarios()}
    for name, folder in folders.items():
        write_tables(folder, tables[name])
        if name in summaries:
            (folder / SUMMARIES[name]).write_text(json.dumps(summaries[name]), encoding="utf-8")
    held = PlanResult(plan.tables, {**plan.summary, "inputs_sha256": inputs})
    write_plan(held, folders["alternatives"] / "least-mu-N")
    write_plan(held, folders["scenarios"] / "two_stage")
    return folders
