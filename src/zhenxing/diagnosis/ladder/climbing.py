"""Climb the ladder: judge every firm on every rung in one year."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from zhenxing.diagnosis.ladder import findings, words
from zhenxing.diagnosis.ladder.criteria import gather, register_criteria, rung_criteria
from zhenxing.diagnosis.ladder.flows import closed, register_flows
from zhenxing.diagnosis.ladder.register import RUNG, RegisterRung, judge_register
from zhenxing.diagnosis.ladder.settings import LadderSettings
from zhenxing.diagnosis.ladder.standing import standings
from zhenxing.errors import Issue
from zhenxing.i18n import say
from zhenxing.rules.above_scale import newest_source
from zhenxing.rules.ladder import Panel, RuleSet, Verdict, judge, load, rule_set, rungs_in_order

REGISTER_RULES = "above-scale"
STATUSES = ("held", "met", "missed", "unknown")


@dataclass(frozen=True)
class LadderDiagnosis:
    """Where the firms stand.

    Parameters
    ----------
    year : int
        The year judged.
    ladder : DataFrame
        firm_id, rung, rule_set, status (held, met, missed, unknown), lacking (least number of criteria still to be met
        or documented), points, points_most (least and most points of the rung's score), missing, missing_en, assumed,
        source.
    ladder_criteria : DataFrame
        One row per firm and criterion whose figure is known; what is not known is told in ``missing``.
    firm_standings : DataFrame
        Sector, line, step, size class and growth of each firm in each year.
    register_flows : DataFrame
        Entries, exits and net of the register by year and sector.
    issues : tuple of Issue
        What was assumed, left out or unknown.
    """

    year: int
    ladder: pd.DataFrame
    ladder_criteria: pd.DataFrame
    firm_standings: pd.DataFrame
    register_flows: pd.DataFrame
    issues: tuple[Issue, ...]

    @property
    def standings(self) -> pd.DataFrame:
        """The table ``firm_standings``."""
        return self.firm_standings


def _rules(settings: LadderSettings) -> tuple[RuleSet, ...]:
    def one(name: str | Path) -> RuleSet:
        return load(name) if isinstance(name, Path) or str(name).endswith(".toml") else rule_set(name)

    return tuple(one(name) for name in settings.rule_sets)


def _year_of(firm_years: pd.DataFrame, firm_facts: pd.DataFrame | None, settings: LadderSettings) -> int:
    """Return the latest year with figures, else with facts, else of the day of judgement, else of the newest rules."""
    for frame in (firm_years, firm_facts):
        if frame is not None and "year" in frame.columns and frame["year"].notna().any():
            return int(frame["year"].max())
    return settings.on.year if settings.on else newest_source().year


def _rung_frame(verdict: Verdict, rules: RuleSet, panel: Panel) -> pd.DataFrame:
    truth = verdict.truth
    status = np.array(["missed", "unknown", "met"], dtype=object)[truth + 1]
    titles = list(verdict.rung.titles)
    if titles:
        status[panel.title(titles) == 1] = "held"
    held = status == "held"
    zh, en = (np.full(panel.size, "", dtype=object) for _ in range(2))
    rows = np.flatnonzero((status == "missed") | (status == "unknown") | (held & (truth < 0)))
    zh[rows], en[rows] = words.missing(verdict, rules.measures, rows)
    for place in np.flatnonzero(held & (truth < 0)):
        said = say("diagnosis_ladder.holding", what="{0}")
        zh[place], en[place] = said.zh.format(zh[place]), said.en.format(en[place])
    points = verdict.score("total") if verdict.points else (np.full(panel.size, np.nan),) * 2
    assumed = any(answer.test.assumed for answer in verdict.answers.values())
    return pd.DataFrame(
        {
            "firm_id": panel.firms.to_numpy(dtype=object),
            "rung": verdict.rung.id,
            "rule_set": rules.id,
            "status": status,
            "lacking": verdict.lacking,
            "points": points[0],
            "points_most": np.where(np.isfinite(points[1]), points[1], np.nan),
            "missing": zh,
            "missing_en": en,
            "assumed": assumed or any(row.item.assumed for row in verdict.points),
            "source": verdict.rung.source,
        }
    )


def _register_frame(register: RegisterRung, panel: Panel) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "firm_id": panel.firms.to_numpy(dtype=object),
            "rung": RUNG,
            "rule_set": REGISTER_RULES,
            "status": register.status,
            "lacking": np.where(np.isin(register.status, ["missed", "unknown"]), 1, 0),
            "points": np.nan,
            "points_most": np.nan,
            "missing": register.missing_zh,
            "missing_en": register.missing_en,
            "assumed": register.assumed,
            "source": register.source,
        }
    )


def climb(
    *,
    firms: pd.DataFrame,
    firm_years: pd.DataFrame,
    firm_facts: pd.DataFrame | None = None,
    firm_links: pd.DataFrame | None = None,
    year: int | None = None,
    settings: LadderSettings | None = None,
) -> LadderDiagnosis:
    """Judge every firm on every rung of the ladder: the statistical register and the titles of the rule sets.

    Parameters
    ----------
    firms : DataFrame
        firm_id, industry_code, industry_edition; founded, titles, status, above_scale where known.
    firm_years : DataFrame
        firm_id, year and yearly figures (wan yuan, people).
    firm_facts : DataFrame, optional
        firm_id, fact, year, value: what rules ask beyond the columns. What is absent is unknown, never missed.
    firm_links : DataFrame, optional
        firm_id, role, weight: makers and sellers get every plausible line into the register.
    year : int, optional
        The year judged; the latest with figures by default.
    settings : LadderSettings, optional
        Rule sets, day of judgement, assumed parameters.

    Returns
    -------
    LadderDiagnosis

    Raises
    ------
    InputError
        A column is missing, a firm or firm year stands twice, or a rule file is not whole.

    Notes
    -----
    Status: ``held`` (title held, or in the register), ``met``, ``missed``, ``unknown`` (figures missing could decide
    either way, or the rule's values are not filled in). Firms gone by their state of registration are left out.

    Examples
    --------
    >>> firms = pd.DataFrame({"firm_id": ["a"], "industry_code": ["3872"], "industry_edition": ["2017"]})
    >>> years = pd.DataFrame({"firm_id": ["a"], "year": [2025], "main_revenue_wan": [1500.0]})
    >>> found = climb(firms=firms, firm_years=years)
    >>> found.ladder[["rung", "status", "missing_en"]].iloc[0].tolist()[:2]
    ['above_scale', 'missed']
    """
    settings = settings or LadderSettings()
    findings.check(firms, firm_years, firm_facts)
    judged = _year_of(firm_years, firm_facts, settings) if year is None else year
    day = settings.day(judged)
    standing = standings(firms, firm_years, firm_links=firm_links, settings=settings)
    flows = register_flows(firms, standing, settings)
    gone = closed(firms)
    open_firms = firms[~gone].reset_index(drop=True)
    panel = Panel(open_firms, firm_years, firm_facts, judged)
    rows = firm_years[(firm_years["year"] == judged).fillna(False) & firm_years["firm_id"].isin(open_firms["firm_id"])]
    register = judge_register(open_firms, rows, panel, firm_links, settings)
    sets = _rules(settings)
    frames = [_register_frame(register, panel)]
    criteria = register_criteria(register, REGISTER_RULES, day)
    for rules in sets:
        for rung in rules.rungs:
            verdict = judge(rung, panel, rules.measures)
            frames.append(_rung_frame(verdict, rules, panel))
            criteria += rung_criteria(verdict, rules)
    issues = findings.collect(firms, firm_years, panel, register, sets, day, gone)
    return LadderDiagnosis(
        judged, _in_order(frames, panel), gather(criteria, panel.firms), standing, flows, tuple(issues)
    )


def _in_order(frames: list[pd.DataFrame], panel: Panel) -> pd.DataFrame:
    table = pd.concat(frames, ignore_index=True)
    order = {rung: place for place, rung in enumerate(rungs_in_order())}
    height = table["rung"].map(order).fillna(len(order)).to_numpy()
    table = table.iloc[np.lexsort((height, panel.firms.get_indexer(table["firm_id"])))].reset_index(drop=True)
    text = ("firm_id", "rung", "rule_set", "status", "missing", "missing_en", "source")
    return table.astype(dict.fromkeys(text, "str"))
