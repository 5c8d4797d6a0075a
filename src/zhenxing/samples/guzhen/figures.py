"""Six years of figures for each firm of the sample, and the further facts that ladders ask for; all synthetic."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from zhenxing.samples.firm_panel import ELIGIBLE, FILED, IN_REGISTER, STATES, Behaviour, grown, unreported
from zhenxing.samples.guzhen.authored import numbers
from zhenxing.samples.guzhen.standing import fact_table

FIRM_YEARS: Final = tuple(range(2020, 2026))
# Who rents all, who owns all, who does both.
TENURE: Final = (0.45, 0.38, 0.17)
# A year's design patents, trademarks and product launches of a firm of 1 000 万元, by link.
CREATIVE: Final = {
    "DESIGN": (2.4, 0.5, 0.8),
    "LAMP": (0.9, 0.25, 1.2),
    "CRYS": (0.5, 0.1, 0.5),
    "GLASS": (0.3, 0.1, 0.3),
    "CTRL": (0.5, 0.4, 0.9),
    "MOD": (0.3, 0.2, 0.5),
    "ECOM": (0.1, 0.6, 0.4),
    "TRADE": (0.1, 0.4, 0.2),
}
OTHER_CREATIVE: Final = (0.08, 0.06, 0.1)
MARGIN, WAGES = 0.05, 0.165
RD_SHARE: Final = {"CTRL": 0.06, "PKG": 0.045, "DRV": 0.035, "DESIGN": 0.05, "OPT": 0.03}
POLLUTING: Final = {"SURF": 6.0, "CAST": 3.0, "PCB": 4.0, "GLASS": 2.0}
TCE_PER_MWH: Final = 0.1229


def yearly_tables(firms: pd.DataFrame, drawn: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return ``firm_years`` and ``firm_facts`` of firms, consistent with the revenue drawn for the last year.

    Parameters
    ----------
    firms : DataFrame
        The register (firm_id, founded, status, above_scale), row by row with ``drawn``.
    drawn : DataFrame
        link_id, revenue_wan, line_wan, floor_m2, plot_mu.
    """
    rng = numbers("figures")
    line = drawn["line_wan"].to_numpy(dtype=float)
    above = firms["above_scale"].to_numpy(dtype=bool)
    true = _paths(rng, drawn["revenue_wan"].to_numpy(dtype=float), line, above)
    reported, state = _reports(rng, true, line, above)
    calendar = np.array(FIRM_YEARS)
    founded = firms["founded"].astype(str).str[:4].astype(int).to_numpy()
    gone = (firms["status"] == "注销").to_numpy()
    last = np.where(gone, rng.integers(2021, 2025, len(firms)), FIRM_YEARS[-1])
    seen = (calendar[None, :] >= founded[:, None]) & (calendar[None, :] <= last[:, None])
    seen &= ~unreported(rng, true, line, Behaviour(missing_small=0.05))
    rows, columns = np.nonzero(seen)
    years = pd.DataFrame({"firm_id": firms["firm_id"].to_numpy()[rows], "year": calendar[columns]})
    years = years.assign(**_money(rng, reported[rows, columns], drawn["link_id"].to_numpy()[rows], line[rows]))
    years.insert(5, "register_state", STATES[state[rows, columns]])
    years = years.assign(**_land(rng, drawn, rows), **_creative(rng, drawn, rows, reported[rows, columns]))
    return {"firm_years": _spoiled(rng, years), "firm_facts": fact_table(firms, drawn)}


def _paths(rng: np.random.Generator, end: np.ndarray, line: np.ndarray, above: np.ndarray) -> np.ndarray:
    """Return true revenue by firm and year, ending near the revenue drawn."""
    drift = grown(rng, np.log(end), len(FIRM_YEARS), Behaviour())
    true = np.exp(drift - drift[:, -1:] + np.log(end)[:, None])
    slipping = above & (rng.random(len(end)) < 0.14)
    rising = ~above & (end > 0.8 * line) & (rng.random(len(end)) < 0.35)
    true[:, -1] *= np.where(slipping & (end < 1.5 * line), line / end * rng.uniform(0.84, 0.99, len(end)), 1.0)
    true[:, -1] *= np.where(rising, line / end * rng.uniform(1.0, 1.14, len(end)), 1.0)
    return np.asarray(true)


def _reports(
    rng: np.random.Generator, true: np.ndarray, line: np.ndarray, above: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return what firms report and their register state; who is in the register at the end is given."""
    years = true.shape[1]
    reported, state = true.copy(), np.zeros(true.shape, dtype=np.int64)
    passes = true >= line[:, None]
    first = np.where(passes.any(axis=1), passes.argmax(axis=1), years)
    # Who passes in the first year has been in the register since before, but for a few.
    first = np.where((first == 0) & (rng.random(len(line)) < 0.9), -1, first)
    for t in range(years):
        inside = above & (t > first)
        if t == years - 1:
            inside = above
        else:
            # Some firms were in the register once and have been struck off since.
            inside |= ~above & (t > first) & (passes[:, : t + 1].sum(axis=1) >= 2) & passes[:, max(t - 1, 0)]
        share, luck = true[:, t] / line, rng.random(len(line))
        holds = inside & (share >= 0.9) & (share < 1.0) & (luck < 0.45)
        hides = ~inside & (share >= 1.0) & (share < 1.06) & (luck < 0.35)
        reported[:, t] = np.where(holds, line * (1.0 + 0.025 * rng.random(len(line)) ** 2), reported[:, t])
        reported[:, t] = np.where(hides, line * (0.9995 - 0.025 * rng.random(len(line)) ** 2), reported[:, t])
        files = (above & (t == first)) | (rng.random(len(line)) < 0.5)
        outside = np.where(reported[:, t] >= line, np.where(files, FILED, ELIGIBLE), 0)
        state[:, t] = np.where(inside, IN_REGISTER, outside)
    return reported, state


def _money(rng: np.random.Generator, revenue: np.ndarray, link: np.ndarray, line: np.ndarray) -> dict[str, np.ndarray]:
    def around(base: np.ndarray | float, spread: float) -> np.ndarray:
        return np.asarray(base * np.exp(spread * rng.standard_normal(len(revenue))))

    above = revenue >= line
    margin = MARGIN + 0.045 * rng.standard_normal(len(revenue))
    value_added = revenue * (margin + WAGES)
    research = pd.Series(link).map(RD_SHARE).fillna(0.014).to_numpy(dtype=float)
    doing = rng.random(len(revenue)) < np.where(above, 0.85, np.where(research > 0.02, 0.6, 0.25))
    power = around(revenue * 0.12, 0.35)
    dirt = pd.Series(link).map(POLLUTING).fillna(1.0).to_numpy(dtype=float)
    return {
        "revenue_wan": revenue.round(1),
        "main_revenue_wan": (revenue * np.where(above, 1.0, rng.uniform(0.88, 1.0, len(revenue)))).round(1),
        "assets_wan": around(revenue * 0.8, 0.35).round(1),
        "output_wan": around(revenue * 1.02, 0.02).round(1),
        "value_added_wan": value_added.round(1),
        "tax_wan": around(revenue * 0.031, 0.3).round(1),
        "profit_wan": (revenue * margin).round(1),
        "employees": np.maximum(3, around(revenue / 45.0, 0.2)).round(0),
        "rd_wan": np.where(doing, around(revenue * research, 0.35), 0.0).round(1),
        "energy_tce": (power * TCE_PER_MWH * 1.25).round(1),
        "electricity_mwh": power.round(1),
        "emission_eq": around(revenue * 0.0015 * dirt, 0.3).round(2),
    }


def _land(rng: np.random.Generator, drawn: pd.DataFrame, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Return land used, floor owned and floor rented: tenants own neither."""
    plot, floor = drawn["plot_mu"].to_numpy(dtype=float), drawn["floor_m2"].to_numpy(dtype=float)
    kind = rng.choice(3, len(drawn), p=TENURE)
    owned = np.where(plot > 0, np.array([0.0, 1.0, 0.5])[kind], 0.0)
    return {
        "land_mu": (plot * owned).round(2)[rows],
        "floor_m2": (floor * owned).round(0)[rows],
        "rented_floor_m2": (floor * (1 - owned)).round(0)[rows],
    }


def _creative(
    rng: np.random.Generator, drawn: pd.DataFrame, rows: np.ndarray, revenue: np.ndarray
) -> dict[str, np.ndarray]:
    rates = np.array([CREATIVE.get(str(link), OTHER_CREATIVE) for link in drawn["link_id"]])[rows]
    counts = rng.poisson(rates * np.clip(revenue / 1000.0, 0.1, 6.0)[:, None]).astype(float)
    # Who did not file the form of the year is unknown, which is not the same as none.
    counts[rng.random(len(rows)) < 0.06] = np.nan
    return dict(zip(("design_patents", "trademarks", "product_launches"), counts.T, strict=True))


def _spoiled(rng: np.random.Generator, years: pd.DataFrame) -> pd.DataFrame:
    """Put in what real figures hold: losses beyond wages, refunds of tax, blanks."""
    luck = rng.random((len(years), 3))
    loss = luck[:, 0] < 0.012
    years.loc[loss, "value_added_wan"] = (-0.06 * years.loc[loss, "revenue_wan"]).round(1)
    years.loc[loss, "profit_wan"] = (-0.24 * years.loc[loss, "revenue_wan"]).round(1)
    refund = luck[:, 1] < 0.01
    years.loc[refund, "tax_wan"] = (-0.01 * years.loc[refund, "revenue_wan"]).round(1)
    blank = luck[:, 2] < 0.02
    years.loc[blank, ["land_mu", "emission_eq", "energy_tce"]] = np.nan
    return years
