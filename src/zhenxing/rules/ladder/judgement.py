"""Judge many firms by a rung: three-valued truth, and points between a least and a most.

Truth is 1 (met), 0 (unknown) or -1 (missed) and joined after Kleene: all-of takes the least, any-of the greatest.
An item whose figures are missing gets the range of points it could have; a score is met when its least reaches the
points needed, missed when its most does not, else unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zhenxing.rules.ladder.declaration import Comparison, Criterion, Group, Item, Measure, Rung
from zhenxing.rules.ladder.panel import Panel, Vector

Truth = npt.NDArray[np.int8]
# A figure equal to a bound but for the rounding of one division passes it.
CLOSE = 1e-9


@dataclass(frozen=True)
class Answer:
    """One criterion over all firms: figure, truth and how much is missing (0 when met, NaN when unknown)."""

    test: Criterion
    value: Vector
    most: Vector
    truth: Truth
    short_by: Vector


@dataclass(frozen=True)
class Points:
    """One item of a score over all firms: least and most points."""

    item: Item
    value: Vector
    least: Vector
    most: Vector


@dataclass(frozen=True)
class Verdict:
    """A rung over all firms: truth, the answer to each of its criteria in order, and the points of its items.

    ``lacking`` is the least number of criteria, missed or unknown, that a firm must still meet or document: the sum
    over all-of, the least over any-of.
    """

    rung: Rung
    truth: Truth
    answers: Mapping[int, Answer]
    points: tuple[Points, ...]
    group_truth: Mapping[int, Truth]
    lacking: npt.NDArray[np.int64]

    def score(self, part: str) -> tuple[Vector, Vector]:
        """Return least and most points of a part of the score (``total``: all of it)."""
        chosen = [row for row in self.points if part in ("total", row.item.part)]
        size = len(self.truth)
        least = np.sum([row.least for row in chosen], axis=0) if chosen else np.full(size, np.nan)
        most = np.sum([row.most for row in chosen], axis=0) if chosen else np.full(size, np.nan)
        return least, most


def compare(value: Vector, comparison: Comparison, needed: float | None) -> Truth:
    """Return the truth of a comparison over all firms; unknown where the figure or the bound is missing.

    Examples
    --------
    >>> compare(np.array([0.03, 0.029, np.nan]), "at_least", 0.03).tolist()
    [1, -1, 0]
    """
    if needed is None or np.isnan(needed):
        return np.zeros(len(value), dtype=np.int8)
    slack = CLOSE * max(1.0, abs(needed))
    with np.errstate(invalid="ignore"):
        if comparison == "at_least":
            passed = value >= needed - slack
        elif comparison == "above":
            passed = value > needed + slack
        elif comparison == "at_most":
            passed = value <= needed + slack
        else:
            passed = value < needed - slack
    return np.where(np.isnan(value), 0, np.where(passed, 1, -1)).astype(np.int8)


def _short(value: Vector, comparison: Comparison, needed: float | None, truth: Truth) -> Vector:
    if needed is None:
        return np.full(len(value), np.nan)
    gap = needed - value if comparison in ("at_least", "above") else value - needed
    return np.where(truth > 0, 0.0, np.where(truth < 0, np.maximum(gap, 0.0), np.nan))


def _points(item: Item, panel: Panel, measures: Mapping[str, Measure]) -> Points:
    def figure(name: str) -> Vector:
        return panel.measure(measures[name].definition)

    size = panel.size
    if np.isnan(item.maximum) or any(step.needed is None for step in item.steps):
        return Points(item, np.full(size, np.nan), np.zeros(size), np.full(size, np.inf))
    value = figure(item.measure) if item.measure else np.full(size, np.nan)
    if item.combine in ("per", "take"):
        earned = value if item.combine == "take" else np.floor(value / item.per + CLOSE)
        known = ~np.isnan(earned)
        earned = np.clip(np.where(known, earned, 0.0), 0.0, item.maximum)
        return Points(item, value, earned, np.where(known, earned, item.maximum))
    truths = [compare(figure(step.measure), step.comparison, step.needed) for step in item.steps]
    gains = np.array([step.points for step in item.steps])[:, None]
    table = np.array(truths)
    sure, possible = np.where(table > 0, gains, 0.0), np.where(table >= 0, gains, 0.0)
    join = np.max if item.combine == "best" else np.sum
    least, most = join(sure, axis=0), join(possible, axis=0)
    return Points(item, value, np.minimum(least, item.maximum), np.minimum(most, item.maximum))


def judge(rung: Rung, panel: Panel, measures: Mapping[str, Measure]) -> Verdict:
    """Judge every firm of a panel by a rung.

    Examples
    --------
    >>> import pandas as pd
    >>> from zhenxing.rules.ladder import rule_set
    >>> firms = pd.DataFrame({"firm_id": ["a"]})
    >>> years = pd.DataFrame({"firm_id": ["a"], "year": [2025], "rd_wan": [90.0], "revenue_wan": [3000.0]})
    >>> rules = rule_set("miit-2022")
    >>> judge(rules.rungs[1], Panel(firms, years, None, 2025), rules.measures).truth.tolist()
    [-1]
    """
    points = tuple(_points(item, panel, measures) for item in rung.items)
    answers: dict[int, Answer] = {}
    groups: dict[int, Truth] = {}
    nobody = np.zeros(panel.size, dtype=np.int64)
    partial = Verdict(rung, nobody.astype(np.int8), answers, points, groups, nobody)

    def walk(node: Criterion | Group) -> tuple[Truth, npt.NDArray[np.int64]]:
        if isinstance(node, Group):
            found = [walk(part) for part in node.parts]
            truths, counts = (np.array(part) for part in zip(*found, strict=True))
            every = node.kind == "all"
            truth: Truth = (truths.min(axis=0) if every else truths.max(axis=0)).astype(np.int8)
            groups[id(node)] = truth
            return truth, counts.sum(axis=0) if every else counts.min(axis=0)
        answer = _score_answer(node, partial) if node.part else _figure_answer(node, panel, measures)
        answers[id(node)] = answer
        return answer.truth, (answer.truth < 1).astype(np.int64)

    truth, lacking = walk(rung.rule)
    return Verdict(rung, truth, answers, points, groups, lacking)


def _figure_answer(test: Criterion, panel: Panel, measures: Mapping[str, Measure]) -> Answer:
    value = panel.measure(measures[test.measure].definition)
    truth = compare(value, test.comparison, test.needed)
    return Answer(test, value, value, truth, _short(value, test.comparison, test.needed, truth))


def _score_answer(test: Criterion, verdict: Verdict) -> Answer:
    least, most = verdict.score(test.part)
    if test.needed is None:
        return Answer(test, least, most, np.zeros(len(least), dtype=np.int8), np.full(len(least), np.nan))
    sure = compare(least, test.comparison, test.needed) > 0
    lost = compare(most, test.comparison, test.needed) < 0
    truth: Truth = np.where(sure, 1, np.where(lost, -1, 0)).astype(np.int8)
    return Answer(test, least, most, truth, _short(most, test.comparison, test.needed, truth))
