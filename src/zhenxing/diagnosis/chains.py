"""The industry chains that ship as data: their links and what the links buy from each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhenxing.errors import InputError
from zhenxing.i18n import say
from zhenxing.rules.files import records

if TYPE_CHECKING:
    import pandas as pd

CHAINS = ("lighting", "smart_pole_display")

_NUMBERS = {"weight", "share", "share_low", "share_high"}
_BOOLEANS = {"is_key", "assumed"}


def load_chain(name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tables ``links`` and ``link_inputs`` of a chain that ships with the package.

    Every input share is an assumption (``assumed``, tag M) between ``share_low`` and ``share_high``: no published table
    has these links. Codes are of GB/T 4754-2017; those in ``assumed_codes`` are from memory.

    Parameters
    ----------
    name : {"lighting", "smart_pole_display"}
        The chain.

    Returns
    -------
    links, link_inputs : DataFrame
        Typed as the town's tables of these names; lists are joined by ``;``.

    Raises
    ------
    InputError
        No chain of that name ships.

    Examples
    --------
    >>> links, link_inputs = load_chain("lighting")
    >>> len(links), len(link_inputs)
    (31, 44)
    """
    if name not in CHAINS:
        raise InputError(say("diagnosis_classification.unknown_chain", given=name, known="、".join(CHAINS)))
    return _table(f"chains/{name}/links.csv"), _table(f"chains/{name}/link_inputs.csv")


def _table(file: str) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(records(file), dtype="str")
    for column in frame.columns:
        if column in _NUMBERS:
            frame[column] = pd.to_numeric(frame[column])
        elif column in _BOOLEANS:
            frame[column] = (frame[column] == "true").astype("boolean")
        else:
            frame[column] = frame[column].where(frame[column] != "")
    return frame
