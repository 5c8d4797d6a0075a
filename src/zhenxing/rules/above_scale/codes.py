"""The sectors of the register with their lines, and the sectors that an industry code can stand for."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Literal

import pandas as pd

from zhenxing.errors import Text
from zhenxing.rules.files import records
from zhenxing.rules.industry import industry_names

Kind = Literal["above_scale", "above_limit", "qualification"]
KINDS: tuple[Kind, ...] = ("above_scale", "above_limit", "qualification")

# Why a firm has no threshold; empty when it has one.
CODE_STATES = ("", "no_code", "no_edition", "other_edition", "unknown_code", "several_sectors", "outside", "no_rule")


@dataclass(frozen=True)
class Threshold:
    """One sector's line into the register.

    ``revenue_wan`` (wan yuan a year) is NaN where a qualification or an activity decides; ``column`` is then
    ``fact:`` and the name of the fact. ``assumed`` tells that the amount, or its validity on the day asked for,
    rests on memory instead of a source seen.
    """

    id: str
    sector: str
    kind: Kind
    revenue_wan: float
    column: str
    source: str
    provenance: str
    assumed: bool
    name: Text


@cache
def _rules() -> tuple[dict[str, str], ...]:
    return tuple(records("ladder/above_scale.csv"))


def in_force(rule: dict[str, str], on: dt.date) -> bool:
    """Say whether a dated rule row holds on a day; ``valid_to`` is the first day on which it no longer does.

    Examples
    --------
    >>> in_force({"valid_from": "2022-06-01", "valid_to": "2026-04-01"}, dt.date(2026, 4, 1))
    False
    """
    start, end = rule["valid_from"], rule["valid_to"]
    return (not start or dt.date.fromisoformat(start) <= on) and (not end or on < dt.date.fromisoformat(end))


def _threshold(rule: dict[str, str], on: dt.date) -> Threshold:
    kind: Kind = next(kind for kind in KINDS if kind == rule["kind"])
    before_source = bool(rule["seen"]) and on < dt.date.fromisoformat(rule["seen"]) and rule["dates_provenance"] == "M"
    return Threshold(
        rule["id"],
        rule["sector"],
        kind,
        float(rule["value"]) if rule["value"] else float("nan"),
        rule["column"],
        rule["source_url"],
        rule["provenance"],
        rule["provenance"] in ("M", "X") or before_source,
        Text(rule["zh"], rule["en"]),
    )


@cache
def sectors(on: dt.date) -> dict[str, Threshold]:
    """Return the lines of all sectors that are in force on a day, by sector.

    Examples
    --------
    >>> sectors(dt.date(2025, 12, 31))["retail"].revenue_wan
    500.0
    """
    return {rule["sector"]: _threshold(rule, on) for rule in _rules() if in_force(rule, on)}


@cache
def newest_source() -> dt.date:
    """Return the day of the newest source behind the lines.

    Examples
    --------
    >>> newest_source().isoformat()
    '2023-09-05'
    """
    return max(dt.date.fromisoformat(rule["seen"]) for rule in _rules() if rule["seen"])


def _plain(value: object) -> str:
    return "" if pd.isna(value) else unicodedata.normalize("NFKC", str(value)).strip().upper()  # type: ignore[call-overload]  # scalars only


def read_code(code: object, edition: object) -> tuple[str, str]:
    """Return (code of digits or section letter, state) of an industry code as written.

    State is empty for a code of the 2017 edition, else ``no_code``, ``no_edition``, ``other_edition`` (2011 and 2002
    digits mean other classes: they are never read as 2017) or ``unknown_code``.

    Examples
    --------
    >>> read_code("C3872", "2017")
    ('3872', '')
    >>> read_code("3972", "2002")
    ('', 'other_edition')
    """
    digits, year = _plain(code), _plain(edition)
    if not digits:
        return "", "no_code"
    if not year:
        return "", "no_edition"
    names = industry_names(year) if year == "2017" else None
    if names is None:
        return "", "other_edition"
    if len(digits) > 1 and digits[0].isalpha():
        letter, digits = digits[0], digits[1:]
        if digits in names and _section(digits) != letter:
            return "", "unknown_code"
    return (digits, "") if digits in names else ("", "unknown_code")


@cache
def _sections() -> dict[str, str]:
    return {row["code"]: row["section"] for row in records("industry_2017.csv")}


def _section(code: str) -> str:
    return _sections()[code]


@cache
def _plausible(code: str, on: dt.date) -> tuple[tuple[str, ...], str]:
    """Return the sectors that a 2017 code can stand for, and why there is not exactly one."""
    if code.isalpha():
        leaves = [leaf for leaf, section in _sections().items() if section == code and len(leaf) == 4]
    else:
        leaves = [leaf for leaf in _sections() if len(leaf) == 4 and leaf.startswith(code)]
    found: dict[str, None] = {}
    covered = ever = 0
    for leaf in leaves:
        hits = [rule for rule in _rules() if any(leaf.startswith(prefix) for prefix in rule["codes"].split(";"))]
        ever += bool(hits)
        now = [rule["sector"] for rule in hits if in_force(rule, on)]
        covered += bool(now)
        found.update(dict.fromkeys(now))
    if not found:
        return (), "no_rule" if ever else "outside"
    return tuple(found), "" if len(found) == 1 and covered == len(leaves) else "several_sectors"


def sectors_of(code: object, edition: object, on: dt.date) -> tuple[tuple[str, ...], str]:
    """Return the plausible sectors of an industry code and a state (one of ``CODE_STATES``).

    A class (four digits) has one sector; a letter or division may cover several.

    Examples
    --------
    >>> sectors_of("F", "2017", dt.date(2025, 12, 31))
    (('wholesale', 'retail'), 'several_sectors')
    """
    digits, state = read_code(code, edition)
    return ((), state) if state else _plausible(digits, on)


def threshold_of(industry_code: object, edition: object, on: dt.date) -> Threshold | None:
    """Return the line of a firm's sector on a day, or ``None`` when the code does not decide it.

    Parameters
    ----------
    industry_code, edition : str
        Code of GB/T 4754 as written (``3872``, ``C3872``, ``38``) and the year of its edition (``2017``).
    on : date
        Day of judgement.

    Notes
    -----
    Amounts: wan yuan of the column named, a year. Sources stand in each row of ``data/ladder/above_scale.csv``.

    Examples
    --------
    >>> line = threshold_of("3872", "2017", dt.date(2025, 12, 31))
    >>> (line.sector, line.kind, line.revenue_wan, line.column)
    ('industry', 'above_scale', 2000.0, 'main_revenue_wan')
    >>> threshold_of("3872", "2011", dt.date(2025, 12, 31)) is None
    True
    """
    plausible, state = sectors_of(industry_code, edition, on)
    return None if state else sectors(on)[plausible[0]]
