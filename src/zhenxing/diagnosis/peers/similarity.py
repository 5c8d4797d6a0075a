"""Which regions are built like the town: distance of industry shares and of size, with the reason for every choice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from zhenxing.diagnosis.peers.reading import need, numbers, same_town, text, unique_keys
from zhenxing.diagnosis.peers.settings import VALUES, PeerSettings
from zhenxing.errors import InputError, Issue, Level, Text
from zhenxing.i18n import name_rows, say
from zhenxing.rules.industry import industry_names

Floats = np.ndarray[Any, np.dtype[np.floating[Any]]]
COLUMNS = [
    "region_id", "region_name", "year", "town_year", "value_column", "classification", "krugman", "cosine",
    "size_ratio", "distance", "rank",
    "chosen", "shared", "different", "warnings", "note", "note_en",
]  # fmt: skip
SHOWN = 3


def krugman_index(shares: Floats, others: Floats) -> Floats:
    """Return the Krugman index of specialisation between one structure and others.

    .. math:: K = \\sum_i |s_i - t_i|, \\qquad 0 \\le K \\le 2

    0: the same shares; 2: no industry in common (Krugman 1991, *Geography and Trade*).

    Parameters
    ----------
    shares : array of float
        Shares of the industries, adding up to 1.
    others : array of float
        Shares of other regions, one row each, the same order of industries.

    Examples
    --------
    >>> krugman_index(np.array([0.5, 0.5]), np.array([[0.5, 0.5], [1.0, 0.0]])).tolist()
    [0.0, 1.0]
    """
    distances: Floats = np.abs(np.atleast_2d(others) - shares).sum(axis=1)
    return distances


def cosine_similarity(shares: Floats, others: Floats) -> Floats:
    """Return the cosine between one structure and others: 1 for the same proportions, 0 for no industry in common.

    Examples
    --------
    >>> cosine_similarity(np.array([3.0, 4.0]), np.array([[3.0, 4.0], [4.0, 3.0]])).round(2).tolist()
    [1.0, 0.96]
    """
    rows = np.atleast_2d(others)
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(shares)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(lengths > 0, rows @ shares / lengths, np.nan)


@dataclass(frozen=True)
class _Structure:
    """Regions by industries in one classification and value column."""

    table: pd.DataFrame  # region_id, industry, year, value of the chosen years
    classification: str
    value: str
    years: pd.Series  # by region
    gaps: frozenset[str]  # regions with an industry whose value is missing


def structural_similarity(
    region_industries: pd.DataFrame, settings: PeerSettings
) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Return how far every region of the town's level is from the town in structure and size, nearest first.

    The distance is ``(1 - w) * structure + w * size``: structure = half the Krugman index (or 1 - cosine), size =
    ``min(1, |ln ratio| / ln size_span)`` of the totals, w = ``size_weight``. Shares are taken in one classification
    (links, or codes of one edition and length) and one value column, never mixed.

    Parameters
    ----------
    region_industries : DataFrame
        region_id, level, link_id or industry_code + industry_edition, year, and employees, output_wan (万元) or firms.
    settings : PeerSettings

    Returns
    -------
    (DataFrame, tuple of Issue)
        Table ``peer_similarity``; empty, with a warning, when the town has no structure to compare.

    Raises
    ------
    InputError
        For absent columns, negative values, or two rows of one region, industry and year.

    Examples
    --------
    >>> rows = [("a", "LAMP", 60.0), ("a", "METAL", 40.0), ("b", "LAMP", 50.0), ("b", "METAL", 50.0)]
    >>> rows += [("c", "FOOD", 100.0)]
    >>> frame = pd.DataFrame(rows, columns=["region_id", "link_id", "employees"]).assign(year=2025)
    >>> found, _ = structural_similarity(frame, PeerSettings("a"))
    >>> found[["region_id", "krugman", "distance"]].round(3).values.tolist()
    [['b', 0.2, 0.075], ['c', 2.0, 0.75]]
    """
    need(region_industries, "region_industries", ["region_id", "year"])
    rows = _typed(region_industries)
    town = same_town(rows["region_id"], settings.town_id)
    rows, level = _of_level(rows, town)
    if settings.year is not None:
        rows = rows[rows["year"] <= settings.year]
    structure = _best_structure(rows, town, settings)
    if structure is None:
        return pd.DataFrame(columns=COLUMNS), (_issue("no_structure", [settings.town_id], level=level or "-"),)
    wide = structure.table.pivot_table(
        index="region_id", columns="industry", values="value", aggfunc="sum", fill_value=0.0
    )
    totals = wide.sum(axis=1)
    shares = wide.div(totals, axis=0)
    others = shares.drop(index=town)
    found = _measured(shares.T[town], others, totals, settings)
    found["year"] = structure.years.reindex(found["region_id"]).to_numpy(dtype=int)
    found["town_year"] = int(structure.years[town])
    found["value_column"], found["classification"] = structure.value, structure.classification
    named = rows.sort_values(["region_id", "year", "region_name"]).drop_duplicates("region_id", keep="last")
    names = named.set_index("region_id")["region_name"]
    found["region_name"] = found["region_id"].map(names).fillna("")
    found["warnings"] = [";".join(_warnings(row, structure)) for row in found.itertuples()]
    sentences = [_reason(row) for row in found.itertuples()]
    found["note"], found["note_en"] = [s.zh for s in sentences], [s.en for s in sentences]
    return found[COLUMNS], tuple(_coverage_issues(rows, structure, found))


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    table = "region_industries"
    rows = pd.DataFrame(
        {
            name: text(frame, name)
            for name in ("region_id", "region_name", "level", "link_id", "industry_code", "industry_edition")
        }
    )
    rows["year"] = numbers(frame, "year", table)
    for name in VALUES:
        rows[name] = numbers(frame, name, table)
        low = rows.loc[rows[name] < 0, "region_id"].unique().tolist()
        if low:
            raise InputError(say("diagnosis_peers.negative", table=table, column=name, rows=name_rows(low)))
    rows = rows[rows["year"].notna() & (rows["region_id"] != "")].astype({"year": int})
    rows = rows[(rows["link_id"] != "") | (rows["industry_code"] != "")]
    # a million rows hold few industries: each is named once
    which = rows.groupby(["link_id", "industry_edition", "industry_code"], sort=False)
    number = which.ngroup().to_numpy()
    kinds = cast("list[tuple[str, str, str]]", list(which.groups))
    names = [link or f"{edition}:{code}" for link, edition, code in kinds]
    scheme = ["link" if link else f"code {edition}/{len(code)}" for link, edition, code in kinds]
    rows = rows.assign(
        industry=np.array(names, dtype=object)[number], classification=np.array(scheme, dtype=object)[number]
    )
    unique_keys(rows, table, ["region_id", "industry", "year"])
    return rows


def _of_level(rows: pd.DataFrame, town: str) -> tuple[pd.DataFrame, str]:
    levels = rows.loc[(rows["region_id"] == town) & (rows["level"] != ""), "level"]
    if levels.empty:
        return rows, ""
    level = str(levels.iloc[0])
    return rows[rows["level"].isin([level, ""])], level


def _best_structure(rows: pd.DataFrame, town: str, settings: PeerSettings) -> _Structure | None:
    """The classification and value column in which most regions can stand beside the town."""
    best: tuple[tuple[int, int], _Structure] | None = None
    columns = VALUES if settings.value is None else (settings.value,)
    for classification in sorted(rows["classification"].unique()):
        part = rows[rows["classification"] == classification]
        for value in columns:
            structure = _structure(part.assign(value=part[value]), town, classification, value, settings)
            if structure is None or structure.table["region_id"].nunique() < 2:
                continue
            own = int((structure.table["region_id"] == town).sum())
            merit = (structure.table["region_id"].nunique(), own)
            if best is None or merit > best[0]:
                best = merit, structure
            # the first value column that any region shares with the town is taken: employees before output before firms
            break
    return None if best is None else best[1]


def _structure(
    part: pd.DataFrame, town: str, classification: str, value: str, settings: PeerSettings
) -> _Structure | None:
    totals = part.groupby(["region_id", "year"])["value"].sum(min_count=1)
    totals = totals[totals > 0]
    if town not in totals.index.get_level_values(0):
        return None
    own_year = int(max(totals[town].index))
    near = totals.index.to_frame(index=False).assign(apart=lambda frame: (frame["year"] - own_year).abs())
    near = near[near["apart"] <= settings.most_year_gap].sort_values(["region_id", "apart", "year"])
    chosen = near.drop_duplicates("region_id").set_index("region_id")["year"].astype(int)
    kept = part[part["year"] == part["region_id"].map(chosen)]
    gaps = frozenset(kept.loc[kept["value"].isna(), "region_id"].unique())
    table = kept.dropna(subset=["value"])[["region_id", "industry", "year", "value"]]
    return _Structure(table, classification, value, chosen, gaps)


def _measured(own: pd.Series, others: pd.DataFrame, totals: pd.Series, settings: PeerSettings) -> pd.DataFrame:
    mine, theirs = own.to_numpy(dtype=float), others.to_numpy(dtype=float)
    krugman, cosine = krugman_index(mine, theirs), cosine_similarity(mine, theirs)
    ratio = (totals[others.index] / float(totals[str(own.name)])).to_numpy(dtype=float)
    size = np.minimum(1.0, np.abs(np.log(ratio)) / np.log(settings.size_span))
    structure = krugman / 2 if settings.measure == "krugman" else 1 - cosine
    found = pd.DataFrame(
        {
            "region_id": others.index.astype(str),
            "krugman": krugman,
            "cosine": cosine,
            "size_ratio": ratio,
            "distance": (1 - settings.size_weight) * structure + settings.size_weight * size,
            "shared": [";".join(_largest(np.minimum(mine, row), own.index)) for row in theirs],
            "different": [";".join(_signed(row - mine, own.index)) for row in theirs],
        }
    )
    found = found.sort_values(["distance", "region_id"], ignore_index=True)
    found["rank"] = np.arange(1, len(found) + 1)
    found["chosen"] = found["rank"] <= settings.nearest
    return found


def _largest(parts: Floats, names: pd.Index) -> list[str]:
    order = np.argsort(-parts, kind="stable")[:SHOWN]
    return [str(names[place]) for place in order if parts[place] > 0]


def _signed(parts: Floats, names: pd.Index) -> list[str]:
    order = np.argsort(-np.abs(parts), kind="stable")[:SHOWN]
    return [f"{names[place]} {parts[place] * 100:+.0f}%" for place in order if abs(parts[place]) >= 0.005]


def _warnings(row: Any, structure: _Structure) -> Iterator[str]:
    if row.year != row.town_year:
        yield "different_year"
    if row.region_id in structure.gaps:
        yield "missing_cells"
    if not row.shared:
        yield "nothing_shared"


def _reason(row: Any) -> Text:
    return say(
        "diagnosis_peers.reason",
        name=row.region_name or row.region_id,
        krugman=f"{row.krugman:.2f}",
        cosine=f"{row.cosine:.2f}",
        ratio=f"{row.size_ratio:.2g}",
        shared=_called(row.shared),
        different=_called(row.different),
    )


def _called(listed: str) -> Text:
    """Industries as people say them: a code of an edition whose list ships by its Chinese name, links by their id."""
    spoken = [_spoken(one) for one in listed.split(";") if one]
    return Text("、".join(one.zh for one in spoken) or "-", ", ".join(one.en for one in spoken) or "-")


def _spoken(industry: str) -> Text:
    name, _, share = industry.partition(" ")
    edition, _, code = name.partition(":")
    tail = f" {share}" if share else ""
    if not code:
        return Text(name + tail, name + tail)
    known = (industry_names(edition) or {}).get(code, "")
    return Text(f"{known}（{code}）{tail}" if known else f"{code}（{edition}）{tail}", f"{code} ({edition}){tail}")


def _coverage_issues(rows: pd.DataFrame, structure: _Structure, found: pd.DataFrame) -> Iterator[Issue]:
    compared = set(found["region_id"]) | set(structure.years.index)
    left = sorted(set(rows["region_id"].unique()) - compared)
    if left:
        yield _issue("regions_left_out", left, "info", classification=structure.classification, value=structure.value)
    if structure.gaps:
        yield _issue("missing_cells", sorted(structure.gaps), value=structure.value)


def _issue(code: str, rows: list[str], level_of_issue: Level = "warning", **values: object) -> Issue:
    sentence = say(f"diagnosis_peers.{code}", rows=name_rows(rows), **values)
    return Issue(level_of_issue, code, sentence, "region_industries", "", tuple(rows))
