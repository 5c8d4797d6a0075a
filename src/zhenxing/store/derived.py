"""Merge the input rows that a stage derived into a town: what people gave stays, what the stage gave before goes.

A derived row is known by its row in the table ``provenance`` (note ``derived:<stage>``), which also keeps a
fingerprint of what the stage wrote: a row that somebody has changed since then counts as theirs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

import pandas as pd

from zhenxing import schema
from zhenxing.errors import SchemaError
from zhenxing.i18n import say
from zhenxing.store.changes import row_ids
from zhenxing.store.text_tables import GEOMETRY, cells
from zhenxing.town import Town

PROVENANCE: Final = "provenance"
CLASH_COLUMNS: Final = ("table", "row_id", "column", "given", "derived")
# Rows that only make sense together: a person's segments of a link are not mixed with derived ones.
TOGETHER: Final[Mapping[str, str]] = {"chain_rewards": "link_id", "utility_steps": "park_id"}


def note_of(stage: str) -> str:
    """Return the provenance note of rows that a stage derived.

    Examples
    --------
    >>> note_of("diagnose")
    'derived:diagnose'
    """
    return f"derived:{stage}"


def apply_derived(
    town: Town, stage: str, tables: Mapping[str, pd.DataFrame], *, as_of: str = ""
) -> tuple[Town, pd.DataFrame]:
    """Merge derived input tables into a town and list where a person's rows stood in the way.

    Rows of an earlier run of the same stage are replaced, in the tables given only. Rows that a person gave stay, also
    rows that the stage derived once and somebody has changed since.

    Parameters
    ----------
    town : Town
        The town; it is not changed.
    stage : str
        Name of the stage, for example ``diagnose``.
    tables : mapping of str to DataFrame
        Derived rows by input table; an empty table removes the rows of the earlier run.
    as_of : str
        Date of the derivation (ISO), kept in the provenance.

    Returns
    -------
    Town, DataFrame
        The town with the rows; table, row_id, column, given and derived for each cell of a derived row that was not
        taken because the row is a person's (column empty: the row as a whole, together with others).

    Raises
    ------
    SchemaError
        When a derived table breaks its declaration, or is none of the town's input tables.

    Examples
    --------
    >>> from zhenxing.town import Settings
    >>> own = pd.DataFrame({"link_id": ["A"], "segment": [1], "output_wan": [5.0], "reward_per_output": [0.1]})
    >>> town = Town(Settings(), {"chain_rewards": schema.conform("chain_rewards", own)[0]})
    >>> found = pd.DataFrame(
    ...     {"link_id": ["A", "B"], "segment": [1, 1], "output_wan": [9.0, 7.0], "reward_per_output": 0.02}
    ... )
    >>> after, clashes = apply_derived(town, "diagnose", {"chain_rewards": found})
    >>> after["chain_rewards"]["output_wan"].tolist(), clashes["row_id"].unique().tolist()
    ([5.0, 7.0], ['A/1'])
    """
    provenance = _whole(town[PROVENANCE])
    changed: dict[str, pd.DataFrame] = {}
    clashes: list[pd.DataFrame] = []
    notes: list[pd.DataFrame] = []
    dropped = pd.Series(False, index=provenance.index)
    for name, raw in tables.items():
        fresh = _typed(name, raw)
        held = town[name]
        earlier = _earlier(provenance, name, stage)
        ids = row_ids(name, held)
        ours = ids.isin(earlier.index) & ~_touched(held, ids, earlier, provenance, name, stage)
        theirs = held[~ours]
        fresh_ids = row_ids(name, fresh)
        stands = _stands(name, theirs, ids[~ours], fresh, fresh_ids)
        clashes.append(_differences(name, theirs, ids[~ours], fresh[stands], fresh_ids[stands]))
        taken = fresh[~stands]
        changed[name] = _joined(theirs, taken)
        dropped |= _is_of(provenance, name, stage)
        notes.append(_notes(name, fresh_ids[~stands], taken, stage, as_of))
    merged = _joined(provenance[~dropped], pd.concat(notes, ignore_index=True)) if notes else provenance
    if len(merged) or PROVENANCE in town:
        changed[PROVENANCE] = schema.conform(PROVENANCE, merged)[0]
    listed = pd.concat(clashes, ignore_index=True) if clashes else pd.DataFrame(columns=list(CLASH_COLUMNS))
    return town.replace(**{k: v for k, v in changed.items() if len(v) or k in town}), listed


def _whole(provenance: pd.DataFrame) -> pd.DataFrame:
    """Return the provenance with all its declared columns: a town written by hand may lack some."""
    declared = list(schema.table(PROVENANCE).columns)
    further = [column for column in provenance.columns if column not in declared]
    return schema.conform(PROVENANCE, provenance.reindex(columns=[*declared, *further]))[0]


def _typed(name: str, raw: pd.DataFrame) -> pd.DataFrame:
    declared = schema.tables().get(name)
    if declared is None or declared.group in ("plan_results", "diagnosis", "records"):
        raise SchemaError(say("store.not_an_input_table", table=name))
    frame, issues = schema.conform(name, raw)
    faults = [issue for issue in issues if issue.level == "error"]
    if faults:
        raise SchemaError(say("store.derived_faulty", table=name, count=len(faults)), faults)
    return frame.reset_index(drop=True)


def _is_of(provenance: pd.DataFrame, name: str, stage: str) -> pd.Series:
    if "note" not in provenance:
        return pd.Series(False, index=provenance.index)
    return (provenance["table"] == name) & (provenance["note"] == note_of(stage))


def _earlier(provenance: pd.DataFrame, name: str, stage: str) -> pd.Series:
    """Return the fingerprints of the rows that the stage wrote into a table before, by row id."""
    own = provenance[_is_of(provenance, name, stage)]
    return own.drop_duplicates("row_id", keep="last").set_index("row_id")["cell"].astype("str")


def _touched(
    held: pd.DataFrame, ids: pd.Series, earlier: pd.Series, provenance: pd.DataFrame, name: str, stage: str
) -> pd.Series:
    """Tell which rows are no longer what the stage wrote, or have come in from a file since."""
    same = pd.Series(fingerprints(name, held), index=held.index) == ids.map(earlier).astype("str")
    others = provenance[(provenance["table"] == name) & ~_is_of(provenance, name, stage)] if len(provenance) else None
    imported = ids.isin(others["row_id"].dropna()) if others is not None else pd.Series(False, index=ids.index)
    return ~same | imported


def fingerprints(name: str, frame: pd.DataFrame) -> list[str]:
    """Return a short digest of each row's declared, filled cells; numbers to ten significant digits."""
    declared = [c for c in schema.table(name).columns if c in frame.columns and c != GEOMETRY]
    texts = {column: cells(frame[column], digits=10).fillna("") for column in declared}
    lines = [
        "\0".join(f"{c}={t}" for c, t in zip(texts, row, strict=True) if t) for row in zip(*texts.values(), strict=True)
    ]
    return [hashlib.sha256(line.encode()).hexdigest()[:16] for line in lines]


def _stands(name: str, theirs: pd.DataFrame, ids: pd.Series, fresh: pd.DataFrame, fresh_ids: pd.Series) -> pd.Series:
    """Tell which derived rows meet a row, or a group of rows, that a person gave."""
    column = TOGETHER.get(name, "")
    if column and column in theirs:
        return fresh[column].isin(theirs[column])
    return fresh_ids.isin(ids)


def _differences(
    name: str, theirs: pd.DataFrame, ids: pd.Series, fresh: pd.DataFrame, fresh_ids: pd.Series
) -> pd.DataFrame:
    """Return the cells in which derived rows differ from the person's rows that stay."""
    given = {str(c): cells(theirs[c], digits=10).fillna("").tolist() for c in theirs.columns if c != GEOMETRY}
    derived = {str(c): cells(fresh[c], digits=10).fillna("").tolist() for c in fresh.columns if c != GEOMETRY}
    place = {row_id: number for number, row_id in enumerate(ids)}
    rows: list[tuple[str, str, str, str, str]] = []
    for number, row_id in enumerate(fresh_ids):
        if row_id not in place:
            rows.append((name, row_id, "", "", ""))
            continue
        for column, texts in derived.items():
            before = given[column][place[row_id]] if column in given else ""
            if texts[number] and texts[number] != before:
                rows.append((name, row_id, column, before, texts[number]))
    return pd.DataFrame(rows, columns=list(CLASH_COLUMNS))


def _notes(name: str, ids: pd.Series, taken: pd.DataFrame, stage: str, as_of: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "table": name,
            "row_id": ids.to_numpy(),
            "source_file": f"zhenxing {stage}",
            "cell": fingerprints(name, taken),
            "as_of": as_of or None,
            "note": note_of(stage),
        }
    )


def _joined(kept: pd.DataFrame, fresh: pd.DataFrame) -> pd.DataFrame:
    """Put rows below each other; columns that neither side fills stay as they are."""
    if kept.empty and not len(kept.columns.difference(fresh.columns)):
        return fresh.reset_index(drop=True)
    if fresh.empty:
        return kept.reset_index(drop=True)
    right = fresh.assign(**{str(c): kept[c].iloc[:0].reindex(fresh.index) for c in kept.columns if c not in fresh})
    left = kept.assign(**{str(c): fresh[c].iloc[:0].reindex(kept.index) for c in fresh.columns if c not in kept})
    return pd.concat([left, right[list(left.columns)]], ignore_index=True)
