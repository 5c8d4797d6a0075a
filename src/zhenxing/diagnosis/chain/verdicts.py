"""From figures to a word: missing, weak, fair, strong, leader-dependent or unknown."""

from __future__ import annotations

from typing import Any

import numpy as np

from zhenxing.diagnosis.chain.inputs import Floats
from zhenxing.diagnosis.chain.settings import ChainSettings
from zhenxing.diagnosis.chain.supply import Counts

Words = np.ndarray[Any, np.dtype[np.str_]]


def verdicts(
    supplied: Counts,
    local_share: Floats,
    lq_low: Floats,
    lq_high: Floats,
    leader_share: Floats,
    settings: ChainSettings,
) -> Words:
    """Return the verdict of every link: the first of these that holds.

    1. ``missing``: nobody supplies it and nothing is committed.
    2. ``weak``: local supply share below ``weak_share``; without one, the quotient's interval lies below 1.
    3. ``leader_dependent``: the largest maker has ``leader_share`` of the known output or more.
    4. ``unknown``: neither a local supply share nor a quotient's interval is known.
    5. ``strong``: local supply share of ``strong_share`` or more and the quotient's interval not below 1; without a
       local supply share, the interval lies above 1.
    6. ``fair``: all others.

    Parameters
    ----------
    supplied : ndarray
        Makers, and one for output that is committed.
    local_share, lq_low, lq_high, leader_share : ndarray
        By link; NaN where unknown. ``local_share`` may have a leading dimension (draws).

    Examples
    --------
    >>> none = np.full(3, np.nan)
    >>> verdicts(np.array([0, 4, 4]), np.array([0.0, 0.2, 0.95]), none, none, none, ChainSettings()).tolist()
    ['missing', 'weak', 'strong']
    """
    known = ~np.isnan(local_share)
    with np.errstate(invalid="ignore"):
        below, above = lq_high < 1, lq_low > 1
        conditions = [
            np.broadcast_to(supplied == 0, local_share.shape),
            np.where(known, local_share < settings.weak_share, below),
            np.broadcast_to(leader_share >= settings.leader_share, local_share.shape),
            ~known & np.isnan(lq_low) & np.isnan(lq_high),
            np.where(known, (local_share >= settings.strong_share) & ~below, above),
        ]
    words: Words = np.select(conditions, ["missing", "weak", "leader_dependent", "unknown", "strong"], "fair")
    return words
