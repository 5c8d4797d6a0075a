"""A practice card applied to the plan's input: the changed tables, and what changed cell by cell."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from pydantic import ValidationError

from zhenxing import schema
from zhenxing.diagnosis.practices.cards import ASSUMED, Change, Level, Parameter, Practice
from zhenxing.errors import InputError, Issue, Text
from zhenxing.errors import Level as Severity
from zhenxing.i18n import say
from zhenxing.town import PlanSettings

SETTINGS: Final = "settings"
COLUMNS = [
    "practice_id", "table_name", "column_name", "row_id", "operation", "before", "after", "parameters", "provenance",
    "assumed", "source",
    "note", "note_en",
]  # fmt: skip


@dataclass(frozen=True)
class AppliedPractice:
    """The plan's input under a practice.

    Parameters
    ----------
    tables : dict of str to DataFrame
        All tables given, the changed ones as new frames; the frames given are not touched.
    settings : PlanSettings or None
        The plan's settings, changed where the card says so.
    changes : DataFrame
        Table ``practice_changes``: one row per cell that has another value than before.
    issues : tuple of Issue
        What could not be changed and which numbers are assumed.
    """

    tables: dict[str, pd.DataFrame]
    settings: PlanSettings | None
    changes: pd.DataFrame
    issues: tuple[Issue, ...]


def apply_practice(
    tables: Mapping[str, pd.DataFrame],
    card: Practice,
    *,
    settings: PlanSettings | None = None,
    parameters: Mapping[str, float] | None = None,
    level: Level = "base",
    on: dt.date | None = None,
) -> AppliedPractice:
    """Return the plan's input tables and settings as they would be under a neighbour's practice.

    An empty cell is taken at its declared default; one without a limit (``unlimited``) stays as it is. Results are
    kept within the declared bounds of the column, whole numbers are rounded.

    ================  =====================================================================
    operation         new value of x
    ================  =====================================================================
    set               a
    add               x + a
    multiply          x a
    at_least          max(x, a)
    at_most           min(x, a)
    share_kept        x (1 - b) / (1 - a): another takes the share b of a sum, no longer a
    without_part      x b / (a + b): of the parts a and b of a cost only b is left
    ================  =====================================================================

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Input tables of the plan (and ``modes``, where parameters are looked up).
    card : Practice
    settings : PlanSettings, optional
        The plan's settings; a card that changes them needs them.
    parameters : mapping of str to float, optional
        Numbers of one's own in place of the card's.
    level : {"low", "base", "high"}
        Which end of the parameters' ranges.
    on : date, optional
        The day asked about; a practice that was not in force then is applied all the same, and said so.

    Returns
    -------
    AppliedPractice

    Raises
    ------
    InputError
        When a parameter is unknown, has no value, or gives no number; when the card changes a column that is not
        declared.

    Examples
    --------
    >>> from zhenxing.diagnosis.practices import practice
    >>> budget = pd.DataFrame({"year": [2027], "clear_capacity_mu": [500.0], "title_capacity_mu": [220.0]})
    >>> applied = apply_practice({"budget": budget}, practice("huangpu-2023-pace"))
    >>> applied.tables["budget"]["clear_capacity_mu"].tolist()
    [1200.0]
    """
    numbers = _numbers(card, tables, parameters or {}, level)
    changed = dict(tables)
    rows: list[dict[str, object]] = []
    issues: list[Issue] = [*_assumptions(card, parameters or {}, tables)]
    if on is not None and not card.in_force(on):
        dates = {"valid_from": card.valid_from or "?", "valid_to": card.valid_to or "?"}
        issues.append(
            Issue("info", "not_in_force", say("diagnosis_practices.not_in_force", card=card.id, on=on, **dates))
        )
    for change in card.changes:
        used = [numbers[name] for name in change.uses]
        facts = _facts(card, change, used, parameters or {})
        if change.table == SETTINGS:
            settings, found = _change_settings(settings, change, used, card)
            rows += [facts | row for row in found]
            continue
        frame = changed.get(change.table)
        if frame is None or frame.empty:
            issues.append(_issue("empty_table", change.table, change.column, card=card.id))
            continue
        changed[change.table], found = _change_table(frame, change, used, card)
        if not found:
            issues.append(_issue("nothing_changed", change.table, change.column, card=card.id))
        rows += [facts | row for row in found]
    return AppliedPractice(changed, settings, pd.DataFrame(rows, columns=COLUMNS), tuple(issues))


def _numbers(
    card: Practice, tables: Mapping[str, pd.DataFrame], own: Mapping[str, float], level: Level
) -> dict[str, float]:
    unknown = sorted(set(own) - set(card.parameters))
    if unknown:
        known = ", ".join(card.parameters)
        raise InputError(
            say("diagnosis_practices.unknown_parameter", card=card.id, name=", ".join(unknown), known=known)
        )
    used = {name for change in card.changes for name in change.uses}
    numbers: dict[str, float] = {}
    for name in sorted(used):
        parameter = card.parameters[name]
        value = own.get(name, _looked_up(parameter, tables, level))
        value = parameter.at(level) if value is None else value
        if value is None or not math.isfinite(value):
            raise InputError(
                say("diagnosis_practices.no_value", card=card.id, name=name, what=parameter.text, unit=parameter.unit)
            )
        numbers[name] = float(value)
    return numbers


def _looked_up(parameter: Parameter, tables: Mapping[str, pd.DataFrame], level: Level) -> float | None:
    if parameter.lookup is None:
        return None
    frame = tables.get(str(parameter.lookup["table"]))
    columns = dict(parameter.lookup["columns"])
    column = columns["value"] if level == "base" else columns.get(level, columns["value"])
    if frame is None or frame.empty or column not in frame.columns:
        return None
    where = {name: tuple(values) for name, values in parameter.lookup["where"].items()}
    cells = pd.to_numeric(frame.loc[_selected(frame, where), column], errors="coerce").dropna()
    return float(cells.iloc[0]) if len(cells) else None


def _selected(frame: pd.DataFrame, where: Mapping[str, tuple[str, ...]]) -> pd.Series:
    chosen = pd.Series(True, index=frame.index)
    for column, values in where.items():
        if column not in frame.columns:
            return pd.Series(False, index=frame.index)
        cells = (
            frame[column].astype(object).map(lambda cell: str(cell).lower() if isinstance(cell, bool) else str(cell))
        )
        chosen &= cells.isin(values)
    return chosen


def operate(operation: str, before: float, used: list[float]) -> float:
    """Return the new value of a cell under an operation of a card; see ``apply_practice``.

    Raises
    ------
    InputError
        When a share of one or more leaves nothing, or the parts add up to nothing.

    Examples
    --------
    >>> operate("share_kept", 30.0, [0.5, 0.6])
    24.0
    """
    first = used[0]
    if operation == "share_kept":
        if not (0 <= first < 1 and 0 <= used[1] <= 1):
            raise InputError(say("diagnosis_practices.bad_share", given=", ".join(f"{one:g}" for one in used)))
        return before * (1 - used[1]) / (1 - first)
    if operation == "without_part":
        if min(used) < 0 or first + used[1] <= 0:
            raise InputError(say("diagnosis_practices.bad_parts", given=", ".join(f"{one:g}" for one in used)))
        return before * used[1] / (first + used[1])
    return {
        "set": first,
        "add": before + first,
        "multiply": before * first,
        "at_least": max(before, first),
        "at_most": min(before, first),
    }[operation]


def _change_table(
    frame: pd.DataFrame, change: Change, used: list[float], card: Practice
) -> tuple[pd.DataFrame, list[dict[str, object]]]:
    declared = schema.tables().get(change.table)
    column = declared.columns.get(change.column) if declared is not None else None
    if column is None or column.type not in ("number", "integer", "year"):
        raise InputError(
            say("diagnosis_practices.no_such_column", card=card.id, table=change.table, column=change.column)
        )
    present = frame[change.column] if change.column in frame.columns else pd.Series(pd.NA, index=frame.index)
    cells = pd.to_numeric(present.astype(object), errors="coerce").astype(float)
    default = _constant(column.default)
    before = cells.fillna(default) if default is not None else cells
    chosen = _selected(frame, change.where) & before.notna()
    after = before.copy()
    for place in before.index[chosen]:
        new = operate(change.operation, float(before[place]), used)
        new = float(math.floor(new + 0.5)) if column.type != "number" else new
        low = -math.inf if column.minimum is None else column.minimum
        high = math.inf if column.maximum is None else column.maximum
        after[place] = min(high, max(low, new))
    moved = chosen & (after != before)
    if not moved.any():
        return frame, []
    copy = frame.copy()
    whole = column.type != "number"
    merged = cells.where(~moved, after)
    copy[change.column] = merged.astype("Int64") if whole else merged
    names = schema.row_names(change.table, frame)
    rows = [
        {"row_id": name, "before": float(old), "after": float(new)}
        for name, old, new, is_moved in zip(names, before, after, moved, strict=True)
        if is_moved
    ]
    return copy, rows


def _constant(default: str) -> float | None:
    try:
        return float(default)
    except ValueError:
        return None


def _change_settings(
    settings: PlanSettings | None, change: Change, used: list[float], card: Practice
) -> tuple[PlanSettings, list[dict[str, object]]]:
    if settings is None:
        raise InputError(say("diagnosis_practices.no_settings", card=card.id, column=change.column))
    before = settings.model_dump().get(change.column)
    if not isinstance(before, (int, float)) or isinstance(before, bool):
        raise InputError(say("diagnosis_practices.no_such_column", card=card.id, table="[plan]", column=change.column))
    after: Any = operate(change.operation, float(before), used)
    after = round(after) if isinstance(before, int) else after
    if after == before:
        return settings, []
    try:
        new = PlanSettings.model_validate({**settings.model_dump(), change.column: after})
    except ValidationError as error:
        raise InputError(
            say("diagnosis_practices.bad_setting", card=card.id, column=change.column, value=f"{after:g}")
        ) from error
    return new, [{"row_id": "", "before": float(before), "after": float(after)}]


def _facts(card: Practice, change: Change, used: list[float], own: Mapping[str, float]) -> dict[str, object]:
    tags = {"user" if name in own else card.parameters[name].provenance for name in change.uses}
    return {
        "practice_id": card.id,
        "table_name": change.table,
        "column_name": change.column,
        "operation": change.operation,
        "parameters": ";".join(f"{name}={value:.6g}" for name, value in zip(change.uses, used, strict=True)),
        "provenance": ";".join(sorted(tags)),
        "assumed": bool(tags & ASSUMED),
        "source": ";".join(dict.fromkeys(card.parameters[name].source for name in change.uses)),
        "note": change.text.zh,
        "note_en": change.text.en,
    }


def _assumptions(card: Practice, own: Mapping[str, float], tables: Mapping[str, pd.DataFrame]) -> list[Issue]:
    used = dict.fromkeys(name for change in card.changes for name in change.uses)
    looked = {name for name in used if _looked_up(card.parameters[name], tables, "base") is not None}
    names = [name for name in used if name not in own and card.parameters[name].provenance in ASSUMED]
    if not names:
        return []
    what = [card.parameters[name].text for name in names]
    listed = Text("、".join(one.zh for one in what), ", ".join(one.en for one in what))
    from_town = ", ".join(sorted(looked & set(names))) or "-"
    sentence = say("diagnosis_practices.assumed", card=card.id, names=listed, looked=from_town)
    return [Issue("info", "assumed", sentence, rows=tuple(names))]


def _issue(code: str, table: str, column: str, severity: Severity = "warning", **values: object) -> Issue:
    sentence = say(f"diagnosis_practices.{code}", table=table, column=column, **values)
    return Issue(severity, code, sentence, table, column)
