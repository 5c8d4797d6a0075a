"""The chain's tables, read: links in their order and input shares with their ranges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from zhenxing.diagnosis.chain.settings import ChainSettings
from zhenxing.errors import InputError, Issue, Level
from zhenxing.i18n import name_rows, say

Floats = np.ndarray[Any, np.dtype[np.float64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
Places = np.ndarray[Any, np.dtype[np.intp]]

# wholesale and retail in GB/T 4754-2017
SELLING_DIVISIONS: Final = ("51", "52")
# tags of facts that are not facts: from memory, or searched for and not found
ASSUMED_TAGS: Final = ("", "M", "X")


@dataclass(frozen=True)
class Links:
    """The links of the chain in the order of their table."""

    ids: pd.Index
    zh: tuple[str, ...]
    en: tuple[str, ...]
    tier: tuple[str, ...]
    weight: Floats
    selling: Flags
    codes: tuple[tuple[str, ...], ...]
    trades_in: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Inputs:
    """Input shares between links: positions of both ends, base, low and high, in the order of ids."""

    upstream: Places
    downstream: Places
    base: Floats
    low: Floats
    high: Floats
    source: tuple[str, ...]
    tag: tuple[str, ...]
    assumed: Flags

    def matrix(self, shares: Floats, size: int) -> Floats:
        """Return shares as a matrix, upstream links as rows; an edge without a share is 0."""
        matrix = np.zeros((size, size))
        matrix[self.upstream, self.downstream] = np.nan_to_num(shares)
        return matrix


def finding(
    level: Level, entry: str, table: str, rows: Sequence[object] = (), column: str = "", **values: object
) -> Issue:
    """Return a finding whose sentence names the first rows."""
    ids = tuple(str(row) for row in rows)
    text = say(f"diagnosis_chain.{entry}", rows=name_rows(ids), table=table, column=column, **values)
    return Issue(level, entry, text, table, column, ids)


def need(frame: pd.DataFrame, table: str, columns: Sequence[str]) -> None:
    """Refuse a table that lacks columns.

    Raises
    ------
    InputError
        Naming the table and the columns.
    """
    lacking = [column for column in columns if column not in frame.columns]
    if lacking:
        raise InputError(say("diagnosis_chain.no_columns", table=table, columns=", ".join(lacking)))


def texts(frame: pd.DataFrame, column: str) -> pd.Series:
    """Return a column as plain text, ``""`` where it is empty or absent."""
    if column not in frame.columns:
        return pd.Series("", index=frame.index, dtype=object)
    cells = frame[column].astype(object)
    return cells.where(cells.notna(), "").astype(str).str.strip()


def numbers(frame: pd.DataFrame, column: str) -> Floats:
    """Return a column as numbers, NaN where it is empty or absent.

    Raises
    ------
    InputError
        When a cell is no number.
    """
    if column not in frame.columns:
        return np.full(len(frame), np.nan)
    cells = frame[column]
    values: Floats = pd.to_numeric(cells, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
    strange = [str(cell) for cell in cells[np.isnan(values) & cells.notna().to_numpy()].unique()]
    if strange:
        raise InputError(say("diagnosis_chain.not_numbers", column=column, rows=name_rows(strange)))
    return values


def read_links(links: pd.DataFrame, settings: ChainSettings) -> Links:
    """Return the links of the chain.

    Raises
    ------
    InputError
        When there is no link, an id is empty or repeated, or a setting names a link that is not there.
    """
    need(links, "links", ["link_id"])
    ids = texts(links, "link_id")
    if not len(ids):
        raise InputError(say("diagnosis_chain.no_links"))
    if (ids == "").any() or ids.duplicated().any():
        repeated = finding(
            "error", "repeated_link", "links", [*ids[ids.duplicated() | (ids == "")].unique()], "link_id"
        )
        raise InputError(repeated.text, [repeated])
    named = {*settings.final_demand_wan, *settings.committed_output_wan, *(settings.selling_links or ())}
    unknown = sorted(named - set(ids))
    if unknown:
        raise InputError(say("diagnosis_chain.unknown_setting_link", rows=name_rows(unknown)))
    zh = texts(links, "name_zh").where(lambda names: names != "", ids)
    en = texts(links, "name_en").where(lambda names: names != "", zh)
    weight = numbers(links, "weight")
    codes, trades_in = (
        tuple(tuple(item for item in cell.split(";") if item) for cell in texts(links, column))
        for column in ("codes", "trades_in")
    )
    index = pd.Index(ids.astype(object), name="link_id")
    roles = texts(links, "role")
    if settings.selling_links is None:
        selling = np.array([_sells(role, own) for role, own in zip(roles, codes, strict=True)], dtype=bool)
    else:
        selling = np.asarray(index.isin(settings.selling_links), dtype=bool)
    return Links(
        ids=index,
        zh=tuple(zh),
        en=tuple(en),
        tier=tuple(texts(links, "tier")),
        weight=np.where(np.isnan(weight), 1.0, weight),
        selling=selling,
        codes=codes,
        trades_in=trades_in,
    )


def _sells(role: str, codes: tuple[str, ...]) -> bool:
    """Say whether a link's trade is selling: by the role its table states, else by most of its codes."""
    return role == "sells" or (role == "" and 2 * sum(code[:2] in SELLING_DIVISIONS for code in codes) > len(codes))


def read_inputs(link_inputs: pd.DataFrame, links: Links, settings: ChainSettings) -> tuple[Inputs, list[Issue]]:
    """Return the input shares with their ranges, and what was found.

    A share without a low or high value gets ``share_spread`` to either side and is marked assumed, as is a share whose
    tag is M, X or empty. An edge without a share stays in the graph and carries nothing.

    Raises
    ------
    InputError
        When an edge is repeated, a share lies outside 0 to 1, or low, base and high are not in order.
    """
    issues: list[Issue] = []
    if link_inputs.empty:
        return _no_inputs(), [finding("warning", "no_inputs", "link_inputs")]
    need(link_inputs, "link_inputs", ["upstream_id", "downstream_id", "share"])
    edges = pd.DataFrame(
        {
            "upstream": links.ids.get_indexer(pd.Index(texts(link_inputs, "upstream_id"))),
            "downstream": links.ids.get_indexer(pd.Index(texts(link_inputs, "downstream_id"))),
            "base": numbers(link_inputs, "share"),
            "low": numbers(link_inputs, "share_low"),
            "high": numbers(link_inputs, "share_high"),
            "source": texts(link_inputs, "source").to_numpy(),
            "tag": texts(link_inputs, "tag").to_numpy(),
            "name": (texts(link_inputs, "upstream_id") + "→" + texts(link_inputs, "downstream_id")).to_numpy(),
        }
    )
    known = (edges["upstream"] >= 0) & (edges["downstream"] >= 0)
    if not known.all():
        issues.append(finding("warning", "unknown_links", "link_inputs", [*edges.loc[~known, "name"]]))
    edges = edges[known].sort_values("name", ignore_index=True)
    _refuse(edges, edges.duplicated(["upstream", "downstream"]), "repeated_edge")
    without = edges["base"].isna()
    if without.any():
        issues.append(finding("warning", "no_share", "link_inputs", [*edges.loc[without, "name"]], "share"))
    ranged = edges["low"].notna() & edges["high"].notna()
    edges["low"] = edges["low"].fillna(edges["base"] * (1 - settings.share_spread))
    edges["high"] = edges["high"].fillna((edges["base"] * (1 + settings.share_spread)).clip(upper=1.0))
    figures = edges[["low", "base", "high"]]
    _refuse(edges, ((figures < 0) | (figures > 1) | np.isinf(figures)).any(axis=1), "share_outside")
    _refuse(edges, (edges["low"] > edges["base"]) | (edges["base"] > edges["high"]), "share_order")
    assumed = edges["tag"].isin(ASSUMED_TAGS) | ~ranged
    spread = assumed & ~ranged & ~without
    if spread.any():
        rows = [*edges.loc[spread, "name"]]
        issues.append(finding("info", "spread_used", "link_inputs", rows, spread=f"{settings.share_spread:.0%}"))
    sums = edges.groupby("downstream")["base"].sum()
    heavy = [str(links.ids[place]) for place in sums[sums > 1 + 1e-9].index]
    if heavy:
        issues.append(finding("warning", "shares_above_one", "link_inputs", heavy, "share"))
    return _as_inputs(edges, assumed), issues


def _as_inputs(edges: pd.DataFrame, assumed: pd.Series) -> Inputs:
    return Inputs(
        edges["upstream"].to_numpy(dtype=np.intp),
        edges["downstream"].to_numpy(dtype=np.intp),
        edges["base"].to_numpy(dtype="float64"),
        edges["low"].to_numpy(dtype="float64"),
        edges["high"].to_numpy(dtype="float64"),
        tuple(edges["source"]),
        tuple(edges["tag"]),
        assumed.to_numpy(dtype=bool),
    )


def _no_inputs() -> Inputs:
    none = np.zeros(0)
    return Inputs(none.astype(np.intp), none.astype(np.intp), none, none, none, (), (), none.astype(bool))


def _refuse(edges: pd.DataFrame, wrong: pd.Series, entry: str) -> None:
    if wrong.any():
        fault = finding("error", entry, "link_inputs", [*edges.loc[wrong, "name"]], "share")
        raise InputError(fault.text, [fault])
