"""Titles of the sample's firms and what the ladder asks beyond yearly figures; absent means unknown, as in offices."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from zhenxing.samples.guzhen.authored import BASE_YEAR, numbers

SOURCE: Final = "合成 / synthetic"
HIGH_TECH: Final = "高新技术企业"
INNOVATIVE: Final = "创新型中小企业"
SPECIALISED: Final = "专精特新中小企业"
LITTLE_GIANT: Final = "专精特新“小巨人”企业"
# Links whose firms live on knowledge hold more titles.
KNOWING: Final = ("PKG", "DRV", "CTRL", "OPT", "MOD", "PCB", "DESIGN", "EQUIP")


def titles(firms: pd.DataFrame, drawn: pd.DataFrame) -> list[str]:
    """Return the titles each firm holds, separated by semicolons; the larger and the knowing hold more."""
    rng = numbers("titles")
    share = (drawn["revenue_wan"] / drawn["line_wan"]).to_numpy(dtype=float)
    merit = 0.35 * np.log(share) + 0.9 * drawn["link_id"].isin(KNOWING) + 0.35 * rng.standard_normal(len(firms))
    held = []
    for value, ratio in zip(merit, share, strict=True):
        own = []
        if value > 0.45 and ratio > 0.25:
            own.append(HIGH_TECH)
        if value > 0.7 and ratio > 0.4:
            own.append(INNOVATIVE)
        if value > 0.95 and ratio > 0.5:
            own.append(SPECIALISED)
        if value > 1.6 and ratio > 2.0:
            own.append(LITTLE_GIANT)
        held.append(";".join(own))
    return held


def fact_table(firms: pd.DataFrame, drawn: pd.DataFrame) -> pd.DataFrame:
    """Return the facts known of the firms that an office has looked at: the larger ones and those with a title."""
    rng = numbers("facts")
    share = (drawn["revenue_wan"] / drawn["line_wan"]).to_numpy(dtype=float)
    looked = (share > 0.55) | (firms["titles"].astype(str) != "").to_numpy()
    rows: list[tuple[str, str, float]] = []
    for firm, link, held in zip(
        firms.loc[looked, "firm_id"], drawn.loc[looked, "link_id"], firms.loc[looked, "titles"], strict=True
    ):
        knowing = link in KNOWING
        drawn_facts = {
            "debt_ratio": round(float(rng.uniform(0.25, 0.85)), 3),
            "niche_years": float(rng.integers(1, 15)),
            "class1": float(rng.poisson(1.6 if knowing else 0.3)),
            "class2": float(rng.poisson(4.0 if knowing else 2.0)),
            "rd_staff_share": round(float(rng.beta(2.0, 14.0 if knowing else 30.0)), 3),
            "net_margin": round(float(rng.normal(0.05, 0.035)), 3),
            "digital_level": float(rng.integers(1, 4)),
            "own_brand": float(rng.random() < 0.5),
            "management_certificate": float(rng.random() < 0.45),
            "strategic_emerging": float(knowing and rng.random() < 0.7),
            "extends_chain": float(knowing and rng.random() < 0.4),
            "high_tech": float("高新" in str(held)),
            "no_violations": 1.0,
            "design_awards": float(rng.poisson(0.5 if link in ("DESIGN", "LAMP") else 0.05)),
            "exhibitions": float(rng.poisson(1.4 if link in ("LAMP", "DESIGN", "CRYS") else 0.4)),
        }
        rows += [(str(firm), name, value) for name, value in drawn_facts.items() if rng.random() < 0.82]
    table = pd.DataFrame(rows, columns=["firm_id", "fact", "value"])
    table.insert(2, "year", BASE_YEAR - 1)
    return table.assign(source=SOURCE)
