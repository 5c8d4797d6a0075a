"""What a firm lacks for a rung, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from zhenxing.errors import Text
from zhenxing.i18n import say
from zhenxing.rules.ladder import Criterion, Group, Measure, Verdict

UNITS: dict[str, Text] = {
    "share": Text("%", "%"),
    "wan": Text(" 万元", " wan"),
    "musd": Text(" 百万美元", " million US dollars"),
    "years": Text(" 年", " years"),
    "people": Text(" 人", " people"),
    "items": Text("", ""),
    "points": Text(" 分", " points"),
}
# Shares differ by percentage points.
GAPS = {"share": Text(" 个百分点", " percentage points")}
Words = npt.NDArray[np.object_]


def figure(value: float, unit: str) -> Text:
    """Return a number with its unit.

    Examples
    --------
    >>> figure(0.031, "share").en
    '3.1%'
    >>> figure(1234.5, "wan").zh
    '1234.5 万元'
    """
    number = f"{round(100 * value if unit == 'share' else value, 2):.12g}"
    after = UNITS.get(unit, Text("", ""))
    return Text(number + after.zh, number + after.en)


@dataclass(frozen=True)
class _Pair:
    """What is missed and, apart from it, the names of what is not known."""

    zh: Words
    en: Words
    unknown_zh: Words
    unknown_en: Words

    @staticmethod
    def blank(size: int) -> _Pair:
        return _Pair(*(np.full(size, "", dtype=object) for _ in range(4)))

    def fill(self, mask: npt.NDArray[np.bool_], text: Text) -> None:
        self.zh[mask], self.en[mask] = text


def _test_name(test: Criterion, measures: Mapping[str, Measure]) -> Text:
    if not test.part:
        return measures[test.measure].name
    if test.part == "total":
        return say("diagnosis_ladder.score_total")
    return say("diagnosis_ladder.score_part", part=part_name(test.part))


def part_name(part: str) -> Text:
    """Return what people call a part of a score; a part of an office's own goes by its id.

    Examples
    --------
    >>> part_name("growth").zh
    '成长性'
    """
    try:
        return say(f"diagnosis_ladder.part_{part}")
    except KeyError:
        return Text(part, part)


def needs(test: Criterion, unit: str) -> Text:
    """Return the bound of a criterion, such as "at least 3%"."""
    if test.needed is None:
        return Text("", "")
    number, how = figure(test.needed, unit), say(f"diagnosis_ladder.{test.comparison}")
    return Text(f"{how.zh} {number.zh}", f"{how.en} {number.en}")


def _test_words(
    test: Criterion, verdict: Verdict, measures: Mapping[str, Measure], rows: npt.NDArray[np.int64]
) -> _Pair:
    answer = verdict.answers[id(test)]
    name = _test_name(test, measures)
    unit = "points" if test.part else measures[test.measure].unit
    truth, value, most, short = answer.truth[rows], answer.value[rows], answer.most[rows], answer.short_by[rows]
    words = _Pair.blank(len(rows))
    bound = needs(test, unit)
    apart = Text("差", "short") if test.comparison in ("at_least", "above") else Text("超出", "too much")
    if test.needed is None:
        words.fill(truth == 0, say("diagnosis_ladder.no_bound", name=name))
        return words
    if not unit:
        words.fill(truth < 0, say("diagnosis_ladder.flag_missed", name=name))
    else:
        at = np.flatnonzero(truth < 0)
        share = 100.0 if unit == "share" else 1.0
        after, far = UNITS.get(unit, Text("", "")), GAPS.get(unit, UNITS.get(unit, Text("", "")))
        for place, has, lacks in zip(at, _numbers(most[at] * share), _numbers(short[at] * share), strict=True):
            words.zh[place] = f"{name.zh} {has}{after.zh}，须{bound.zh}，{apart.zh} {lacks}{far.zh}"
            words.en[place] = f"{name.en} {has}{after.en}, needs {bound.en}, {lacks}{far.en} {apart.en}"
    if not test.part:
        words.unknown_zh[truth == 0], words.unknown_en[truth == 0] = name
        return words
    at = np.flatnonzero(truth == 0)
    after = UNITS[unit]
    for place, low, high in zip(at, _numbers(value[at]), _numbers(most[at]), strict=True):
        words.zh[place] = f"{name.zh} {low}—{high}{after.zh}（部分数据缺），须{bound.zh}"
        words.en[place] = f"{name.en} {low} to {high}{after.en} (some figures missing), needs {bound.en}"
    return words


def _numbers(values: npt.NDArray[np.floating[Any]]) -> list[str]:
    return [f"{value:.12g}" for value in np.round(values, 2).tolist()]


def _join(first: Words, second: Words, between: str) -> Words:
    both = (first != "") & (second != "")
    joined: Words = first + np.where(both, between, "").astype(object) + second
    return joined


def _words(
    node: Criterion | Group, verdict: Verdict, measures: Mapping[str, Measure], rows: npt.NDArray[np.int64]
) -> _Pair:
    if isinstance(node, Criterion):
        return _test_words(node, verdict, measures, rows)
    unmet = verdict.group_truth[id(node)][rows] < 1
    between = ("；", "; ", "、", ", ") if node.kind == "all" else (" / ",) * 4
    total = _Pair.blank(len(rows))
    for part in node.parts:
        words = _words(part, verdict, measures, rows)
        if node.kind == "any":
            words = _told(words)
        total = _Pair(
            _join(total.zh, words.zh, between[0]),
            _join(total.en, words.en, between[1]),
            _join(total.unknown_zh, words.unknown_zh, between[2]),
            _join(total.unknown_en, words.unknown_en, between[3]),
        )
    if node.kind == "any":
        one = say("diagnosis_ladder.one_of")
        total = _Pair(
            one.zh + "（" + total.zh + "）", f"{one.en}(" + total.en + ")", total.unknown_zh, total.unknown_en
        )
    return _Pair(*(np.where(unmet, part, "") for part in (total.zh, total.en, total.unknown_zh, total.unknown_en)))


def _told(words: _Pair) -> _Pair:
    """Put what is not known behind what is missed."""
    lead = say("diagnosis_ladder.no_figures")
    some = (words.unknown_zh != "", words.unknown_en != "")
    zh = _join(words.zh, np.where(some[0], lead.zh + words.unknown_zh, ""), "；")
    en = _join(words.en, np.where(some[1], lead.en + words.unknown_en, ""), "; ")
    blank = np.full(len(zh), "", dtype=object)
    return _Pair(zh, en, blank, blank.copy())


def missing(verdict: Verdict, measures: Mapping[str, Measure], rows: npt.NDArray[np.int64]) -> tuple[Words, Words]:
    """Return what each of some firms (by place) lacks for a rung, in Chinese and English; empty where it is met.

    Examples
    --------
    >>> import pandas as pd
    >>> from zhenxing.rules.ladder import Panel, judge, rule_set
    >>> firms = pd.DataFrame({"firm_id": ["a"], "founded": ["2012-05-01"]})
    >>> facts = pd.DataFrame({"firm_id": ["a"] * 2, "fact": ["valuation_musd", "listed"], "value": [900.0, 0.0]})
    >>> rules = rule_set("unicorn")
    >>> panel = Panel(firms, pd.DataFrame(columns=["firm_id", "year"]), facts, 2025)
    >>> verdict = judge(rules.rungs[0], panel, rules.measures)
    >>> missing(verdict, rules.measures, np.array([0]))[1][0].split("; ")[1]
    'age 13 years, needs at most 10 years, 3 years too much'
    """
    pair = _told(_words(verdict.rung.rule, verdict, measures, rows))
    return pair.zh, pair.en
