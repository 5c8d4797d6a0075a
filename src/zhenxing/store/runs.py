"""Keep results as runs of a town: in a folder town ``runs/<run_id>/``, in a GeoPackage tables with a leading run_id."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from zhenxing import schema
from zhenxing.errors import SourceError
from zhenxing.i18n import say
from zhenxing.store.connection import connect, sqlite_faults, transaction
from zhenxing.store.dispatch import inputs_sha256
from zhenxing.store.geopackage import OWN_TABLES, RUNS, STATE, StoredState, read_state
from zhenxing.store.layers import RESERVED_COLUMNS, free_names, read_attributes, storable, write_attributes
from zhenxing.store.text_tables import read_csv, write_bytes, write_tables

RUN_FILE = "run.json"
RUN_ID = "run_id"
RUNS_FOLDER = "runs"


@dataclass(frozen=True)
class Run:
    """One kept result: what made it, from which inputs, and its tables."""

    run_id: str
    stage: str
    name: str
    created: str
    inputs_sha256: str
    options: dict[str, Any]
    summary: dict[str, Any]
    tables: Mapping[str, pd.DataFrame]

    def record(self) -> dict[str, str]:
        """Return the run as a row of the table ``runs``."""
        plain = {k: v for k, v in vars(self).items() if k not in ("tables", "options", "summary")}
        return {**plain, "options": _json(self.options), "summary": _json(self.summary)}


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, allow_nan=False, default=str)


def save_run(
    path: str | Path,
    tables: Mapping[str, pd.DataFrame],
    *,
    stage: str,
    name: str = "",
    options: Mapping[str, Any] | None = None,
    summary: Mapping[str, Any] | None = None,
) -> str:
    """Keep a result's tables as a run of the town; return the run's id.

    Parameters
    ----------
    path : path
        A folder or GeoPackage town.
    tables : mapping of str to DataFrame
        The result's tables; geometry is not kept.
    stage : str
        What made the result, for example ``plan``.
    name : str
        Name given by the user; the id is made from it, with a number behind it when it is taken.
    options, summary : mapping
        Kept as JSON.

    Examples
    --------
    >>> import tempfile
    >>> from zhenxing.store import write_town
    >>> from zhenxing.town import Settings, Town
    >>> with tempfile.TemporaryDirectory() as place:
    ...     _ = write_town(Town(Settings()), place + "/town")
    ...     run = save_run(place + "/town", {"plan_exits": schema.empty("plan_exits")}, stage="plan", name="基准")
    ...     run, list(read_run(place + "/town", run).tables)
    ('基准', ['plan_exits'])
    """
    place = Path(path)
    created = datetime.now(UTC).isoformat(timespec="seconds")
    taken = set(list_runs(place)[RUN_ID])
    wanted = re.sub(r"[^\w.-]+", "-", name).strip("-.") or f"{stage}-{re.sub(r'[^0-9]', '', created)[:14]}"
    run_id, number = wanted, 2
    while run_id in taken:
        run_id, number = f"{wanted}-{number}", number + 1
    digest = inputs_sha256(place)
    run = Run(run_id, stage, name, created, digest, dict(options or {}), dict(summary or {}), tables)
    if place.is_dir():
        _save_in_folder(place, run)
    else:
        _save_in_geopackage(place, run)
    return run_id


def list_runs(path: str | Path) -> pd.DataFrame:
    """Return the table ``runs`` of a town, oldest first.

    Raises
    ------
    SourceError
        When there is no town.
    """
    place = Path(path)
    if place.is_dir():
        files = sorted(place.glob(f"{RUNS_FOLDER}/*/{RUN_FILE}"))
        records = [{**_read_record(file), RUN_ID: file.parent.name} for file in files]
        raw = pd.DataFrame(records, columns=list(schema.table(RUNS).columns), dtype="str")
    else:
        raw = _runs_of_geopackage(place)
    return schema.conform(RUNS, raw)[0].sort_values(["created", RUN_ID], ignore_index=True)


def read_run(path: str | Path, run_id: str) -> Run:
    """Return a kept run with its tables in their declared types.

    Raises
    ------
    SourceError
        When the town keeps no such run, or it cannot be read.
    """
    place = Path(path)
    runs = list_runs(place)
    if run_id not in set(runs[RUN_ID]):
        known = ", ".join(runs[RUN_ID]) or "-"
        raise SourceError(say("store.no_such_run", source=path, run=run_id, known=known))
    record = {k: "" if pd.isna(v) else v for k, v in runs[runs[RUN_ID] == run_id].iloc[0].items()}
    raw = _folder_tables(place / RUNS_FOLDER / run_id) if place.is_dir() else _geopackage_tables(place, run_id)
    tables = {name: schema.conform(name, t)[0] if name in schema.tables() else t for name, t in raw.items()}
    options, summary = (json.loads(str(record.pop(key)) or "{}") for key in ("options", "summary"))
    return Run(**{str(k): str(v) for k, v in record.items()}, options=options, summary=summary, tables=tables)


def _save_in_folder(place: Path, run: Run) -> None:
    """Write the run under a temporary name, then move it: it is there whole or not at all."""
    part = place / RUNS_FOLDER / f".{run.run_id}.part"
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        write_tables(part, run.tables, digits=17)
        write_bytes(part / RUN_FILE, _json(run.record()).encode("utf-8"))
        part.rename(part.with_name(run.run_id))
    except OSError as fault:
        raise SourceError(say("store.cannot_write", source=part, reason=fault.strerror)) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _read_record(file: Path) -> dict[str, str]:
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as fault:
        raise SourceError(say("store.bad_run", source=file.parent, reason=fault)) from None


def _folder_tables(folder: Path) -> dict[str, pd.DataFrame]:
    return {file.stem: read_csv(file)[0] for file in sorted(folder.glob("*.csv"))}


def _run_table(name: str, state: StoredState) -> str:
    """Stored name of a result table: its own, or with ``run_`` before it where a town may have a table of that name."""
    declared = schema.tables().get(name)
    taken = {stored.lower() for stored in state.tables.values()}
    shared = (declared is not None and declared.group != "plan_results") or name.lower() in taken
    return f"run_{name}" if shared or name in OWN_TABLES else name


def _save_in_geopackage(place: Path, run: Run) -> None:
    with transaction(place) as connection:
        state = read_state(connection, place)
        write_attributes(
            connection, RUNS, pd.DataFrame([run.record()], columns=list(schema.table(RUNS).columns), dtype="str")
        )
        for name, frame in run.tables.items():
            stored = _run_table(name, state)
            plain = storable(pd.DataFrame(frame.drop(columns="geometry", errors="ignore")))
            names = free_names([str(column) for column in plain.columns], (*RESERVED_COLUMNS, RUN_ID))
            kept = plain.rename(columns=names)
            kept.insert(0, RUN_ID, run.run_id)
            write_attributes(connection, stored, kept)
            state.runs.setdefault(run.run_id, {})[name] = {"stored": stored, "columns": names}
        content = dict(state.frame().itertuples(index=False, name=None))["runs"]
        connection.execute(f"UPDATE {STATE} SET value = ? WHERE key = 'runs'", (content,))


def _runs_of_geopackage(place: Path) -> pd.DataFrame:
    connection = connect(place)
    try:
        with sqlite_faults(place):
            read_state(connection, place)
            if connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (RUNS,)).fetchone() is None:
                return schema.empty(RUNS)
            return read_attributes(connection, RUNS)
    finally:
        connection.close()


def _geopackage_tables(place: Path, run_id: str) -> dict[str, pd.DataFrame]:
    connection = connect(place)
    try:
        with sqlite_faults(place):
            state = read_state(connection, place)
            tables: dict[str, pd.DataFrame] = {}
            for name, place_of in state.runs.get(run_id, {}).items():
                frame = read_attributes(connection, place_of["stored"])
                frame = frame[frame[RUN_ID] == run_id].reset_index(drop=True)
                names = {kept: column for column, kept in place_of["columns"].items()}
                tables[name] = frame[list(names)].rename(columns=names)
            return tables
    finally:
        connection.close()
