"""A drawn panel of firms with yearly figures, to hold a forecast of crossing the above-scale line against.

No public panel of firms around the line exists, so this one is synthetic throughout. Revenue grows lognormally with
lasting differences between firms, common good and bad years, passing shocks and rare jumps; what is *reported* bunches
on both sides of the line (firms in the register hold on just above it, firms outside stay just below it); small and
shrinking firms leave more often, some by merger; small firms fail to report more often.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from zhenxing.errors import InputError
from zhenxing.i18n import say

LAST_YEAR: Final = 2025
STATES: Final = np.array(["none", "eligible", "filed", "in_register"])
NONE, ELIGIBLE, FILED, IN_REGISTER = range(4)
# Kind of firm: code of GB/T 4754-2017, line of its sector (万元 a year), share of firms, median revenue (万元).
KINDS: Final = (
    ("3872", 2000.0, 0.46, 700.0, "照明器具制造；照明器具销售"),
    ("3399", 2000.0, 0.17, 560.0, "五金产品制造；五金产品零售"),
    ("3879", 2000.0, 0.12, 820.0, "电子元器件制造；驱动电源销售"),
    ("3975", 2000.0, 0.06, 1100.0, "半导体照明器件制造；半导体照明器件销售"),
    ("5174", 2000.0, 0.11, 640.0, "照明器具销售；半导体照明器件销售"),
    ("5282", 500.0, 0.08, 190.0, "灯具销售；家居用品销售"),
)


@dataclass(frozen=True)
class Behaviour:
    """How firms of a panel grow, report, stay in the register and leave."""

    trend: float = 0.035
    trend_spread: float = 0.055
    common_spread: float = 0.045
    lasting_spread: float = 0.10
    passing_spread: float = 0.07
    jump_chance: float = 0.04
    jump_size: float = 0.6
    hold_on: float = 0.5
    stay_below: float = 0.4
    reach_up: float = 0.12
    filing: float = 0.7
    grace: float = 0.55
    leaving: float = 0.015
    leaving_small: float = 0.03
    leaving_shrinking: float = 0.08
    merging_share: float = 0.2
    missing: float = 0.03
    missing_small: float = 0.06
    missing_again: float = 0.35


def firm_panel(seed: int, firms: int, years: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw firms and their yearly figures (synthetic), with bunching at the above-scale line, jumps, exits and gaps.

    Parameters
    ----------
    seed : int
        Seed of the random numbers; the same panel for the same seed on every machine.
    firms : int
        Number of firms alive in the first year.
    years : int
        Number of years, ending in 2025.

    Returns
    -------
    tuple of DataFrame
        ``firms`` (firm_id, name, industry_code, industry_edition, scope, founded, status) and ``firm_years`` (firm_id,
        year, revenue_wan, main_revenue_wan, assets_wan, register_state, output_wan, value_added_wan, tax_wan,
        profit_wan, employees, rd_wan, electricity_mwh) in 万元, people and MWh. A firm that has left or did not report
        has no row of that year; status is 存续, 注销 or 吸收合并.

    Raises
    ------
    InputError
        When there are no firms or no years.

    Examples
    --------
    >>> firms, firm_years = firm_panel(seed=1, firms=200, years=6)
    >>> len(firms), int(firm_years["year"].min()), int(firm_years["year"].max())
    (200, 2020, 2025)
    """
    if firms < 1 or years < 1:
        raise InputError(say("samples.empty_panel", firms=firms, years=years))
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 1978])))
    kind = rng.choice(len(KINDS), firms, p=[share for _, _, share, *_ in KINDS])
    line = np.array([row[1] for row in KINDS])[kind]
    median = np.array([row[3] for row in KINDS])[kind]
    level = np.log(median) + rng.normal(0.0, 0.85, firms)
    behaviour = Behaviour()
    true = grown(rng, level, years, behaviour)
    true, alive, merged = departures(rng, true, line, behaviour)
    reported, state = reports(rng, np.exp(true), line, behaviour)
    seen = alive & ~unreported(rng, np.exp(true), line, behaviour)
    ids = np.array([f"F{n + 1:06d}" for n in range(firms)])
    status = np.where(alive[:, -1], "存续", np.where(merged, "吸收合并", "注销"))
    born = rng.integers(1996, LAST_YEAR - years + 2, firms)
    table = pd.DataFrame(
        {
            "firm_id": ids,
            "name": [f"合成面板企业{n + 1:06d}（示例）" for n in range(firms)],
            "industry_code": [KINDS[k][0] for k in kind],
            "industry_edition": "2017",
            "scope": [f"一般项目：{KINDS[k][4]}" for k in kind],
            "founded": [f"{year}-{month:02d}-01" for year, month in zip(born, rng.integers(1, 13, firms), strict=True)],
            "status": status,
        }
    )
    rows, columns = np.nonzero(seen)
    figures = yearly_figures(rng, reported[rows, columns], line[rows])
    calendar = np.arange(LAST_YEAR - years + 1, LAST_YEAR + 1)
    panel = pd.DataFrame({"firm_id": ids[rows], "year": calendar[columns], **figures})
    panel.insert(5, "register_state", STATES[state[rows, columns]])
    return table, panel


def grown(rng: np.random.Generator, level: np.ndarray, years: int, behaviour: Behaviour) -> np.ndarray:
    """Return the logarithm of true revenue by firm and year, from the level of the first year on."""
    firms = len(level)
    trend = rng.normal(behaviour.trend, behaviour.trend_spread, firms)
    common = rng.normal(0.0, behaviour.common_spread, years)
    # Small firms swing more: the spread falls with size, by a quarter for every tenfold of revenue.
    size = np.clip(1.75 - 0.25 * level / np.log(10.0), 0.6, 1.6)
    lasting = level.copy()
    out = np.empty((firms, years))
    for t in range(years):
        if t:
            jump = rng.random(firms) < behaviour.jump_chance
            way = np.where(rng.random(firms) < 0.6, 1.0, -1.0)
            lasting = lasting + trend + common[t] + size * behaviour.lasting_spread * rng.standard_normal(firms)
            lasting = lasting + np.where(
                jump, way * behaviour.jump_size * np.abs(1 + 0.4 * rng.normal(size=firms)), 0.0
            )
        out[:, t] = lasting + size * behaviour.passing_spread * rng.standard_t(4, firms)
    return out


def departures(
    rng: np.random.Generator, true: np.ndarray, line: np.ndarray, behaviour: Behaviour
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return revenue with what mergers moved, who is alive in each year, and who left by merger."""
    firms, years = true.shape
    true = true.copy()
    alive = np.ones((firms, years), dtype=bool)
    merged = np.zeros(firms, dtype=bool)
    for t in range(1, years):
        shrinking = true[:, t] < true[:, t - 1] + np.log(0.75)
        small = np.exp(true[:, t]) < 0.15 * line
        chance = behaviour.leaving + behaviour.leaving_small * small + behaviour.leaving_shrinking * shrinking
        leaves = alive[:, t - 1] & (rng.random(firms) < chance)
        by_merger = leaves & (rng.random(firms) < behaviour.merging_share)
        alive[:, t] = alive[:, t - 1] & ~leaves
        for firm in np.flatnonzero(by_merger):
            buyers = np.flatnonzero(alive[:, t] & (true[:, t] > true[firm, t]) & (line == line[firm]))
            if len(buyers):
                buyer = int(rng.choice(buyers))
                true[buyer, t:] += np.log1p(np.exp(true[firm, t] - true[buyer, t]))
                merged[firm] = True
    return true, alive, merged


def reports(
    rng: np.random.Generator, true: np.ndarray, line: np.ndarray, behaviour: Behaviour
) -> tuple[np.ndarray, np.ndarray]:
    """Return reported revenue (万元) and the register state of each firm and year, from true revenue."""
    firms, years = true.shape
    reported, state = true.copy(), np.zeros((firms, years), dtype=np.int64)
    inside = (true[:, 0] >= line) & (rng.random(firms) < 0.85)
    warned = np.zeros(firms, dtype=bool)
    filed = np.zeros(firms, dtype=bool)
    for t in range(years):
        inside = inside | filed
        share, luck = true[:, t] / line, rng.random(firms)
        holds = inside & (share >= 0.88) & (share < 1.0) & (luck < behaviour.hold_on)
        hides = ~inside & (share >= 1.0) & (share < 1.07) & (luck < behaviour.stay_below)
        reaches = ~inside & (share >= 0.95) & (share < 1.0) & (luck < behaviour.reach_up)
        reported[:, t] = np.where(holds | reaches, line * (1.0 + 0.03 * rng.random(firms) ** 2), reported[:, t])
        reported[:, t] = np.where(hides, line * (1.0 - 0.03 * rng.random(firms) ** 2 - 0.0005), reported[:, t])
        passes = reported[:, t] >= line
        filed = ~inside & passes & (rng.random(firms) < behaviour.filing)
        state[:, t] = np.where(inside, IN_REGISTER, np.where(filed, FILED, np.where(passes, ELIGIBLE, NONE)))
        # A firm below the line is struck off at the yearly review, some only after a second year.
        struck = inside & ~passes & (warned | (rng.random(firms) > behaviour.grace))
        warned = inside & ~passes & ~struck
        inside = inside & ~struck
    return reported, state


def unreported(rng: np.random.Generator, true: np.ndarray, line: np.ndarray, behaviour: Behaviour) -> np.ndarray:
    """Tell of each firm and year whether no figures came in; small firms and those late before more often."""
    gaps = np.zeros(true.shape, dtype=bool)
    for t in range(true.shape[1]):
        chance = behaviour.missing + behaviour.missing_small * (true[:, t] < 0.3 * line)
        if t:
            chance = np.where(gaps[:, t - 1], behaviour.missing_again, chance)
        gaps[:, t] = rng.random(len(true)) < chance
    return gaps


def yearly_figures(rng: np.random.Generator, revenue: np.ndarray, line: np.ndarray) -> dict[str, np.ndarray]:
    """Return what else a firm reports beside its revenue, drawn around the ratios of small makers."""

    def around(ratio: float, spread: float) -> np.ndarray:
        return np.asarray(revenue * ratio * np.exp(spread * rng.standard_normal(len(revenue))))

    above = revenue >= line
    margin = 0.045 + 0.05 * rng.standard_normal(len(revenue))
    return {
        "revenue_wan": revenue.round(1),
        "main_revenue_wan": (revenue * np.where(above, 1.0, 0.90 + 0.1 * rng.random(len(revenue)))).round(1),
        "assets_wan": around(0.75, 0.35).round(1),
        "output_wan": around(1.02, 0.02).round(1),
        "value_added_wan": (revenue * (margin + 0.17)).round(1),
        "tax_wan": around(0.031, 0.3).round(2),
        "profit_wan": (revenue * margin).round(1),
        "employees": np.maximum(3, around(1 / 48.0, 0.25)).round(0),
        "rd_wan": np.where(rng.random(len(revenue)) < np.where(above, 0.8, 0.25), around(0.024, 0.5), 0.0).round(1),
        "electricity_mwh": around(0.11, 0.4).round(1),
    }
