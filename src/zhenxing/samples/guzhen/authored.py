"""Authored content of the Guzhen example: CSV files beside this module, and its one source of random numbers."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
import pandas as pd

BASE_YEAR: Final = 2026
YEARS: Final = tuple(range(2027, 2035))
# The date of the town's published agenda (8 March 2020): an arbitrary but memorable seed.
SEED: Final = 20200308


@cache
def _read(name: str) -> pd.DataFrame:
    source = files("zhenxing.samples.guzhen") / f"{name}.csv"
    with source.open(encoding="utf-8") as stream:
        return pd.read_csv(stream, dtype={"code": "str"}, keep_default_na=False, na_values=[""])


def authored(name: str) -> pd.DataFrame:
    """Return a copy of an authored table, for example ``facts`` or ``villages``.

    Examples
    --------
    >>> len(authored("villages")), len(authored("parks"))
    (13, 6)
    """
    return _read(name).copy()


@cache
def fact(name: str) -> float:
    """Return the number of a cited public fact (see ``facts.csv`` for its source and tag).

    Examples
    --------
    >>> fact("industrial_land_mu")
    12000.0
    """
    facts = authored("facts").set_index("fact")
    return float(str(facts.at[name, "value"]))


def origin(name: str) -> str:
    """Return the source and the tag of a fact, as tables of published figures quote it."""
    facts = authored("facts").set_index("fact")
    return f"{facts.at[name, 'source']!s} [{facts.at[name, 'tag']!s}]"


def each(frame: pd.DataFrame) -> Iterable[Any]:
    """Iterate over the rows of a frame by column name."""
    return frame.itertuples(index=False)


def numbers(part: str) -> np.random.Generator:
    """Return the random numbers of one part of the example, the same on every machine."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([SEED, *part.encode()])))
