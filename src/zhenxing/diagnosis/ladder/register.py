"""The rung of the statistical register: held, met, missed or unknown, and what is missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing.diagnosis.ladder.settings import LadderSettings
from zhenxing.diagnosis.ladder.standing import lines_of_year
from zhenxing.diagnosis.ladder.words import figure
from zhenxing.errors import Text
from zhenxing.i18n import say
from zhenxing.rules.above_scale import nearest, sectors
from zhenxing.rules.ladder.judgement import compare
from zhenxing.rules.ladder.panel import Panel

RUNG = "above_scale"
# A qualification or activity on file counts for as many years.
FACT_YEARS = 5


@dataclass(frozen=True)
class RegisterRung:
    """Status and texts per firm (in the panel's order), and one row per firm and plausible line."""

    status: npt.NDArray[np.object_]
    missing_zh: npt.NDArray[np.object_]
    missing_en: npt.NDArray[np.object_]
    assumed: npt.NDArray[np.bool_]
    source: npt.NDArray[np.object_]
    lines: pd.DataFrame


def _held(firms: pd.DataFrame, state: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    flagged = firms.get("above_scale", pd.Series(pd.NA, index=firms.index)).astype("boolean").fillna(False)
    return np.asarray((state == "in_register") | ((state == "") & flagged.to_numpy(dtype=bool)), dtype=bool)


def _judged(lines: pd.DataFrame, panel: Panel) -> pd.DataFrame:
    place = panel.firms.get_indexer(lines["firm_id"].astype(object))
    value = lines["revenue_wan"].to_numpy(dtype=np.float64).copy()
    needed = lines["threshold_wan"].to_numpy(dtype=np.float64).copy()
    for column in lines["column"].dropna().unique():
        if str(column).startswith("fact:"):
            rows = (lines["column"] == column).to_numpy(dtype=bool)
            value[rows] = panel.fact(str(column)[5:], panel.year, FACT_YEARS)[place[rows]]
            needed[rows] = 1.0
    truth = np.zeros(len(lines), dtype=np.int8)
    for bound in np.unique(needed[~np.isnan(needed)]):
        rows = needed == bound
        truth[rows] = compare(value[rows], "at_least", float(bound))
    short = np.where(truth > 0, 0.0, np.where(truth < 0, np.maximum(needed - value, 0.0), np.nan))
    return lines.assign(place=place, value=value, needed=needed, truth=truth, short_by_wan=short)


def judge_register(
    firms: pd.DataFrame,
    rows: pd.DataFrame,
    panel: Panel,
    firm_links: pd.DataFrame | None,
    settings: LadderSettings,
) -> RegisterRung:
    """Judge every firm against its plausible lines into the register; ``rows`` are the firm years of the year judged.

    A firm is met when it passes all its plausible lines, missed when it passes none, unknown when that depends on which
    activity earns most or when figures or the sector are missing; held when the register says so.

    Examples
    --------
    >>> firms = pd.DataFrame({"firm_id": ["a"], "industry_code": ["3872"], "industry_edition": ["2017"]})
    >>> years = pd.DataFrame({"firm_id": ["a"], "year": [2025], "main_revenue_wan": [2000.0]})
    >>> judge_register(firms, years, Panel(firms, years, None, 2025), None, LadderSettings()).status.tolist()
    ['met']
    """
    on = settings.day(panel.year)
    lines = _judged(lines_of_year(firms, rows, on, firm_links, settings), panel)
    best = nearest(lines).set_index("firm_id").reindex(firms["firm_id"])
    truth = lines.assign(truth=lines["truth"].where(lines["sector"].notna(), 0)).groupby("place")["truth"]
    low, high = truth.min().to_numpy(), truth.max().to_numpy()
    joint = np.where(low == high, low, 0)
    state = rows.set_index("firm_id").reindex(firms["firm_id"]).get("register_state")
    recorded = [None] * len(firms) if state is None else list(state)
    stated = ["" if pd.isna(one) else str(one) for one in recorded]
    held = _held(firms, np.array(stated, dtype=object))
    status = np.array(["missed", "unknown", "met"], dtype=object)[joint + 1]
    status[held] = "held"
    zh, en = _texts(lines, best, status, joint, (low != high) & (high > 0), stated, on)
    assumed = best["assumed"].fillna(False).to_numpy(dtype=bool) | best["stand_in"].fillna(False).to_numpy(dtype=bool)
    return RegisterRung(status, zh, en, assumed, best["source"].fillna("").to_numpy(dtype=object), lines)


Line = Mapping[Hashable, Any]


def _by_fact(line: Line) -> bool:
    return str(line["column"]).startswith("fact:")


def _line_text(line: Line, name: Text) -> Text:
    title = say("diagnosis_ladder.above_scale_name", sector=name)
    if _by_fact(line):
        return say("diagnosis_ladder.flag_missed" if line["truth"] < 0 else "diagnosis_ladder.no_figure", name=name)
    if np.isnan(line["value"]):
        return say("diagnosis_ladder.no_figure", name=title)
    has, bound, short = (figure(line[key], "wan") for key in ("value", "needed", "short_by_wan"))
    at_least = say("diagnosis_ladder.at_least")
    return Text(
        f"{title.zh}：{has.zh}，须{at_least.zh} {bound.zh}，差 {short.zh}",
        f"{title.en}: {has.en}, needs {at_least.en} {bound.en}, {short.en} short",
    )


def _met(line: Line, state: str) -> Text:
    if state == "filed":
        return say("diagnosis_ladder.filed")
    if _by_fact(line):
        return say("diagnosis_ladder.qualified")
    return say("diagnosis_ladder.eligible" if state else "diagnosis_ladder.eligible_unrecorded")


def _held_text(line: Line, joint: int) -> Text:
    if joint >= 0 or _by_fact(line):
        return Text("", "")
    value, bound, short = (f"{round(line[key], 2):.12g}" for key in ("value", "needed", "short_by_wan"))
    return say("diagnosis_ladder.may_leave", value=value, line=bound, short=short)


def _which_activity(lines: list[Line], names: Mapping[str, Text]) -> Text:
    passed = say("diagnosis_ladder.line_passed")
    each = []
    for line in lines:
        name = names[line["sector"]]
        done = Text(name.zh + passed.zh, f"{name.en} {passed.en}")
        each.append(done if line["truth"] > 0 else _line_text(line, name))
    both = Text(" / ".join(text.zh for text in each), " / ".join(text.en for text in each))
    return say("diagnosis_ladder.which_activity", sectors=both)


def _texts(
    lines: pd.DataFrame,
    best: pd.DataFrame,
    status: npt.NDArray[np.object_],
    joint: npt.NDArray[np.int8],
    mixed: npt.NDArray[np.bool_],
    state: list[str],
    on: dt.date,
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    names = {sector: line.name for sector, line in sectors(on).items()}
    several: dict[int, list[Line]] = {}
    for line in lines[lines["place"].isin(np.flatnonzero(mixed))].to_dict("records"):
        several.setdefault(int(line["place"]), []).append(line)
    texts = []
    for place, line in enumerate(best.to_dict("records")):
        if status[place] == "held":
            texts.append(_held_text(line, int(joint[place])))
        elif pd.isna(line["sector"]):
            reason = say(f"diagnosis_ladder.reason_{line['code_state']}")
            texts.append(say("diagnosis_ladder.sector_unknown", reason=reason))
        elif status[place] == "met":
            texts.append(_met(line, state[place]))
        elif place in several:
            texts.append(_which_activity(several[place], names))
        else:
            texts.append(_line_text(line, names[line["sector"]]))
    return np.array([text.zh for text in texts], dtype=object), np.array([text.en for text in texts], dtype=object)
