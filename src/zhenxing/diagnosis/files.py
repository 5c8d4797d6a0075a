"""A diagnosis as a folder: one CSV per table, the findings, and summary.json, which is written last."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from zhenxing import schema
from zhenxing.errors import InputError, SourceError
from zhenxing.i18n import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from zhenxing.diagnosis.diagnosing import Diagnosis

SUMMARY: Final = "summary.json"
ISSUES: Final = "issues"
CLASHES: Final = "clashes"
PRACTICES: Final = ("practice_changes", "practice_effects")
# Input tables whose derived rows a diagnosis may hold.
DERIVED: Final = ("chain_rewards", "candidates", "placements", "candidate_uses", "links", "link_inputs", "peers")


@dataclass(frozen=True, eq=False)
class StoredDiagnosis:
    """A diagnosis read back from its folder: tables in their declared types, and the summary."""

    tables: Mapping[str, pd.DataFrame]
    summary: dict[str, Any] = field(default_factory=dict)


def write_diagnosis(
    found: Diagnosis, directory: str | Path, more: Mapping[str, pd.DataFrame] | None = None
) -> list[Path]:
    """Write a diagnosis into a folder whole; files of an older one are removed, others are left alone.

    Parameters
    ----------
    found : Diagnosis
        Result tables, derived input rows, findings, summary.
    directory : path
        The folder.
    more : mapping of str to DataFrame, optional
        Further tables, such as the clashes of ``--apply``.

    Raises
    ------
    InputError
        When the folder is a town: a result must not stand among its input.
    """
    import pandas as pd

    from zhenxing.store.text_tables import write_bytes, write_tables

    place = Path(directory)
    if (place / "town.toml").exists():
        raise InputError(say("diagnosis.out_is_a_town", path=place))
    records = [{**issue.record(), "rows": ";".join(issue.rows)} for issue in found.issues]
    issues = pd.DataFrame(records, columns=["level", "code", "table", "column", "rows", "zh", "en"])
    tables = {**found.inputs, **found.tables, **(more or {}), ISSUES: issues}
    older = _listed(place)
    (place / SUMMARY).unlink(missing_ok=True)
    for name in dict.fromkeys([*_names(), *older]):
        if name not in tables:
            (place / f"{name}.csv").unlink(missing_ok=True)
    written = write_tables(place, tables)
    try:
        text = json.dumps(found.summary, ensure_ascii=False, allow_nan=False, indent=1)
        write_bytes(place / SUMMARY, text.encode("utf-8"))
    except OSError as fault:
        raise SourceError(say("store.cannot_write", source=place, reason=fault.strerror)) from None
    return [*written, place / SUMMARY]


def read_diagnosis(directory: str | Path) -> StoredDiagnosis:
    """Read a diagnosis from its folder.

    Raises
    ------
    SourceError
        When the folder holds no complete diagnosis, or one of its tables cannot be read.
    """
    from zhenxing.store.text_tables import read_csv

    place = Path(directory)
    try:
        summary = dict(json.loads((place / SUMMARY).read_text(encoding="utf-8")))
    except (OSError, ValueError) as fault:
        raise SourceError(say("diagnosis.no_result", path=place)) from fault
    if summary.get("stage") != "diagnose":
        raise SourceError(say("diagnosis.no_result", path=place))
    tables: dict[str, pd.DataFrame] = {}
    for name in dict.fromkeys([*_names(), *_listed(place)]):
        file = place / f"{name}.csv"
        if file.is_file():
            raw = read_csv(file)[0]
            tables[name] = schema.conform(name, raw)[0] if name in schema.tables() else raw
    return StoredDiagnosis(tables, summary)


def _listed(place: Path) -> list[str]:
    """Return the tables that the summary in a folder counts; none when there is no summary of a diagnosis."""
    try:
        summary = json.loads((place / SUMMARY).read_text(encoding="utf-8"))
        return [str(name) for name in summary["counts"]] if summary["stage"] == "diagnose" else []
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _names() -> tuple[str, ...]:
    """Return the names that a diagnosis may write."""
    own = [name for name, table in schema.tables().items() if table.group == "diagnosis"]
    return tuple(dict.fromkeys([*own, *DERIVED, *PRACTICES, ISSUES, CLASHES]))
