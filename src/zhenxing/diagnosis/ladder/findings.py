"""What the ladder has to say about the data and the rules it was given."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing.diagnosis.ladder.register import RUNG, RegisterRung
from zhenxing.errors import InputError, Issue, Level, Text
from zhenxing.i18n import name_rows, say
from zhenxing.rules.above_scale import sectors
from zhenxing.rules.ladder import Measure, Panel, RuleSet
from zhenxing.rules.ladder.declaration import criteria_of, shared_measures

# Facts that decide a line into the register where revenue does not.
QUALIFICATIONS = ("construction_qualification", "real_estate_activity")


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


def _known_facts(measures: Mapping[str, Measure], day: dt.date) -> set[str]:
    """Return the names of all facts that measures and lines into the register ask for."""
    asked = {fact for measure in measures.values() for fact, _ in _windows(measure.definition)}
    return asked | {line.column[5:] for line in sectors(day).values() if line.column.startswith("fact:")}


def asked_facts(sets: Sequence[RuleSet]) -> pd.DataFrame:
    """Return the facts that rule sets ask of ``firm_facts``: name, meaning, how many years a record counts, for what.

    Returns
    -------
    DataFrame
        fact, name_zh, name_en, unit (empty: yes 1, no 0), within (years up to the year judged), rungs (``;``).

    Examples
    --------
    >>> from zhenxing.rules.ladder import rule_set
    >>> asked_facts([rule_set("unicorn")])["fact"].tolist()
    ['construction_qualification', 'listed', 'real_estate_activity', 'valuation_musd']
    """
    rungs: dict[str, list[str]] = {}
    for rules in sets:
        for rung in rules.rungs:
            used = [test.measure for test in criteria_of(rung.rule) if test.measure]
            used += [item.measure for item in rung.items if item.measure]
            used += [step.measure for item in rung.items for step in item.steps]
            for name in dict.fromkeys(used):
                rungs.setdefault(name, []).append(rung.id)
    measures = {**shared_measures(), **{name: one for rules in sets for name, one in rules.measures.items()}}
    named = {fact: one for one in reversed(measures.values()) if (fact := _own_fact(one))}
    asked: dict[str, list[str]] = {}
    windows: dict[str, int] = {}
    for name, where in [*rungs.items(), *((fact, [RUNG]) for fact in QUALIFICATIONS)]:
        for fact, within in _windows(measures[name].definition):
            asked.setdefault(fact, []).extend(where)
            windows[fact] = max(windows.get(fact, 0), within)
    rows = [
        (
            fact,
            *named.get(fact, Measure(fact, Text(fact, fact), "", {})).name,
            named[fact].unit if fact in named else "",
            windows[fact],
            ";".join(dict.fromkeys(where)),
        )
        for fact, where in sorted(asked.items())
    ]
    return pd.DataFrame(rows, columns=["fact", "name_zh", "name_en", "unit", "within", "rungs"])


def _own_fact(measure: Measure) -> str:
    """Return the fact that a measure gives its name to: itself, or the first choice of several."""
    definition = measure.definition
    first = definition["first"][0] if "first" in definition else definition
    return str(first.get("fact", ""))


def _windows(definition: object) -> Iterator[tuple[str, int]]:
    if isinstance(definition, Mapping):
        if "fact" in definition:
            yield str(definition["fact"]), int(definition.get("within", 1))
        for value in definition.values():
            yield from _windows(value)
    elif isinstance(definition, Sequence) and not isinstance(definition, str):
        for part in definition:
            yield from _windows(part)


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
    asked = _known_facts(measures, day)
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
