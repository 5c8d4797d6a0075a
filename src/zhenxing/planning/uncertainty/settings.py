"""What may vary and how much: the parameters of the draws, with defaults that the user edits in a small file.

Every default is a starting point to be replaced by the town's own experience, not a fact.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd

from zhenxing.errors import Issue, SourceError
from zhenxing.i18n import say


@dataclass(frozen=True)
class Uncertainty:
    """Parameters of the draws; meanings, limits and labels stand in ``parameters.csv`` beside this module.

    Examples
    --------
    >>> Uncertainty().title_slip_one_year
    0.2
    """

    sampling: str = "latin"
    firm_common_share: float = 0.3
    title_common_share: float = 0.2
    land_price_common_share: float = 0.5
    public_cost_common_share: float = 0.0
    own_funds_common_share: float = 0.5
    title_slip_one_year: float = 0.2
    title_slip_two_years: float = 0.1
    land_price_sigma: float = 0.15
    public_cost_sigma: float = 0.1
    own_funds_sigma: float = 0.08
    arrears_rate: float = 0.3
    robust_share: float = 0.9


@cache
def parameters() -> dict[str, dict[str, str]]:
    """Return the declaration of every parameter by its name."""
    text = (files("zhenxing.planning.uncertainty") / "parameters.csv").read_text(encoding="utf-8")
    return {row["parameter"]: row for row in csv.DictReader(text.splitlines())}


def parameter_table(settings: Uncertainty) -> pd.DataFrame:
    """Return the parameters as the table that a user edits and gives back with ``--uncertainty``."""
    values = asdict(settings)
    rows = [
        {
            "parameter": name,
            "value": values[name],
            **{key: row[key] for key in ("default", "zh", "en", "meaning_zh", "meaning_en")},
        }
        for name, row in parameters().items()
    ]
    return pd.DataFrame(rows)


def read_uncertainty(path: Path) -> Uncertainty:
    """Read parameters from a CSV file (columns parameter, value) or a TOML file (a table ``[uncertainty]``).

    Parameters that the file leaves out, and cells left empty, keep their defaults.

    Raises
    ------
    SourceError
        The file cannot be read, or a parameter is unknown, repeated, of the wrong kind or out of range.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        given = _from_toml(text) if path.suffix.lower() == ".toml" else _from_csv(text, path)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, csv.Error) as fault:
        raise SourceError(say("scenarios.unreadable_parameters", path=path)) from fault
    return parse_uncertainty(given, str(path))


def parse_uncertainty(given: Mapping[str, Any], source: str = "uncertainty") -> Uncertainty:
    """Return checked parameters; all faults are named at once.

    Raises
    ------
    SourceError
        A parameter is unknown, of the wrong kind or out of range.
    """
    issues: list[Issue] = []
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in parameters():
            known = "、".join(parameters())
            issues.append(_issue(name, "unknown_parameter", name=name, known=known))
            continue
        parsed = _parse(parameters()[name], value)
        if parsed is None:
            row = parameters()[name]
            allowed = row["choices"].replace(";", " / ") or f"{row['minimum']} … {row['maximum']}"
            issues.append(_issue(name, "bad_parameter", name=name, value=value, allowed=allowed))
        else:
            values[name] = parsed
    settings = Uncertainty(**values)
    if settings.title_slip_one_year + settings.title_slip_two_years > 1 + 1e-12:
        issues.append(_issue("title_slip_one_year", "slips_above_one"))
    if issues:
        raise SourceError(say("scenarios.bad_parameters", path=source, count=len(issues)), issues)
    return settings


def _parse(row: Mapping[str, str], value: object) -> object | None:
    if row["choices"]:
        return value if value in row["choices"].split(";") else None
    if isinstance(value, bool):
        return None
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if float(row["minimum"]) <= number <= float(row["maximum"]) else None


def _issue(column: str, entry: str, /, **values: object) -> Issue:
    return Issue("error", entry, say(f"scenarios.{entry}", **values), table="uncertainty", column=column)


def _from_toml(text: str) -> dict[str, Any]:
    content = tomllib.loads(text)
    inner = content.get("uncertainty", content)
    return dict(inner) if isinstance(inner, dict) else {"uncertainty": inner}


def _from_csv(text: str, path: Path) -> dict[str, Any]:
    reader = csv.DictReader(text.splitlines())
    if reader.fieldnames is None or not {"parameter", "value"} <= set(reader.fieldnames):
        raise SourceError(say("scenarios.parameter_header", path=path))
    found: dict[str, Any] = {}
    repeated = []
    for row in reader:
        name, value = (row["parameter"] or "").strip(), (row["value"] or "").strip()
        if not name or not value:
            continue
        if name in found:
            repeated.append(_issue(name, "repeated_parameter", name=name))
        found[name] = value
    if repeated:
        raise SourceError(say("scenarios.bad_parameters", path=path, count=len(repeated)), repeated)
    return found
