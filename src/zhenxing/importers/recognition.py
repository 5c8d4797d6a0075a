"""Which table of the town is this sheet, and which column is which.

Headers are compared with the alias lists (``aliases.csv``) and with every Chinese and English label and column name of
the schema; a header that many tables know says little, one that a single table knows says much.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from zhenxing import schema
from zhenxing.importers.headers import Header, HeaderBlock, compared, find_header, read_header, without_unit
from zhenxing.importers.sheets import Sheet
from zhenxing.importers.text import fold
from zhenxing.importers.units import label_factor

IGNORED = "-"
# tables that no department sends: results of the stages and the records that the program keeps
_NOT_IMPORTED_GROUPS = ("plan_results", "diagnosis")
_NOT_IMPORTED = ("provenance", "runs", "history")
# a second table that stands in the columns of the first: registers carry this year's figures, site lists their mode
COMPANIONS: Mapping[str, tuple[str, ...]] = {
    "firms": ("firm_years",),
    "firm_years": ("firms",),
    "sites": ("site_modes",),
}
# keys that can be made from the row itself: the firm's code or name, the row's own name, the year of the sheet
DERIVED = {("firms", "firm_id"), ("firm_years", "firm_id"), ("firm_years", "year"), ("candidates", "candidate_id")}
# sheets with one column for each year: what such a column holds
YEAR_COLUMNS = {"targets": "target", "indicator_targets": "target", "peer_values": "value"}
HINT_BONUS = 1.6
CLOSE = 0.9


@dataclass(frozen=True)
class Match:
    """A sheet read as one table: score, and the column of each header (``""`` unknown, ``-`` ignored)."""

    table: str
    score: float
    columns: tuple[str, ...]
    units: tuple[str, ...]
    hinted: bool = False


@cache
def importable() -> tuple[str, ...]:
    """Return the tables that a department may send."""
    return tuple(
        name
        for name, declared in schema.tables().items()
        if declared.group not in _NOT_IMPORTED_GROUPS and name not in _NOT_IMPORTED
    )


@cache
def _data(name: str) -> list[dict[str, str]]:
    source = files("zhenxing.importers") / name
    return list(csv.DictReader(source.read_text(encoding="utf-8").splitlines()))


@cache
def aliases(table: str) -> dict[str, str]:
    """Return compared header -> column for a table; the schema's own names and labels win over aliases.

    Examples
    --------
    >>> aliases("firms")["社会统一信用代码"]
    'credit_code'
    """
    declared = schema.table(table).columns
    rows = _data("aliases.csv")
    found = {compared(row["alias"]): IGNORED for row in rows if row["column"] == IGNORED}
    for owner in (table, "*"):
        for row in rows:
            if row["table"] == owner and row["column"] in declared:
                found.setdefault(compared(row["alias"]), row["column"])
    for column in declared.values():
        for text in (column.en, column.zh, column.name):
            found[compared(text)] = column.name
            found[fold(text).replace("_", "")] = column.name
    found.pop("", None)
    return found


@cache
def _weights() -> dict[str, float]:
    """How much a header says: 1 over the number of tables that know it."""
    counts: dict[str, int] = {}
    for table in importable():
        for alias, column in aliases(table).items():
            if column != IGNORED:
                counts[alias] = counts.get(alias, 0) + 1
    return {alias: 1.0 / count for alias, count in counts.items()}


@cache
def _table_names() -> tuple[tuple[str, str], ...]:
    """Names of tables as sheets bear them, the longest first."""
    found = {fold(row["name"]): row["table"] for row in _data("table_names.csv") if row["table"] in importable()}
    for name in importable():
        declared = schema.table(name)
        for text in (declared.zh, declared.zh.removesuffix("表"), declared.en, name):
            found[fold(text).replace("_", "")] = name
    return tuple(sorted(found.items(), key=lambda pair: -len(pair[0])))


def hinted_table(*names: str) -> str:
    """Return the table that a sheet's or a file's name speaks of, or ``""``.

    Examples
    --------
    >>> hinted_table("附件2：改造地块表（2026）")
    'sites'
    """
    for name in names:
        folded = fold(name).replace("_", "")
        for alias, table in _table_names():
            if alias == folded or (alias in folded and (len(alias) >= 4 or not alias.isascii()) and len(alias) >= 2):
                return table
    return ""


@lru_cache(maxsize=65_536)
def column_of(table: str, header: Header) -> tuple[str, str]:
    """Return the column that a header names in a table, and its unit; ``("", unit)`` when unknown."""
    known = aliases(table)
    if not header.base:
        return (YEAR_COLUMNS.get(table, "") if header.year else ""), header.unit
    if header.base in known:
        return known[header.base], header.unit
    shorter, unit = without_unit(header.base)
    if unit and shorter in known:
        return known[shorter], header.unit or unit
    # a name in brackets may be part of the label: 所属村(居)
    whole = fold(header.text)
    for alias in (whole, whole.replace("_", "")):
        if alias in known:
            return known[alias], header.unit
    return "", header.unit


def complete_name(name: str) -> str:
    """Return the header that a field name of ten bytes was cut from, or the name itself where that is not certain.

    Examples
    --------
    >>> complete_name("宗地编")
    '宗地编号'
    >>> complete_name("用地面积")
    '用地面积'
    """
    base = compared(name)
    known = {alias for table in importable() for alias in aliases(table)}
    if base in known or len(base) < 3:
        return name
    longer = {alias for alias in known if alias.startswith(base)}
    columns = {column for table in importable() for alias, column in aliases(table).items() if alias in longer}
    return min(longer, key=len) if len(columns) == 1 else name


def match_table(table: str, headers: Sequence[Header], hint: str = "", *, partial: bool = False) -> Match:
    """Read a row of headers as one table and score how well it fits.

    ``partial`` is for layers, which bring the shapes of rows whose other columns come from a ledger: only the key must
    be there.
    """
    declared = schema.table(table)
    columns: list[str] = []
    found_units: list[str] = []
    score = 0.0
    seen: set[tuple[str, int | None, int | None]] = set()
    for header in headers:
        column, unit = column_of(table, header)
        if column and column != IGNORED:
            place = (column, header.year, header.relative_year)
            if place in seen or not _unit_fits(unit, declared.columns[column].unit, header.unit):
                column = ""
            else:
                seen.add(place)
                score += _weights().get(header.base, 0.5) + 0.25
        columns.append(column)
        found_units.append(unit)
    given = {column for column in columns if column}
    lacking = [
        column.name
        for column in declared.columns.values()
        if column.required
        and column.name not in given
        and not (partial and not column.key)
        and not _derivable(table, column.name, given)
        and not (column.name == "year" and any(header.year for header in headers))
    ]
    score *= 0.35 ** len(lacking)
    named = sum(1 for header in headers if header.base)
    score *= 0.5 + 0.5 * len(given) / max(1, named)
    return Match(
        table, score * (HINT_BONUS if hint == table else 1.0), tuple(columns), tuple(found_units), hint == table
    )


def _unit_fits(unit: str, column_unit: str, stated: str) -> bool:
    """A header whose unit belongs to another dimension names another column: 注册资本 in 人, 面积 in 万元."""
    if not unit or not column_unit or not stated:
        return True
    return label_factor(unit, column_unit) is not None


def _derivable(table: str, column: str, given: set[str]) -> bool:
    if (table, column) in DERIVED:
        if column == "firm_id":
            return bool(given & {"firm_id", "credit_code", "name"})
        return column != "candidate_id" or "name" in given
    key = schema.table(table).key
    return key == (column,) and bool(given & {"name", "name_zh"})


@cache
def _index() -> dict[str, frozenset[str]]:
    """Compared header -> the tables that know it."""
    found: dict[str, set[str]] = {}
    for table in importable():
        for alias, column in aliases(table).items():
            if column != IGNORED:
                found.setdefault(alias, set()).add(table)
    return {alias: frozenset(tables) for alias, tables in found.items()}


def _knowing(headers: Sequence[Header]) -> frozenset[str]:
    """Return the tables that know at least one of the headers."""
    tables: set[str] = set()
    for header in headers:
        for spelling in (header.base, without_unit(header.base)[0], fold(header.text)):
            tables |= _index().get(spelling, frozenset())
        if not header.base and header.year:
            tables |= set(YEAR_COLUMNS)
    return frozenset(tables)


@dataclass(frozen=True)
class Recognition:
    """What a sheet is: the match, its header, the next best guesses and how sure that is."""

    match: Match | None
    block: HeaderBlock | None
    guesses: tuple[Match, ...]
    reason: str  # "", "empty", "no_header", "unknown_table", "ambiguous", "settings"


def recognise(sheet: Sheet, wanted: str = "") -> Recognition:
    """Find a sheet's header and table.

    Parameters
    ----------
    sheet : Sheet
        The sheet.
    wanted : str
        The table that the user named with ``--table``.
    """
    if sheet.cells.empty or not sheet.cells.notna().to_numpy().any():
        return Recognition(None, None, (), "empty")
    hint = wanted or hinted_table(sheet.name, sheet.file.rsplit("/", 1)[-1].rsplit(".", 1)[0])
    layer = sheet.geometry is not None
    tables = (wanted,) if wanted else _of_shape(sheet) if layer else importable()

    def score(headers: Sequence[Header]) -> float:
        # most rows are data, whose words no table knows
        known = tables if wanted else _knowing(headers).intersection(tables)
        return max((match_table(table, headers, hint).score for table in known), default=0.0)

    least = 0.2 if wanted or layer else 0.4 if hint else 0.8
    block = _known_header(sheet) if sheet.names else find_header(sheet.cells, sheet.merged, score, least)
    if block is None:
        return Recognition(None, None, (), "no_header")
    matches = [match_table(table, block.headers, hint, partial=layer) for table in tables]
    ranked = sorted(matches, key=lambda one: -one.score)
    best = ranked[0]
    guesses = tuple(match for match in ranked[:3] if match.score > 0.3)
    if best.score < least:
        return Recognition(None, block, guesses, "unknown_table")
    best = _ledger_of_both(best, matches)
    close = [match for match in ranked[1:] if match is not best and match.score >= CLOSE * best.score]
    if close and not best.hinted:
        return Recognition(None, block, guesses, "ambiguous")
    return Recognition(best, block, guesses, "")


def _ledger_of_both(best: Match, matches: Sequence[Match]) -> Match:
    """Return the first table of a ledger that holds two: sites with their modes are sites first, or areas are lost.

    That is so where the companion fits best but the sheet has everything that the first table requires, and more of it
    than the companion can keep.
    """
    if best.hinted:
        return best
    for match in matches:
        if best.table not in COMPANIONS.get(match.table, ()) or best.table in ("firms", "firm_years"):
            continue
        required = {column.name for column in schema.table(match.table).columns.values() if column.required}
        more = {place for place, column in enumerate(match.columns) if column and not best.columns[place]}
        if required <= set(match.columns) and more:
            return match
    return best


def _of_shape(sheet: Sheet) -> tuple[str, ...]:
    """Tables that keep shapes of the kind that a layer has."""
    from zhenxing.importers.shapes import layer_kind, table_kind

    assert sheet.geometry is not None
    kind = layer_kind(sheet.geometry)
    return tuple(table for table in importable() if kind and table_kind(table) == kind) or importable()


def _known_header(sheet: Sheet) -> HeaderBlock:
    headers = tuple(read_header(name) for name in sheet.names)
    return HeaderBlock(-1, 1, headers, (), (), 0.0)
