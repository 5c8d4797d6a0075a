"""What only firms have: codes with a check digit, a stable id, capital as text, industry codes, addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from zhenxing.importers.address import Place, leading_city, locate
from zhenxing.importers.capital import parse_capital
from zhenxing.importers.cells import is_blank, plain
from zhenxing.importers.codes import clean_codes, credit_code_states, industry_code
from zhenxing.importers.extract import Extract, firm_keyed
from zhenxing.importers.findings import cell_finding, examples, sheet_finding
from zhenxing.importers.headers import HeaderBlock, read_header
from zhenxing.importers.recognition import aliases
from zhenxing.importers.rows import RowKinds
from zhenxing.importers.text import normalise_name
from zhenxing.rules.divisions import divisions
from zhenxing.rules.industry import EDITIONS

_CITY_HEADERS = frozenset({"city", "城市", "地市", "所在城市", "市"})


# ids of firms without a valid code
_BY_NAME = "name:"


@dataclass(frozen=True)
class FirmOptions:
    """What the user says about a register: edition of the industry codes, city of addresses without one."""

    edition: str = ""
    city: str = ""


def firm_ids(codes: Sequence[object], names: Sequence[object]) -> tuple[list[str | None], np.ndarray]:
    """Return the id of each firm and the state of its code: the valid code, else ``name:`` and the normalised name.

    Examples
    --------
    >>> firm_ids(["91350100M000100Y43", None], ["甲", "中山市 乙灯饰有限责任公司"])[0]
    ['91350100M000100Y43', 'name:中山市乙灯饰有限公司']
    """
    texts = clean_codes(["" if is_blank(code) else plain(code) for code in codes])
    states = credit_code_states(texts)
    ids: list[str | None] = []
    for text, state, name in zip(texts, states, names, strict=True):
        if state == "valid":
            ids.append(text)
        else:
            ids.append(None if is_blank(name) else f"{_BY_NAME}{normalise_name(plain(name))}")
    return ids, states


def complete_firms(extract: Extract, block: HeaderBlock, kinds: RowKinds, options: FirmOptions) -> None:
    """Fill in what follows from a firm's cells: firm_id, capital, industry code, town and village."""
    frame = extract.frame
    nothing: list[object] = [None] * len(frame)
    codes = frame["credit_code"].tolist() if "credit_code" in frame else nothing
    names = frame["name"].tolist() if "name" in frame else nothing
    ids, states = firm_ids(codes, names)
    if "firm_id" in frame:
        given = frame["firm_id"].tolist()
        ids = [made if is_blank(own) else str(own) for own, made in zip(given, ids, strict=True)]
    frame["firm_id"] = pd.Series(ids, index=frame.index, dtype="str")
    if "credit_code" in frame:
        cleaned = clean_codes(["" if is_blank(code) else plain(code) for code in codes])
        frame["credit_code"] = pd.Series([code or None for code in cleaned], index=frame.index, dtype="str")
        _report_codes(extract, states)
    _read_capital(extract)
    _read_industry(extract, options)
    _read_town(extract, block, kinds, options)


def complete_firm_rows(extract: Extract) -> None:
    """Fill in ``firm_id`` of a table that names its firm by code or name (firm years, displaced firms)."""
    if extract.firm_code is None and extract.firm_name is None:
        return
    nothing: list[object] = [None] * len(extract.frame)
    ids, _ = firm_ids(extract.firm_code or nothing, extract.firm_name or nothing)
    origin = extract.origins.get("firm_id")
    if (
        "firm_id" in extract.frame
        and origin is not None
        and aliases("firms").get(read_header(origin.header).base) == "firm_id"
    ):
        given = extract.frame["firm_id"].tolist()
        ids = [made if is_blank(own) else str(own) for own, made in zip(given, ids, strict=True)]
    extract.frame["firm_id"] = pd.Series(ids, index=extract.frame.index, dtype="str")


def _report_codes(extract: Extract, states: np.ndarray) -> None:
    rows = extract.frame.index.to_numpy()
    place = extract.origins["credit_code"].place
    for state, code in (
        ("check_digit", "credit_code_check"),
        ("characters", "credit_code_shape"),
        ("length", "credit_code_shape"),
    ):
        wrong = [int(row) for row in rows[states == state]]
        if wrong:
            shown = examples(extract.sheet, wrong, place)
            extract.findings.append(
                cell_finding(code, extract.sheet, "firms", "credit_code", wrong, place, examples=shown)
            )
    older = int((states == "registration_number").sum())
    if older:
        extract.findings.append(
            sheet_finding("info", "registration_numbers", extract.sheet, "firms", "credit_code", count=older)
        )


def _read_capital(extract: Extract) -> None:
    frame = extract.frame
    source = next((name for name in ("capital_text", "capital_wan") if name in frame), "")
    if not source or {"capital_text", "capital_wan"} <= set(frame.columns):
        if "capital_wan" in frame:
            frame["capital_wan"] = pd.to_numeric(frame["capital_wan"], errors="coerce")
        return
    origin = extract.origins[source]
    unit = origin.unit or ("万元" if origin.header.strip() == "capital_wan" else "")
    texts = [None if is_blank(value) else plain(value).strip() for value in frame[source]]
    parsed = [None if text is None else parse_capital(text, unit) for text in texts]
    frame["capital_text"] = pd.Series(texts, index=frame.index, dtype="str")
    frame["capital_wan"] = np.array([np.nan if one is None else one.wan for one in parsed], dtype="float64")
    frame["capital_currency"] = pd.Series(
        [None if one is None else one.currency for one in parsed], index=frame.index, dtype="str"
    )
    for made in ("capital_text", "capital_wan", "capital_currency"):
        extract.origins[made] = origin
    unknown = [int(row) for row, text, one in zip(frame.index, texts, parsed, strict=True) if text and one is None]
    if unknown:
        shown = examples(extract.sheet, unknown, origin.place)
        extract.findings.append(
            cell_finding(
                "capital_unknown", extract.sheet, "firms", "capital_wan", unknown, origin.place, examples=shown
            )
        )
    foreign = sorted({one.currency for one in parsed if one is not None and one.currency != "CNY"})
    if foreign:
        count = sum(one is not None and one.currency != "CNY" for one in parsed)
        extract.findings.append(
            sheet_finding(
                "info",
                "capital_currency",
                extract.sheet,
                "firms",
                "capital_wan",
                count=count,
                currencies=", ".join(foreign),
            )
        )


def _read_industry(extract: Extract, options: FirmOptions) -> None:
    frame = extract.frame
    if "industry_code" not in frame:
        return
    origin = extract.origins["industry_code"]
    if "industry_edition" in frame:
        editions = [_edition(value) or options.edition for value in frame["industry_edition"]]
    else:
        editions = [options.edition] * len(frame)
    codes: list[str | None] = []
    unknown: list[int] = []
    for row, value, edition in zip(frame.index, frame["industry_code"], editions, strict=True):
        if is_blank(value):
            codes.append(None)
            continue
        code, known = industry_code(plain(value), edition)
        codes.append(code)
        if not known:
            unknown.append(int(row))
    frame["industry_code"] = pd.Series(codes, index=frame.index, dtype="str")
    frame["industry_edition"] = pd.Series(
        [edition or None if code else None for edition, code in zip(editions, codes, strict=True)],
        index=frame.index,
        dtype="str",
    )
    if unknown:
        shown = examples(extract.sheet, unknown, origin.place)
        extract.findings.append(
            cell_finding(
                "industry_unknown", extract.sheet, "firms", "industry_code", unknown, origin.place, examples=shown
            )
        )
    lacking = sum(code is not None and not edition for code, edition in zip(codes, editions, strict=True))
    if lacking:
        extract.findings.append(
            sheet_finding("warning", "industry_no_edition", extract.sheet, "firms", "industry_edition", count=lacking)
        )


def _edition(value: object) -> str:
    text = "" if is_blank(value) else plain(value)
    return next((edition for edition in EDITIONS if edition in text), "")


def _read_town(extract: Extract, block: HeaderBlock, kinds: RowKinds, options: FirmOptions) -> None:
    frame = extract.frame
    written = frame["town_code"].tolist() if "town_code" in frame else [None] * len(frame)
    addresses = frame["address"].tolist() if "address" in frame else [None] * len(frame)
    cities = _cities(extract, block, kinds, options)
    places = [_place(town, address, city) for town, address, city in zip(written, addresses, cities, strict=True)]
    frame["town_code"] = pd.Series([place.town_code or None for place in places], index=frame.index, dtype="str")
    if "address" in frame:
        extract.origins.setdefault("town_code", extract.origins["address"])
        _report_places(extract, places, addresses)
    villages = [place.village_code or place.village or None for place in places]
    if "village_id" in frame:
        given = frame["village_id"].tolist()
        villages = [found if is_blank(own) else str(own) for own, found in zip(given, villages, strict=True)]
    elif any(villages):
        extract.origins["village_id"] = extract.origins["address"]
    if any(villages):
        frame["village_id"] = pd.Series(villages, index=frame.index, dtype="str")


def _cities(extract: Extract, block: HeaderBlock, kinds: RowKinds, options: FirmOptions) -> list[str]:
    """Return the 4-digit city code of each row: its own city column, else the city that the user or the town names."""
    known = divisions()
    default = options.city if options.city.isdigit() else known.city_code(options.city)
    place = next((at for at, header in enumerate(block.headers) if header.base in _CITY_HEADERS), None)
    if place is None:
        return [default or _inferred_city(extract)] * len(extract.frame)
    cells = extract.sheet.cells[place].to_numpy()
    codes = {value: known.city_code(value) for value in set(cells) if isinstance(value, str)}
    return [codes.get(cells[row], "") or default for row in kinds.data if row in extract.frame.index]


def _inferred_city(extract: Extract) -> str:
    """Take the city that most addresses begin with, where neither the user nor the town names one."""
    if "address" not in extract.frame:
        return ""
    counts: dict[str, int] = {}
    addresses = [address for address in extract.frame["address"] if isinstance(address, str)]
    for address in addresses:
        code = leading_city(address)
        counts[code] = counts.get(code, 0) + 1
    best = max(counts, key=lambda code: counts[code] if code else 0, default="")
    if not best or counts[best] * 2 < len(addresses):
        return ""
    city = divisions().by_code[best].name
    extract.findings.append(sheet_finding("info", "city_inferred", extract.sheet, "firms", "town_code", city=city))
    return best


_NOWHERE = Place("", "", "", "none")


def _place(town: object, address: object, city: str) -> Place:
    text = "" if is_blank(town) else plain(town)
    if len(text) in (9, 12) and text.isdigit():
        found = (
            locate(plain(address), text[:4]) if not is_blank(address) and text[:4] in divisions().by_code else _NOWHERE
        )
        return found if found.town_code == text[:9] else Place(text[:9], "", "", "given")
    if not city:
        return Place("", "", "", "no_city")
    if text:
        named = locate(text, city)
        if named.town_code:
            inside = locate(plain(address), city) if not is_blank(address) else _NOWHERE
            return inside if inside.town_code == named.town_code else named
    return locate(address, city) if isinstance(address, str) else _NOWHERE


def _report_places(extract: Extract, places: list[Place], addresses: list[object]) -> None:
    place = extract.origins["address"].place
    found = sum(bool(one.town_code) for one in places)
    lost = [
        int(row)
        for row, one, address in zip(extract.frame.index, places, addresses, strict=True)
        if one.how == "none" and isinstance(address, str)
    ]
    extract.findings.append(
        sheet_finding(
            "info", "towns_found", extract.sheet, "firms", "town_code", count=found, lacking=len(places) - found
        )
    )
    if lost:
        shown = examples(extract.sheet, lost, place)
        extract.findings.append(
            cell_finding("address_no_town", extract.sheet, "firms", "town_code", lost, place, examples=shown)
        )
    if any(one.how == "no_city" for one in places):
        extract.findings.append(sheet_finding("warning", "city_unknown", extract.sheet, "firms", "town_code"))
    remembered = sum(one.tag == "M" for one in places)
    if remembered:
        extract.findings.append(
            sheet_finding("info", "town_alias_used", extract.sheet, "firms", "town_code", count=remembered)
        )
    rows = [
        int(row) for row, one in zip(extract.frame.index, places, strict=True) if one.how in ("ambiguous", "other_city")
    ]
    if rows:
        shown = examples(extract.sheet, rows, place)
        extract.findings.append(
            cell_finding("address_ambiguous", extract.sheet, "firms", "town_code", rows, place, examples=shown)
        )


def unify_firms(extracts: Mapping[str, list[Extract]], held: pd.DataFrame) -> None:
    """Give a firm that a sheet knows by name alone the id under which its code is known elsewhere.

    Parameters
    ----------
    extracts : mapping of str to list of Extract
        All tables of the import; those that name firms are changed in place.
    held : DataFrame
        The firms that the town holds.
    """
    coded: dict[str, set[str]] = {}
    for frame in (held, *(extract.frame for extract in extracts.get("firms", []))):
        if "firm_id" not in frame or "name" not in frame:
            continue
        for firm_id, name in zip(frame["firm_id"], frame["name"], strict=True):
            if isinstance(firm_id, str) and isinstance(name, str) and not firm_id.startswith(_BY_NAME):
                coded.setdefault(_BY_NAME + normalise_name(name), set()).add(firm_id)
    ids = {name: next(iter(found)) for name, found in coded.items() if len(found) == 1}
    for table, parts in extracts.items():
        for extract in parts:
            if table == "firms" or firm_keyed(table):
                _unify(extract, ids)


def _unify(extract: Extract, ids: Mapping[str, str]) -> None:
    if "firm_id" not in extract.frame:
        return
    given = extract.frame["firm_id"]
    known = given.map(ids)
    rows = known.notna()
    if not rows.any():
        return
    extract.frame["firm_id"] = given.where(~rows, known)
    pairs = dict(zip(given[rows], known[rows], strict=True))
    shown = "、".join(f"{name.removeprefix(_BY_NAME)} → {firm_id}" for name, firm_id in list(pairs.items())[:3])
    extract.findings.append(
        sheet_finding("info", "names_to_ids", extract.sheet, extract.table, "firm_id", count=len(pairs), example=shown)
    )
