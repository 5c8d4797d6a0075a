"""One row per firm and criterion: figure, bound, met or not, how much is short, points."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing.diagnosis.ladder.register import RUNG, RegisterRung
from zhenxing.diagnosis.ladder.words import part_name
from zhenxing.i18n import say
from zhenxing.rules.above_scale import sectors
from zhenxing.rules.ladder import RuleSet, Verdict
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


# Columns that are the same in all rows of a criterion.
FIXED = ("rung", "rule_set", "criterion", "name_zh", "name_en", "part", "comparison", "unit", "source")


@dataclass(frozen=True)
class Leaf:
    """One criterion over the firms (by place) of which its figure is known."""

    fixed: Mapping[str, str]
    place: npt.NDArray[np.int64]
    figures: Mapping[str, object]


def _boolean(truth: npt.NDArray[np.int8]) -> npt.NDArray[np.float64]:
    return np.where(truth == 0, np.nan, np.where(truth > 0, 1.0, 0.0))


def _answer(answer: Answer, known: npt.NDArray[np.bool_], rules: RuleSet, rung: Mapping[str, str]) -> Leaf:
    test = answer.test
    if test.part:
        whole = test.part == "total"
        part = part_name(test.part)
        name = say("diagnosis_ladder.score_total") if whole else say("diagnosis_ladder.score_part", part=part)
        unit = "points"
    else:
        name, unit = rules.measures[test.measure].name, rules.measures[test.measure].unit
        known = ~np.isnan(answer.value)
    at = np.flatnonzero(known)
    fixed = {"criterion": test.id, "name_zh": name.zh, "name_en": name.en, "part": test.part, "unit": unit}
    most = answer.most[at]
    figures = {
        "value": answer.value[at],
        "value_most": np.where(np.isfinite(most), most, np.nan),
        "needed": np.nan if test.needed is None else test.needed,
        "met": _boolean(answer.truth[at]),
        "short_by": answer.short_by[at],
        "assumed": test.assumed,
    }
    return Leaf({**rung, **fixed, "comparison": test.comparison}, at, figures)


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
        lacking = step.needed - value if step.comparison in ("at_least", "above") else value - step.needed
        bound = np.where(better, step.needed, bound)
        short = np.where(better, np.maximum(lacking, 0.0), short)
    return bound, np.where((least >= row.item.maximum) & ~np.isnan(value), 0.0, short)


def _item(row: Points, rules: RuleSet, rung: Mapping[str, str]) -> Leaf:
    item = row.item
    at = np.flatnonzero((row.least == row.most) | ~np.isnan(row.value) | (row.least > 0))
    bound, short = _next_step(row, at)
    full = np.where(row.least[at] >= item.maximum, 1, np.where(row.most[at] < item.maximum, -1, 0)).astype(np.int8)
    fixed = {
        "criterion": f"points:{item.id}",
        "name_zh": item.name.zh,
        "name_en": item.name.en,
        "part": item.part,
        "comparison": item.steps[0].comparison if item.measure and item.steps else "",
        "unit": rules.measures[item.measure].unit if item.measure else "",
    }
    figures = {
        "value": row.value[at],
        "value_most": row.value[at],
        "needed": bound,
        "met": _boolean(full),
        "short_by": short,
        "points": row.least[at],
        "points_most": np.where(np.isfinite(row.most[at]), row.most[at], np.nan),
        "points_maximum": item.maximum,
        "assumed": item.assumed,
    }
    return Leaf({**rung, **fixed}, at, figures)


def rung_criteria(verdict: Verdict, rules: RuleSet) -> list[Leaf]:
    """Return the criteria of one rung, each for the firms of which its figure (or any of the score's) is known."""
    rung = {"rung": verdict.rung.id, "rule_set": rules.id, "source": verdict.rung.source}
    scored = np.zeros(len(verdict.truth), dtype=bool)
    for row in verdict.points:
        scored |= row.least == row.most
    tests = [_answer(answer, scored, rules, rung) for answer in verdict.answers.values()]
    return [*tests, *(_item(row, rules, rung) for row in verdict.points)]


def register_criteria(register: RegisterRung, rule_set: str, on: dt.date) -> list[Leaf]:
    """Return one criterion per line into the register, for the firms whose sector it may be."""
    leaves = []
    for sector, line in sectors(on).items():
        lines = register.lines[(register.lines["sector"] == sector).fillna(False)]
        name = say("diagnosis_ladder.above_scale_name", sector=line.name)
        fixed = {"rung": RUNG, "rule_set": rule_set, "criterion": f"line:{sector}", "name_zh": name.zh}
        fixed |= {"name_en": name.en, "part": "", "comparison": "at_least", "source": line.source}
        value = lines["value"].to_numpy()
        figures = {
            "value": value,
            "value_most": value,
            "needed": lines["needed"].to_numpy(),
            "met": _boolean(lines["truth"].to_numpy()),
            "short_by": lines["short_by_wan"].to_numpy(),
            "assumed": lines["assumed"].to_numpy(dtype=bool) | lines["stand_in"].to_numpy(dtype=bool),
        }
        unit = "" if line.column.startswith("fact:") else "wan"
        leaves.append(Leaf({**fixed, "unit": unit}, lines["place"].to_numpy(dtype=np.int64), figures))
    return leaves


def gather(leaves: list[Leaf], firms: pd.Index) -> pd.DataFrame:
    """Return all criteria in the order of the firms, repeated words as categories to keep the table small."""
    sizes = [len(leaf.place) for leaf in leaves]
    place = np.concatenate([leaf.place for leaf in leaves]) if leaves else np.empty(0, dtype=np.int64)
    order = np.argsort(place, kind="stable")
    which = np.repeat(np.arange(len(leaves)), sizes)[order]
    words = pd.DataFrame([leaf.fixed for leaf in leaves], columns=list(FIXED)).astype("category")
    table: dict[str, object] = {"firm_id": pd.array(firms.to_numpy(dtype=object)[place[order]], dtype="str")}
    for name in COLUMNS[1:]:
        if name in FIXED:
            table[name] = words[name].array.take(which)
        else:
            parts = [_spread(leaf.figures.get(name, np.nan), len(leaf.place)) for leaf in leaves]
            values = np.concatenate(parts)[order] if parts else np.empty(0)
            table[name] = _typed(name, values)
    return pd.DataFrame(table)


def _spread(values: object, size: int) -> Vector:
    return np.broadcast_to(np.asarray(values, dtype=np.float64), (size,))


def _typed(name: str, values: Vector) -> object:
    if name == "assumed":
        return values > 0
    return pd.arrays.BooleanArray(values > 0, np.isnan(values)) if name == "met" else values
