"""One row per firm and criterion: figure, bound, met or not, how much is short, points."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing.diagnosis.ladder.register import RUNG, RegisterRung
from zhenxing.diagnosis.ladder.words import part_name
from zhenxing.errors import Text
from zhenxing.i18n import say
from zhenxing.rules.above_scale import sectors
from zhenxing.rules.ladder import Measure, Panel, RuleSet, Verdict
from zhenxing.rules.ladder.judgement import Answer, Points
from zhenxing.rules.ladder.panel import Vector

COLUMNS = (
    "firm_id",
    "rung",
    "rule_set",
    "criterion",
    "name_zh",
    "name_en",
    "part",
    "value",
    "value_most",
    "comparison",
    "needed",
    "met",
    "short_by",
    "unit",
    "points",
    "points_most",
    "points_maximum",
    "source",
    "assumed",
)


def _known(verdict: Verdict) -> npt.NDArray[np.bool_]:
    """Say for which firms at least one figure of the rung is known."""
    known = np.zeros(len(verdict.truth), dtype=bool)
    for answer in verdict.answers.values():
        if not answer.test.part:
            known |= ~np.isnan(answer.value)
    for row in verdict.points:
        known |= row.least == row.most
    return known


def _boolean(truth: npt.NDArray[np.int8]) -> pd.Series:
    return pd.Series(truth > 0, dtype="boolean").mask(pd.Series(truth == 0))


def _answer_rows(answer: Answer, measures: Mapping[str, Measure], at: npt.NDArray[np.int64]) -> dict[str, object]:
    test = answer.test
    if test.part:
        part = part_name(test.part)
        whole = test.part == "total"
        name = say("diagnosis_ladder.score_total") if whole else say("diagnosis_ladder.score_part", part=part)
        unit = "points"
    else:
        name, unit = measures[test.measure].name, measures[test.measure].unit
    return {
        "criterion": test.id,
        "name_zh": name.zh,
        "name_en": name.en,
        "part": test.part,
        "value": answer.value[at],
        "value_most": answer.most[at],
        "comparison": test.comparison,
        "needed": np.nan if test.needed is None else test.needed,
        "met": _boolean(answer.truth[at]),
        "short_by": answer.short_by[at],
        "unit": unit,
        "points": np.nan,
        "points_most": np.nan,
        "points_maximum": np.nan,
        "assumed": test.assumed,
    }


def _next_step(row: Points, at: npt.NDArray[np.int64]) -> tuple[Vector, Vector]:
    """Return bound and distance of the next step up, where one figure decides the item."""
    least, value = row.least[at], row.value[at]
    bound = np.full(len(at), np.nan)
    short = np.full(len(at), np.nan)
    steps = row.item.steps
    if row.item.combine != "best" or {step.measure for step in steps} != {row.item.measure}:
        return bound, short
    for step in sorted(steps, key=lambda step: -step.points):
        if step.needed is None:
            continue
        better = (least < step.points) & ~np.isnan(value)
        gap = step.needed - value if step.comparison in ("at_least", "above") else value - step.needed
        bound = np.where(better, step.needed, bound)
        short = np.where(better, np.maximum(gap, 0.0), short)
    return bound, np.where((least >= row.item.maximum) & ~np.isnan(value), 0.0, short)


def _points_rows(row: Points, measures: Mapping[str, Measure], at: npt.NDArray[np.int64]) -> dict[str, object]:
    item = row.item
    bound, short = _next_step(row, at)
    full = np.where(row.least[at] >= item.maximum, 1, np.where(row.most[at] < item.maximum, -1, 0)).astype(np.int8)
    return {
        "criterion": f"points:{item.id}",
        "name_zh": item.name.zh,
        "name_en": item.name.en,
        "part": item.part,
        "value": row.value[at],
        "value_most": row.value[at],
        "comparison": item.steps[0].comparison if item.measure and item.steps else "",
        "needed": bound,
        "met": _boolean(full),
        "short_by": short,
        "unit": measures[item.measure].unit if item.measure else "",
        "points": row.least[at],
        "points_most": np.where(np.isfinite(row.most[at]), row.most[at], np.nan),
        "points_maximum": item.maximum,
        "assumed": item.assumed,
    }


def _frame(firm_ids: npt.NDArray[np.object_], fixed: Mapping[str, object], rows: Mapping[str, object]) -> pd.DataFrame:
    return pd.DataFrame({"firm_id": firm_ids, **fixed, **rows})


def rung_criteria(verdict: Verdict, rules: RuleSet, panel: Panel) -> list[pd.DataFrame]:
    """Return the criteria of one rung for the firms of which at least one of its figures is known."""
    at = np.flatnonzero(_known(verdict))
    if not len(at):
        return []
    ids = panel.firms.to_numpy(dtype=object)[at]
    fixed = {"rung": verdict.rung.id, "rule_set": rules.id, "source": verdict.rung.source}
    tests = [_answer_rows(answer, rules.measures, at) for answer in verdict.answers.values()]
    items = [_points_rows(row, rules.measures, at) for row in verdict.points]
    return [_frame(ids, fixed, rows) for rows in (*tests, *items)]


def register_criteria(register: RegisterRung, rule_set: str, on: dt.date) -> list[pd.DataFrame]:
    """Return one row per firm and plausible line into the register."""
    lines = register.lines[register.lines["sector"].notna()]
    if not len(lines):
        return []
    names: dict[str, Text] = {
        sector: say("diagnosis_ladder.above_scale_name", sector=line.name) for sector, line in sectors(on).items()
    }
    by_fact = lines["column"].str.startswith("fact:").to_numpy(dtype=bool)
    rows: dict[str, object] = {
        "criterion": "line:" + lines["sector"].astype(str).to_numpy(dtype=object),
        "name_zh": [names[sector].zh for sector in lines["sector"]],
        "name_en": [names[sector].en for sector in lines["sector"]],
        "part": "",
        "value": lines["value"].to_numpy(),
        "value_most": lines["value"].to_numpy(),
        "comparison": "at_least",
        "needed": lines["needed"].to_numpy(),
        "met": _boolean(lines["truth"].to_numpy()),
        "short_by": lines["short_by_wan"].to_numpy(),
        "unit": np.where(by_fact, "", "wan"),
        "points": np.nan,
        "points_most": np.nan,
        "points_maximum": np.nan,
        "assumed": lines["assumed"].to_numpy(dtype=bool) | lines["stand_in"].to_numpy(dtype=bool),
    }
    fixed = {"rung": RUNG, "rule_set": rule_set, "source": lines["source"].to_numpy(dtype=object)}
    return [_frame(lines["firm_id"].to_numpy(dtype=object), fixed, rows)]


def gather(frames: Iterable[pd.DataFrame], firms: pd.Index) -> pd.DataFrame:
    """Return all criteria in the order of the firms, repeated words as categories to keep the table small."""
    several = [frame for frame in frames if len(frame)]
    if not several:
        return pd.DataFrame(columns=list(COLUMNS))
    table = pd.concat(several, ignore_index=True)
    place = firms.get_indexer(pd.Index(table["firm_id"].astype(object)))
    table = table.iloc[np.argsort(place, kind="stable")].reset_index(drop=True).loc[:, list(COLUMNS)]
    words = ("rung", "rule_set", "criterion", "name_zh", "name_en", "part", "comparison", "unit", "source")
    return table.astype({"firm_id": "str", **dict.fromkeys(words, "category")})
