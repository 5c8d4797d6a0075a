"""What a firm lacks for a rung, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zhenxing.errors import Text
from zhenxing.i18n import say
from zhenxing.rules.ladder import Group, Measure, Test, Verdict

UNITS: dict[str, Text] = {
    "wan": Text(" 万元", " wan"),
    "musd": Text(" 百万美元", " million US dollars"),
    "years": Text(" 年", " years"),
    "people": Text(" 人", " people"),
    "items": Text("", ""),
    "points": Text(" 分", " points"),
}
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
    if unit == "share":
        sign = f"{round(100 * value, 2):.12g}%"
        return Text(sign, sign)
    number = f"{round(value, 2):.12g}"
    after = UNITS.get(unit, Text("", ""))
    return Text(number + after.zh, number + after.en)


@dataclass(frozen=True)
class _Pair:
    zh: Words
    en: Words

    @staticmethod
    def blank(size: int) -> _Pair:
        return _Pair(np.full(size, "", dtype=object), np.full(size, "", dtype=object))

    def fill(self, mask: npt.NDArray[np.bool_], text: Text) -> None:
        self.zh[mask], self.en[mask] = text


def _test_name(test: Test, measures: Mapping[str, Measure]) -> Text:
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


def needs(test: Test, unit: str) -> Text:
    """Return the bound of a criterion, such as "at least 3%"."""
    if test.needed is None:
        return Text("", "")
    number, how = figure(test.needed, unit), say(f"diagnosis_ladder.{test.comparison}")
    return Text(f"{how.zh} {number.zh}", f"{how.en} {number.en}")


def _test_words(test: Test, verdict: Verdict, measures: Mapping[str, Measure], rows: npt.NDArray[np.int64]) -> _Pair:
    answer = verdict.answers[id(test)]
    name = _test_name(test, measures)
    unit = "points" if test.part else measures[test.measure].unit
    truth, value, most, short = (part[rows] for part in (answer.truth, answer.value, answer.most, answer.short_by))
    words = _Pair.blank(len(rows))
    bound = needs(test, unit)
    apart = Text("差", "short") if test.comparison in ("at_least", "above") else Text("超出", "too much")
    if test.needed is None:
        words.fill(truth == 0, say("diagnosis_ladder.no_bound", name=name))
        return words
    if not unit:
        words.fill(truth < 0, say("diagnosis_ladder.flag_missed", name=name))
    else:
        for place in np.flatnonzero(truth < 0):
            has, lacks = figure(most[place], unit), figure(short[place], unit)
            words.zh[place] = f"{name.zh} {has.zh}，须{bound.zh}，{apart.zh} {lacks.zh}"
            words.en[place] = f"{name.en} {has.en}, needs {bound.en}, {lacks.en} {apart.en}"
    if not test.part:
        words.fill(truth == 0, say("diagnosis_ladder.no_figure", name=name))
        return words
    for place in np.flatnonzero(truth == 0):
        low, high = figure(value[place], ""), figure(most[place], unit)
        words.zh[place] = f"{name.zh} {low.zh}—{high.zh}（部分数据缺），须{bound.zh}"
        words.en[place] = f"{name.en} {low.en} to {high.en} (some figures missing), needs {bound.en}"
    return words


def _join(first: Words, second: Words, between: str) -> Words:
    both = (first != "") & (second != "")
    joined: Words = first + np.where(both, between, "").astype(object) + second
    return joined


def _words(node: Test | Group, verdict: Verdict, measures: Mapping[str, Measure], rows: npt.NDArray[np.int64]) -> _Pair:
    if isinstance(node, Test):
        return _test_words(node, verdict, measures, rows)
    unmet = verdict.group_truth[id(node)][rows] < 1
    zh, en = (np.full(len(rows), "", dtype=object) for _ in range(2))
    if node.kind == "all":
        for part in node.parts:
            words = _words(part, verdict, measures, rows)
            zh, en = _join(zh, words.zh, "；"), _join(en, words.en, "; ")
    else:
        for part in node.parts:
            words = _words(part, verdict, measures, rows)
            zh, en = _join(zh, words.zh, " / "), _join(en, words.en, " / ")
        one = say("diagnosis_ladder.one_of")
        zh, en = one.zh + "（" + zh + "）", one.en + "(" + en + ")"
    return _Pair(np.where(unmet, zh, ""), np.where(unmet, en, ""))


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
    pair = _words(verdict.rung.rule, verdict, measures, rows)
    return pair.zh, pair.en
