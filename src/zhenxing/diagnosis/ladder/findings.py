"""What the ladder has to say about the data and the rules it was given."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing.diagnosis.ladder.register import RegisterRung
from zhenxing.errors import InputError, Issue, Level, Text
from zhenxing.i18n import name_rows, say
from zhenxing.rules.above_scale import sectors
from zhenxing.rules.ladder import Measure, Panel, RuleSet
from zhenxing.rules.ladder.declaration import criteria_of


def check(firms: pd.DataFrame, firm_years: pd.DataFrame, firm_facts: pd.DataFrame | None) -> None:
    """Refuse tables without their columns or with a firm, or a firm and year, twice."""
    wanted = [
        ("firms", firms, ["firm_id", "industry_code", "industry_edition"]),
        ("firm_years", firm_years, ["firm_id", "year"]),
    ]
    if firm_facts is not None:
        wanted.append(("firm_facts", firm_facts, ["firm_id", "fact", "value"]))
    for name, frame, columns in wanted:
        if missing := [column for column in columns if column not in frame.columns]:
            raise InputError(say("diagnosis_ladder.columns_missing", table=name, columns=", ".join(missing)))
    keys = {"firms": ["firm_id"], "firm_years": ["firm_id", "year"], "firm_facts": ["firm_id", "fact", "year"]}
    for name, frame, _ in wanted:
        key = [column for column in keys[name] if column in frame.columns]
        twice = frame.duplicated(key, keep="first")
        if twice.any():
            rows = name_rows(list(frame.loc[twice, key].astype(str).agg(" ".join, axis=1)))
            raise InputError(say("diagnosis_ladder.repeated", table=name, key=", ".join(key), rows=rows))


def facts_of(definition: object) -> Iterator[str]:
    """Yield the facts that a measure's definition asks for.

    Examples
    --------
    >>> list(facts_of({"ratio": [{"fact": "net_profit_wan"}, {"column": "revenue_wan"}]}))
    ['net_profit_wan']
    """
    if isinstance(definition, Mapping):
        for key, value in definition.items():
            if key == "fact":
                yield str(value)
            else:
                yield from facts_of(value)
    elif isinstance(definition, Sequence) and not isinstance(definition, str):
        for part in definition:
            yield from facts_of(part)


def facts_asked(measures: Mapping[str, Measure], day: dt.date) -> set[str]:
    """Return the names of all facts that measures and lines into the register ask for."""
    asked = {fact for measure in measures.values() for fact in facts_of(measure.definition)}
    return asked | {line.column[5:] for line in sectors(day).values() if line.column.startswith("fact:")}


def collect(
    firms: pd.DataFrame,
    firm_years: pd.DataFrame,
    panel: Panel,
    register: RegisterRung,
    sets: Sequence[RuleSet],
    day: dt.date,
    gone: npt.NDArray[np.bool_],
) -> list[Issue]:
    """Return the findings of a climb: rules not in force or not filled in, assumed numbers, firms without sector, …"""
    issues = [*_rule_issues(sets, day)]
    if not firm_years["year"].notna().any():
        issues.append(Issue("warning", "no_year", say("diagnosis_ladder.no_year"), "firm_years"))
    if gone.any():
        issues.append(_firms("info", "closed", firms.loc[gone, "firm_id"], "status"))
    lines = register.lines
    for state, part in lines[lines["sector"].isna()].groupby("code_state"):
        rows = tuple(part["firm_id"].astype(str))
        reason = say(f"diagnosis_ladder.reason_{state}")
        text = say("diagnosis_ladder.no_sector", count=len(rows), reason=reason, rows=name_rows(rows))
        level: Level = "info" if state == "outside" else "warning"
        issues.append(Issue(level, f"no_sector_{state}", text, "firms", "industry_code", rows))
    stood = lines.loc[lines["stand_in"].astype(bool), "firm_id"].drop_duplicates()
    if len(stood):
        issues.append(_firms("info", "stand_in", stood, "main_revenue_wan", "firm_years"))
    if {"revenue_wan", "main_revenue_wan"} <= set(firm_years.columns):
        odd = (firm_years["main_revenue_wan"] > firm_years["revenue_wan"] * (1 + 1e-9)).fillna(False)
        if odd.any():
            at = firm_years[odd]
            issues.append(
                _firms(
                    "warning",
                    "revenue_above_total",
                    at["firm_id"].astype(str) + " " + at["year"].astype(str),
                    "main_revenue_wan",
                    "firm_years",
                )
            )
    return [*issues, *_fact_issues(panel, sets, day)]


def _firms(level: Level, code: str, ids: pd.Series, column: str, table: str = "firms") -> Issue:
    rows = tuple(ids.astype(str))
    text = say(f"diagnosis_ladder.{code}", count=len(rows), rows=name_rows(rows))
    return Issue(level, code, text, table, column, rows)


def _fact_issues(panel: Panel, sets: Sequence[RuleSet], day: dt.date) -> Iterator[Issue]:
    measures = {name: measure for rules in sets for name, measure in rules.measures.items()}
    asked = facts_asked(measures, day)
    strange = [name for name in panel.fact_names if name not in asked]
    if strange:
        close = list(dict.fromkeys(hit for name in strange for hit in difflib.get_close_matches(name, asked, n=1)))
        hint = say("diagnosis_ladder.close_fact", names=", ".join(close)) if close else Text("", "")
        text = say("diagnosis_ladder.unknown_fact", facts=name_rows(strange), close=hint)
        yield Issue("warning", "unknown_fact", text, "firm_facts", "fact", tuple(strange))


def _rule_issues(sets: Sequence[RuleSet], day: dt.date) -> Iterator[Issue]:
    for rules in sets:
        if not rules.in_force(day):
            start, end = (str(part) if part else "—" for part in (rules.valid_from, rules.valid_to))
            text = say("diagnosis_ladder.not_in_force", name=rules.id, title=rules.name, on=day, start=start, end=end)
            yield Issue("warning", "not_in_force", text)
        tests = [test for rung in rules.rungs for test in criteria_of(rung.rule)]
        items = [item for rung in rules.rungs for item in rung.items]
        blank = sum(test.needed is None for test in tests) + sum(step.needed is None for i in items for step in i.steps)
        if blank:
            yield Issue("warning", "unfilled", say("diagnosis_ladder.unfilled", name=rules.id, count=blank))
        names = [rules.measures[test.measure].name for test in tests if test.assumed and test.needed is not None]
        names += [item.name for item in items if item.assumed]
        if names:
            unique = list(dict.fromkeys(names))
            listed = Text("、".join(name.zh for name in unique), ", ".join(name.en for name in unique))
            yield Issue("info", "assumed_numbers", say("diagnosis_ladder.assumed_numbers", name=rules.id, items=listed))
