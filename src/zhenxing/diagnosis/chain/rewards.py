"""What the plan is to earn for filling a gap: rows of ``chain_rewards``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from zhenxing.diagnosis.chain.inputs import Floats, Links
from zhenxing.diagnosis.chain.settings import ChainSettings

# parts of a gap smaller than this share of it are rounding, not segments (and never below this many 万元)
SMALLEST_PART = 1e-9


def chain_rewards(
    links: Links, gaps: tuple[Floats, Floats, Floats], local_share: Floats, exposed: Floats, settings: ChainSettings
) -> pd.DataFrame:
    """Return the reward segments of every link with a gap.

    The segments of a link are the certain part of its gap (gap_wan_low), what the base shares add (gap_wan −
    gap_wan_low) and what is only possible (gap_wan_high − gap_wan); one 万元 of yearly output in part i earns

        reward_per_output · weight · (1 − local_supply_share) · (1 + exposure_bonus · exposure) · reward_falls[i]

    so that it never rises with the segment. Output beyond the last segment earns nothing, as in the plan. A link with
    an unknown gap, or of weight 0, has no row.

    Parameters
    ----------
    gaps : tuple of ndarray
        gap_wan_low, gap_wan, gap_wan_high by link.
    local_share, exposed : ndarray
        Local supply share and exposure by link.

    Returns
    -------
    DataFrame
        link_id, segment, output_wan, reward_per_output.
    """
    low, base, high = gaps
    parts = np.stack([low, base - low, high - base], axis=1)
    lacking = 1 - np.nan_to_num(local_share)
    worth = settings.reward_per_output * links.weight * lacking * (1 + settings.exposure_bonus * exposed)
    rows = []
    for place, link in enumerate(links.ids):
        segment = 0
        for size, fall in zip(parts[place], settings.reward_falls, strict=True):
            if not size > SMALLEST_PART * max(1.0, high[place]) or worth[place] * fall <= 0:
                continue
            segment += 1
            rows.append((str(link), segment, float(size), float(worth[place] * fall)))
    table = pd.DataFrame(rows, columns=["link_id", "segment", "output_wan", "reward_per_output"])
    return table.astype({"link_id": "str", "segment": "Int64", "output_wan": "float64", "reward_per_output": "float64"})
