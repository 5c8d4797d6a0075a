"""Output per mu (亩均论英雄): every firm scored by a dated scheme, graded within its list, the score taken apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from zhenxing.diagnosis.output_per_mu.land import land_of
from zhenxing.diagnosis.output_per_mu.lists import above_scale, divisions, lists_of, not_graded, tenures
from zhenxing.diagnosis.output_per_mu.ranking import grades, ranks
from zhenxing.diagnosis.output_per_mu.scheme import LISTS, Scheme, read_scheme
from zhenxing.diagnosis.output_per_mu.scoring import column_of, unit_points, values_of
from zhenxing.diagnosis.output_per_mu.sensitivity import sensitivity
from zhenxing.errors import InputError, Issue, Text
from zhenxing.i18n import name_rows, say

OUTPUT_COLUMNS = [
    "firm_id", "year", "scheme", "list", "land_mu", "owned_mu", "rented_in_mu", "let_mu", "land_assumed",
    "tax_per_mu", "output_per_mu", "value_added_per_mu", "score", "rank", "list_size", "grade", "not_graded",
    "treated_as", "host_id",
]  # fmt: skip
PART_COLUMNS = ["firm_id", "indicator", "weight", "value", "base", "points", "capped", "reason", "assumed"]
SENSITIVITY_COLUMNS = [
    "firm_id", "list", "grade", "change_share", "better_share", "worse_share", "flip_indicator", "flip_points",
    "flip_grade", "flip_exact",
]  # fmt: skip
# below this many firms the last five per cent of a list are less than one firm
_SHORT_LIST = 20


@dataclass(frozen=True)
class GradeSettings:
    """Settings of a grading.

    Parameters
    ----------
    year : int, optional
        Year of the figures; the latest in ``firm_years`` by default.
    lists : tuple of str, optional
        Lists to grade in the place of the scheme's own.
    recorded_land : {"owned", "used"}
        Whether ``land_mu`` of a year is the land a firm owns, or already the land it uses.
    draws : int
        Draws of weights for the sensitivity.
    spread : float
        Each drawn weight is the scheme's times a number within ``1 ± spread``.
    seed : int
        Seed of the draws.
    """

    year: int | None = None
    lists: tuple[str, ...] | None = None
    recorded_land: Literal["owned", "used"] = "owned"
    draws: int = 1000
    spread: float = 0.2
    seed: int = 0


@dataclass(frozen=True)
class OutputPerMu:
    """Grades, the parts of each score, how the grade answers to the weights, and what was found in the data."""

    output_per_mu: pd.DataFrame
    parts: pd.DataFrame
    sensitivity: pd.DataFrame
    issues: tuple[Issue, ...]


def grade(
    *,
    firms: pd.DataFrame,
    firm_years: pd.DataFrame,
    parcels: pd.DataFrame | None = None,
    scheme: str | Scheme = "huangyan",
    adjustments: pd.DataFrame | None = None,
    settings: GradeSettings | None = None,
) -> OutputPerMu:
    """Return every firm's score and grade by output per mu.

    ``score = Σ_i w_i · min(cap_i, max(0, x_i / b_i)) + bonus − penalty`` over the indicators x_i of the firm's list
    with base b_i and weight w_i, the weights adding up to 100. Within a list a firm of rank r (1 is best, ties share
    the better rank) among n is A when ``r/n`` is at most the first cut, and so on. A value that cannot be computed, a
    negative one and one over a zero denominator count 0 (a blank one the mean of the firm's division where the scheme
    says so); nothing is divided by missing land, such a firm is not graded and named.

    Parameters
    ----------
    firms : DataFrame
        ``firm_id``; where known ``parcel_id``, ``industry_code``, ``founded``, ``above_scale``.
    firm_years : DataFrame
        ``firm_id``, ``year`` and the figures: ``tax_wan``, ``value_added_wan``, ``revenue_wan``, ``main_revenue_wan``,
        ``output_wan``, ``employees``, ``rd_wan``, ``energy_tce``, ``electricity_mwh``, ``emission_eq``, ``land_mu``
        (land of the firm's own), ``rented_floor_m2``, ``register_state``; optionally ``rented_in_mu``, ``let_mu``.
    parcels : DataFrame, optional
        ``parcel_id``, ``area_registered_mu``, ``floor_m2``: plot ratios that turn rented floor into land; ``tenure``.
    scheme : str or Scheme
        A preset (``p1``, ``p2``, ``p3``, ``huangyan``) or a scheme of one's own.
    adjustments : DataFrame, optional
        ``firm_id``, ``points``: bonus (above 0) or penalty (below 0); several rows of a firm add up.
    settings : GradeSettings, optional
        Year, lists, and the draws of the sensitivity.

    Returns
    -------
    OutputPerMu
        Tables ``output_per_mu`` (one row a firm), ``parts`` (one row a graded firm and indicator, points adding up to
        the score), ``sensitivity`` (one row a graded firm) and issues.

    Raises
    ------
    InputError
        When a column is missing, a firm has two rows in the year, weights do not add up to 100, or no year is given.

    References
    ----------
    Huangyan (Taizhou), notice of 2023 for 2022; Zhejiang 浙政发〔2018〕5号. Every value of a preset with its source:
    ``rules/data/output_per_mu``.

    Examples
    --------
    One firm below scale at exactly the published bases has 100 points.

    >>> firms = pd.DataFrame({"firm_id": ["F1"]})
    >>> year = pd.DataFrame(
    ...     {"firm_id": ["F1"], "year": [2022], "tax_wan": [57.966], "land_mu": [5.0], "electricity_mwh": [2464.54]}
    ... )
    >>> grade(firms=firms, firm_years=year).output_per_mu[["list", "score"]].round(2).values.tolist()
    [['below_scale', 100.0]]
    """
    chosen = read_scheme(scheme) if isinstance(scheme, str) else scheme
    setting = settings or GradeSettings()
    _check(firms, firm_years, adjustments, setting)
    year = _year(firm_years, setting.year)
    figures = firm_years[firm_years["year"] == year]
    _refuse_repeats(figures, "firm_years")
    frame, above = _frame(firms, figures, parcels, chosen, setting, year)
    extra = _extra(adjustments, frame.index)
    parts, sensitive = [], []
    for firm_list in LISTS:
        members = frame.index[(frame["list"] == firm_list) & (frame["not_graded"] == "")]
        if not len(members):
            continue
        part, response = _grade_list(frame, members, firm_list, chosen, extra, setting)
        parts.append(part)
        sensitive.append(response)
    if chosen.tenant_rule == "host":
        _take_host_grades(frame)
    table = frame.reset_index()
    return OutputPerMu(
        table[OUTPUT_COLUMNS],
        _joined(parts, PART_COLUMNS),
        _joined(sensitive, SENSITIVITY_COLUMNS),
        (*_strangers(frame, figures, extra_of=adjustments), *_issues(frame, above, chosen, year)),
    )


def _frame(
    firms: pd.DataFrame,
    figures: pd.DataFrame,
    parcels: pd.DataFrame | None,
    scheme: Scheme,
    setting: GradeSettings,
    year: int,
) -> tuple[pd.DataFrame, pd.Series]:
    """Return one row a firm: figures of the year, land, list, indicators, and why it is not graded."""
    ids = pd.Index(firms["firm_id"], name="firm_id")
    land = land_of(firms, figures, parcels, scheme.default_far, setting.recorded_land)
    year_of = figures.set_index("firm_id").reindex(ids)
    base = year_of.drop(columns=[name for name in land.columns if name in year_of.columns] + ["year"])
    frame = base.join(land)
    rented = pd.to_numeric(frame["rented_floor_m2"], errors="coerce") if "rented_floor_m2" in frame else None
    rented = pd.Series(math.nan, index=ids) if rented is None else rented.astype(float)
    above = above_scale(firms, figures)
    frame["list"] = lists_of(land, rented, above, scheme)
    has_year = pd.Series(ids.isin(figures["firm_id"]), index=ids)
    lists = setting.lists if setting.lists is not None else scheme.lists
    tenure = tenures(firms, parcels)
    frame["not_graded"] = not_graded(firms, has_year, land, frame["list"], rented, scheme, lists, year, tenure)
    frame = frame.join(values_of(frame))
    frame["division"] = divisions(firms)
    untreated = frame["not_graded"].isin(["start_up", "excluded_industry"])
    return frame.assign(
        year=year,
        scheme=scheme.id,
        land_assumed=frame["far_assumed"],
        score=math.nan,
        rank=pd.array([pd.NA] * len(frame), dtype="Int64"),
        list_size=pd.array([pd.NA] * len(frame), dtype="Int64"),
        grade="",
        treated_as=np.where(untreated, scheme.treated_as, ""),
    ), above


def _grade_list(
    frame: pd.DataFrame,
    members: pd.Index,
    firm_list: str,
    scheme: Scheme,
    extra: pd.Series,
    setting: GradeSettings,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score and grade the firms of one list in place; return the parts of the scores and the sensitivity."""
    rows = frame.loc[members]
    weighted = scheme.of(firm_list)
    parts = []
    for each in weighted:
        found, base = unit_points(rows, rows, each, rows["division"])
        parts.append(
            found.assign(
                indicator=each.indicator,
                weight=each.weight,
                base=base,
                points=found["unit"] * each.weight,
                assumed=_assumed(scheme, firm_list, each.indicator),
            )
        )
    units = np.column_stack([part["unit"].to_numpy(dtype=np.float64) for part in parts])
    weights = np.array([each.weight for each in weighted])
    bonus = extra.loc[members].to_numpy(dtype=np.float64)
    scores = units @ weights + bonus
    frame.loc[members, "score"] = scores
    frame.loc[members, "rank"] = ranks(scores)
    frame.loc[members, "list_size"] = len(members)
    frame.loc[members, "grade"] = grades(scores, scheme.cuts)
    if bonus.any():
        adjusted = pd.DataFrame({"value": bonus, "points": bonus}, index=members)[bonus != 0]
        parts.append(adjusted.assign(indicator="adjustment", capped=False, reason="", assumed=""))
    response = sensitivity(
        units,
        weights,
        bonus,
        scheme.cuts,
        [each.indicator for each in weighted],
        draws=setting.draws,
        spread=setting.spread,
        seed=setting.seed,
    )
    response.insert(0, "firm_id", members.to_numpy())
    response.insert(1, "list", firm_list)
    response.insert(2, "grade", frame.loc[members, "grade"].to_numpy())
    joined = pd.concat([part.reset_index() for part in parts], ignore_index=True)
    return joined.sort_values("firm_id", kind="stable"), response


def _assumed(scheme: Scheme, firm_list: str, indicator: str) -> str:
    """Return which values of an indicator are assumptions, joined by semicolons."""
    own = firm_list if scheme.indicators.get(firm_list) else "below_scale"
    start = f"{own}.{indicator}."
    return ";".join(name.removeprefix(start) for name in scheme.assumed if name.startswith(start))


def _take_host_grades(frame: pd.DataFrame) -> None:
    hosted = frame.index[(frame["not_graded"] == "host") & frame["host_id"].notna()]
    frame.loc[hosted, "grade"] = frame["grade"].reindex(frame.loc[hosted, "host_id"]).fillna("").to_numpy()


def _joined(frames: Sequence[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    if not frames:
        return pd.DataFrame(columns=columns)
    return pd.concat(frames, ignore_index=True)[columns]


def _extra(adjustments: pd.DataFrame | None, ids: pd.Index) -> pd.Series:
    if adjustments is None:
        return pd.Series(0.0, index=ids)
    points = pd.to_numeric(adjustments["points"], errors="coerce").fillna(0.0)
    return points.groupby(adjustments["firm_id"]).sum().reindex(ids).fillna(0.0)


def _check(
    firms: pd.DataFrame, firm_years: pd.DataFrame, adjustments: pd.DataFrame | None, setting: GradeSettings
) -> None:
    needed = {"firms": (firms, ["firm_id"]), "firm_years": (firm_years, ["firm_id", "year"])}
    if adjustments is not None:
        needed["adjustments"] = (adjustments, ["firm_id", "points"])
    for table, (frame, columns) in needed.items():
        lacking = [column for column in columns if column not in frame.columns]
        if lacking:
            raise InputError(say("diagnosis_output_per_mu.no_column", table=table, columns=", ".join(lacking)))
    _refuse_repeats(firms, "firms")
    unknown = [name for name in setting.lists or () if name not in LISTS]
    faults = [
        ("lists", ";".join(unknown), bool(unknown), Text("、".join(LISTS), ", ".join(LISTS))),
        (
            "recorded_land",
            setting.recorded_land,
            setting.recorded_land not in ("owned", "used"),
            Text("owned 或 used", "owned or used"),
        ),
        ("draws", setting.draws, setting.draws < 0, Text("不小于 0 的整数", "a whole number of at least 0")),
        ("spread", setting.spread, not 0 <= setting.spread < 1, Text("0 到 1（不含 1）", "from 0 to below 1")),
    ]
    for name, value, wrong, allowed in faults:
        if wrong:
            raise InputError(say("diagnosis_output_per_mu.bad_setting", name=name, value=value, allowed=allowed))


def _refuse_repeats(frame: pd.DataFrame, table: str) -> None:
    twice = frame.loc[frame["firm_id"].duplicated(), "firm_id"].astype(str).unique().tolist()
    if twice:
        text = say("diagnosis_output_per_mu.repeated", table=table, rows=name_rows(twice))
        raise InputError(text, [Issue("error", "repeated", text, table, "firm_id", tuple(twice))])


def _year(firm_years: pd.DataFrame, wanted: int | None) -> int:
    present = sorted({int(year) for year in firm_years["year"].dropna()})
    if not present:
        raise InputError(say("diagnosis_output_per_mu.no_years"))
    if wanted is not None and wanted not in present:
        known = name_rows([str(year) for year in present], 20)
        raise InputError(say("diagnosis_output_per_mu.no_such_year", year=wanted, known=known))
    return present[-1] if wanted is None else wanted


def _strangers(frame: pd.DataFrame, figures: pd.DataFrame, extra_of: pd.DataFrame | None) -> tuple[Issue, ...]:
    """Name the ids in the figures and the adjustments that the table of firms does not have; they are left out."""
    issues = []
    for table, given in (("firm_years", figures), ("adjustments", extra_of)):
        if given is None:
            continue
        unknown = tuple(str(each) for each in given["firm_id"].unique() if each not in frame.index)
        if unknown:
            text = say("diagnosis_output_per_mu.unknown_firm", table=table, rows=name_rows(unknown))
            issues.append(Issue("warning", "unknown_firm", text, table, "firm_id", unknown))
    return tuple(issues)


def _issues(frame: pd.DataFrame, above: pd.Series, scheme: Scheme, year: int) -> tuple[Issue, ...]:
    issues = []

    def tell(level: Literal["warning", "info"], code: str, ids: pd.Index, text: Text) -> None:
        issues.append(Issue(level, code, text, "firm_years", "", tuple(str(each) for each in ids)))

    found = frame["not_graded"]
    for code in ("no_land", "no_year"):
        ids = frame.index[found == code]
        if len(ids):
            named = name_rows([str(each) for each in ids])
            tell("warning", code, ids, say(f"diagnosis_output_per_mu.{code}", rows=named, count=len(ids), year=year))
    negative = frame.index[(found == "") & (column_of(frame, "value_added_wan") < 0)]
    unknown = frame.index[above.isna().to_numpy() & (found != "no_year").to_numpy()]
    for code, ids in (("negative_value_added", negative), ("above_scale_unknown", unknown)):
        if len(ids):
            named = name_rows([str(each) for each in ids])
            tell("info", code, ids, say(f"diagnosis_output_per_mu.{code}", rows=named, count=len(ids)))
    assumed = frame.index[frame["land_assumed"]]
    if len(assumed):
        text = say("diagnosis_output_per_mu.far_assumed", count=len(assumed), far=scheme.default_far)
        tell("info", "far_assumed", assumed, text)
    for firm_list in LISTS:
        ids = frame.index[(found == "") & (frame["list"] == firm_list)]
        if 0 < len(ids) < _SHORT_LIST:
            text = say("diagnosis_output_per_mu.short_list", list=firm_list, count=len(ids))
            tell("info", "short_list", ids, text)
    if scheme.assumed:
        text = say("diagnosis_output_per_mu.assumed", scheme=scheme.name, what=name_rows(list(scheme.assumed), 8))
        tell("info", "assumed", frame.index[:0], text)
    ends = scheme.valid_to[:4]
    if (scheme.valid_from and year < int(scheme.valid_from[:4])) or (ends and year >= int(ends)):
        text = say("diagnosis_output_per_mu.other_year", scheme=scheme.name, year=year)
        tell("info", "other_year", frame.index[:0], text)
    return tuple(issues)
