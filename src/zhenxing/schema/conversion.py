"""Turn the cells of a column, as people write them, into typed values; name every cell that is not plain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from zhenxing.schema.declaration import Column

# What each fault code looks like in a cell, in the order in which they are tried.
NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
NUMBER_FAULTS = {
    "not_finite": r"(?i)[+-]?(?:nan|inf|infinity|∞|#n/a|#div/0!|#value!|#ref!|#num!|#name\?)",
    "percent": r"[+-]?[0-9.]+\s*[%％]",
    "thousands": r"[+-]?[0-9]{1,3}(?:[,，][0-9]{3})+(?:\.[0-9]+)?",
}
BOOLEANS = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}
# a day, or only the month or the year where no more is known (ISO 8601 reduced precision)
DATE = r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?"


@dataclass(frozen=True)
class CellFault:
    """Cells of one column that cannot be read: the fault's code, their positions and what stands in them."""

    code: str
    positions: np.ndarray
    values: tuple[str, ...]


def as_text(raw: pd.Series) -> pd.Series:
    """Return a column as text with NaN for missing; whole floats lose their ``.0`` so that ids stay ids.

    Examples
    --------
    >>> as_text(pd.Series([1.0, 2.5, None])).tolist()[:2]
    ['1', '2.5']
    """
    if raw.dtype == "str":
        return raw
    if pd.api.types.is_datetime64_any_dtype(raw.dtype):
        return pd.Series(raw.dt.strftime("%Y-%m-%d"), dtype="str")
    cells = [None if missing else _cell(value) for value, missing in zip(raw, raw.isna(), strict=True)]
    return pd.Series(cells, index=raw.index, name=raw.name, dtype="str")


def _cell(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float | np.floating):
        whole = float(value).is_integer() and abs(float(value)) < 1e15
        return str(int(value)) if whole else repr(float(value))
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    return str(value)


def _found(code: str, mask: pd.Series, text: pd.Series) -> CellFault:
    positions = np.flatnonzero(mask.to_numpy())
    return CellFault(code, positions, tuple(str(value) for value in text.iloc[positions]))


def _numbers(raw: pd.Series) -> tuple[pd.Series, list[CellFault]]:
    if pd.api.types.is_numeric_dtype(raw.dtype) and not pd.api.types.is_bool_dtype(raw.dtype):
        values = pd.Series(raw.to_numpy(dtype="float64", na_value=np.nan), index=raw.index, name=raw.name)
        infinite = values.abs() == np.inf
        faults = [_found("not_finite", infinite, values)] if infinite.any() else []
        return values.mask(infinite) if faults else values, faults
    numbers = _all_plain(raw)
    if numbers is not None:
        return pd.Series(numbers, index=raw.index, name=raw.name), []
    text = as_text(raw).str.strip()
    given = text.notna() & (text != "")
    plain = given & text.str.fullmatch(NUMBER).astype("boolean").fillna(False).astype(bool)
    numbers = np.full(len(text), np.nan)
    # numpy's own parser reads each text to the nearest double, so that a written number comes back bit for bit
    numbers[plain.to_numpy()] = text[plain].to_numpy(dtype=object).astype("float64")
    values = pd.Series(numbers, index=raw.index, name=raw.name)
    faults = _number_faults(text, given & ~plain)
    infinite = values.abs() == np.inf
    if infinite.any():
        faults.append(_found("not_finite", infinite, text))
        values = values.mask(infinite)
    return values, faults


def _all_plain(raw: pd.Series) -> np.ndarray | None:
    """Return a text column's numbers when every cell is a plain finite number or empty, else None."""
    if raw.dtype != "str":
        return None
    text = pc.utf8_trim_whitespace(pa.array(raw, type=pa.string(), from_pandas=True))
    text = pc.if_else(pc.equal(text, ""), None, text)
    if not pc.all(pc.match_substring_regex(text, f"^(?:{NUMBER})$"), min_count=0).as_py():
        return None
    try:
        numbers: np.ndarray = pc.cast(text, pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        # a leading plus is a plain number, but not to Arrow
        return None
    return None if np.isinf(numbers).any() else numbers


def _number_faults(text: pd.Series, unread: pd.Series) -> list[CellFault]:
    faults = []
    for code, pattern in NUMBER_FAULTS.items():
        if not unread.any():
            break
        hit = unread & text.where(unread, "").str.fullmatch(pattern).astype(bool)
        if hit.any():
            faults.append(_found(code, hit, text))
            unread = unread & ~hit
    if unread.any():
        faults.append(_found("not_a_number", unread, text))
    return faults


def _integers(raw: pd.Series) -> tuple[pd.Series, list[CellFault]]:
    values, faults = _numbers(raw)
    numbers = values.to_numpy()
    missing = np.isnan(numbers)
    # beyond 2**53 a float no longer tells whole numbers apart
    broken = ~missing & ((numbers != np.floor(numbers)) | (np.abs(numbers) > 2**53))
    if broken.any():
        faults.append(_found("not_whole", pd.Series(broken, index=raw.index), values))
    empty = missing | broken
    whole = pd.arrays.IntegerArray(np.where(empty, 1, numbers).astype("int64"), empty)
    return pd.Series(whole, index=raw.index, name=raw.name), faults


def _booleans(raw: pd.Series) -> tuple[pd.Series, list[CellFault]]:
    if pd.api.types.is_bool_dtype(raw.dtype):
        return raw.astype("boolean"), []
    text = as_text(raw).str.strip().str.lower()
    values = text.map(BOOLEANS)
    broken = text.notna() & (text != "") & values.isna()
    faults = [_found("not_a_boolean", broken, text)] if broken.any() else []
    return values.astype("boolean"), faults


def _dates(raw: pd.Series) -> tuple[pd.Series, list[CellFault]]:
    text = as_text(raw).str.strip()
    text = text.mask(text == "")
    form = text.notna() & text.str.fullmatch(DATE).astype("boolean").fillna(False).astype(bool)
    day = (text.where(form) + "-01-01").str.slice(0, 10)
    real = pd.to_datetime(day, format="%Y-%m-%d", errors="coerce").notna()
    broken = text.notna() & ~real
    faults = [_found("not_a_date", broken, text)] if broken.any() else []
    return text.mask(broken), faults


def _texts(raw: pd.Series) -> tuple[pd.Series, list[CellFault]]:
    text = as_text(raw)
    blank = text == ""
    return text.mask(blank) if blank.any() else text, []


_READERS = {
    "number": _numbers,
    "integer": _integers,
    "year": _integers,
    "boolean": _booleans,
    "date": _dates,
    "text": _texts,
    "list": _texts,
}
DTYPES = {
    "number": "float64",
    "integer": "Int64",
    "year": "Int64",
    "boolean": "boolean",
    "date": "str",
    "text": "str",
    "list": "str",
}


def convert(raw: pd.Series, column: Column) -> tuple[pd.Series, list[CellFault]]:
    """Return a column's cells as typed values and the cells that could not be read (they become missing).

    Examples
    --------
    >>> from zhenxing import schema
    >>> values, faults = convert(pd.Series(["12.5", "1,200"], dtype="str"), schema.table("sites").columns["area_mu"])
    >>> values[0], faults[0].code, faults[0].values
    (np.float64(12.5), 'thousands', ('1,200',))
    """
    return _READERS[column.type](raw)
