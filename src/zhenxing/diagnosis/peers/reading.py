"""The tables of the comparison as clean typed frames; what cannot be read is said, never guessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from zhenxing.diagnosis.peers.settings import PeerSettings
from zhenxing.errors import InputError, Issue
from zhenxing.i18n import name_rows, say
from zhenxing.units import AREA_TO_MU, MONEY_TO_WAN

PEOPLE: Final = {"人": 1.0, "people": 1.0, "千人": 1e3, "万人": 1e4}
RATIO_MARKS: Final = ("%", "％", "‰", "/", "每", "per ", "share", "ratio", "比", "位", "名", "rank")
LONG_CODE, SHORT_CODE = 12, 9


def need(frame: pd.DataFrame, table: str, columns: Sequence[str]) -> None:
    """Raise an InputError when columns are absent from a table; a frame without any column is an empty table."""
    if not len(frame.columns) and not len(frame):
        return
    absent = [column for column in columns if column not in frame.columns]
    if absent:
        raise InputError(
            say(
                "diagnosis_peers.no_column",
                table=table,
                absent=", ".join(absent),
                given=", ".join(map(str, frame.columns)) or "-",
            )
        )


def text(frame: pd.DataFrame, column: str) -> pd.Series:
    """Return a column as plain text, empty where it is missing or absent."""
    if column not in frame.columns:
        return pd.Series("", index=frame.index, dtype=object)
    # a label stands in many rows: each is cleaned once
    codes, kinds = pd.factorize(frame[column])
    clean = np.array([*(str(kind).strip() for kind in kinds), ""], dtype=object)
    return pd.Series(clean[codes], index=frame.index)


def numbers(frame: pd.DataFrame, column: str, table: str) -> pd.Series:
    """Return a column as floats, NaN where it is missing; text that is no number is an InputError."""
    if column not in frame.columns:
        return pd.Series(float("nan"), index=frame.index, dtype=float)
    try:
        return pd.to_numeric(frame[column].astype(object).where(frame[column].notna(), None)).astype(float)
    except (TypeError, ValueError) as error:
        raise InputError(say("diagnosis_peers.not_numbers", table=table, column=column)) from error


def unique_keys(frame: pd.DataFrame, table: str, key: Sequence[str]) -> None:
    """Raise an InputError when two rows share a key: two figures for one thing count different things."""
    twice = frame.loc[frame.duplicated(list(key), keep=False), list(key)].drop_duplicates()
    if len(twice):
        rows = ["/".join(map(str, row)) for row in twice.itertuples(index=False, name=None)]
        raise InputError(say("diagnosis_peers.twice", table=table, key=", ".join(key), rows=name_rows(rows)))


def same_town(ids: pd.Series, town_id: str) -> str:
    """Return the id under which the town stands in a column of ids: as given, or its 9-digit code for a 12-digit one.

    Examples
    --------
    >>> same_town(pd.Series(["442000105"]), "442000105000")
    '442000105'
    """
    short = town_id[:SHORT_CODE] if len(town_id) == LONG_CODE and town_id.endswith("000") else town_id
    known = set(ids.unique())
    return next((one for one in (town_id, short) if one in known), town_id)


def unit_factor(unit: str, wanted: str) -> float | None:
    """Return what a figure in one unit is multiplied with to be in another; None when they do not measure the same.

    Examples
    --------
    >>> unit_factor("万元", "亿元")
    0.0001
    """
    if not unit or not wanted or unit == wanted:
        return 1.0
    for known in (MONEY_TO_WAN, AREA_TO_MU):
        if unit in known and wanted in known:
            return float(known[unit] / known[wanted])
    if unit in PEOPLE and wanted in PEOPLE:
        return PEOPLE[unit] / PEOPLE[wanted]
    return None


@dataclass(frozen=True)
class Figures:
    """Figures of the town and its peers, typed and in one unit for each indicator.

    ``values`` has the columns peer_id, indicator, year, value, source, definition, unit_differs; ``peers`` is indexed
    by peer_id with name and kind; ``indicators`` by indicator with unit, direction, kind, name_zh, name_en and
    ``grows`` (with the town's size).
    """

    values: pd.DataFrame
    peers: pd.DataFrame
    indicators: pd.DataFrame
    town_id: str
    issues: tuple[Issue, ...]

    def name(self, peer_id: str) -> str:
        """Return what a town is called; its id where nobody said."""
        return str(self.peers["name"].get(peer_id, "")) or peer_id


def read_figures(
    peers: pd.DataFrame, peer_values: pd.DataFrame, indicators: pd.DataFrame, settings: PeerSettings
) -> Figures:
    """Return the tables of the comparison, typed, converted to one unit per indicator, with the findings on the way.

    Raises
    ------
    InputError
        When a column is absent, a figure is no number, or two rows stand for one peer, indicator and year.
    """
    need(peers, "peers", ["peer_id"])
    need(peer_values, "peer_values", ["peer_id", "indicator", "year", "value"])
    need(indicators, "indicators", ["indicator"])
    values = pd.DataFrame(
        {column: text(peer_values, column) for column in ("peer_id", "indicator", "source", "unit", "definition")}
    )
    values["year"] = numbers(peer_values, "year", "peer_values")
    values["value"] = numbers(peer_values, "value", "peer_values")
    known = values["value"].notna() & values["year"].notna() & values["value"].abs().lt(float("inf"))
    issues = _left_out("empty_value", values.loc[~known])
    values = values[known].astype({"year": int})
    if settings.year is not None:
        values = values[values["year"] <= settings.year]
    unique_keys(values, "peer_values", ["peer_id", "indicator", "year"])
    declared = _declared(indicators, values, settings)
    undeclared = sorted(set(values["indicator"]) - set(text(indicators, "indicator")))
    if undeclared:
        issues.append(_issue("undeclared", undeclared, "indicator"))
    values = _one_unit(values, declared)
    listed = pd.DataFrame({"peer_id": text(peers, "peer_id"), "name": text(peers, "name"), "kind": text(peers, "kind")})
    listed = listed.drop_duplicates("peer_id")
    strangers = sorted(set(values["peer_id"]) - set(listed["peer_id"]))
    listed = pd.concat([listed, pd.DataFrame({"peer_id": strangers, "name": "", "kind": ""})], ignore_index=True)
    return Figures(
        values.reset_index(drop=True),
        listed.set_index("peer_id"),
        declared,
        same_town(listed["peer_id"], settings.town_id),
        tuple(issues),
    )


def _declared(indicators: pd.DataFrame, values: pd.DataFrame, settings: PeerSettings) -> pd.DataFrame:
    columns = ("indicator", "unit", "direction", "kind", "name_zh", "name_en")
    declared = pd.DataFrame({column: text(indicators, column) for column in columns}).drop_duplicates("indicator")
    more = [one for one in dict.fromkeys(values["indicator"]) if one not in set(declared["indicator"])]
    declared = pd.concat([declared, pd.DataFrame({"indicator": more})], ignore_index=True).fillna("")
    declared["grows"] = [
        kind != "growth" and one not in settings.intensive and not any(mark in unit for mark in RATIO_MARKS)
        for one, kind, unit in zip(declared["indicator"], declared["kind"], declared["unit"], strict=True)
    ]
    return declared.set_index("indicator")


def _one_unit(values: pd.DataFrame, declared: pd.DataFrame) -> pd.DataFrame:
    units = values["indicator"].map(declared["unit"]).fillna("")
    factors = [unit_factor(own, wanted) for own, wanted in zip(values["unit"], units, strict=True)]
    values = values.assign(unit_differs=[factor is None for factor in factors])
    scale = pd.Series([1.0 if factor is None else factor for factor in factors], index=values.index, dtype=float)
    return values.assign(value=values["value"] * scale)


def _left_out(code: str, rows: pd.DataFrame) -> list[Issue]:
    names = [f"{peer}/{indicator}" for peer, indicator in zip(rows["peer_id"], rows["indicator"], strict=True)]
    return [_issue(code, names, "value")] if names else []


def _issue(code: str, rows: Sequence[str], column: str) -> Issue:
    sentence = say(f"diagnosis_peers.{code}", rows=name_rows(list(rows)))
    return Issue("warning", code, sentence, "peer_values", column, tuple(rows))
