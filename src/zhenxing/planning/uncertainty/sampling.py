"""Draws of luck from the town's own data: which firms come, which titles slip, prices and funds.

One common factor ``z`` moves everything (a Gaussian copula): the normal score of a firm, a price or the funds is
``sqrt(s) z + sqrt(1 - s) e`` with its own independent ``e`` and the stated share ``s``; a title's score has ``-z``, so
that titles are quick when times are good. A unit of a candidate (one of its ``count`` firms that are not here yet)
comes when its score exceeds the quantile of ``1 - probability``; the units that come of a candidate are binomial when
``s = 0``. Prices and funds are lognormal with mean 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtri

from zhenxing.errors import SourceError
from zhenxing.i18n import name_rows, say
from zhenxing.planning.uncertainty.settings import Uncertainty
from zhenxing.town import Town

Floats = npt.NDArray[np.float64]

# What may go wrong, one by one; each can be switched off.
FACTORS = ("landing", "title", "land_price", "public_cost", "own_funds")
PRICES = ("land_price", "public_cost", "own_funds")


@dataclass(frozen=True)
class Draw:
    """One draw of everything that may vary.

    Parameters
    ----------
    number : int
        Position of the draw, from 1; 0 for the expected draw.
    weight : float
        Its probability.
    common : float
        The common factor z; above 0 times are good.
    comes : mapping of str to tuple of int, or None
        For each candidate, whether each of its open units comes (1) or not (0), in the order in which the town
        courts them. None: all planned firms land and count by their probability, as in the plan's own value.
    slip : mapping of str to int
        Years by which the delivery of a site slips when its mode needs titles; sites left out are on time.
    land_price, public_cost, own_funds : float
        Factors.
    """

    number: int = 0
    weight: float = 1.0
    common: float = 0.0
    comes: Mapping[str, tuple[int, ...]] | None = None
    slip: Mapping[str, int] = field(default_factory=dict)
    land_price: float = 1.0
    public_cost: float = 1.0
    own_funds: float = 1.0


def expected_draw() -> Draw:
    """Return the draw in which everything goes as the plan assumes."""
    return Draw()


def without(draw: Draw, factor: str) -> Draw:
    """Return a draw with one factor switched off: that part goes as the plan assumes."""
    if factor == "landing":
        return replace(draw, comes=None)
    if factor == "title":
        return replace(draw, slip={})
    if factor == "land_price":
        return replace(draw, land_price=1.0)
    if factor == "public_cost":
        return replace(draw, public_cost=1.0)
    return replace(draw, own_funds=1.0)


def open_units(town: Town) -> dict[str, tuple[int, float]]:
    """Return, for each candidate, how many of its firms are not here yet, and their probability."""
    table, locks = town.filled("candidates"), town.filled("locks")
    done = locks[(locks["subject"] == "candidate") & (locks["rule"] == "done")]
    here = done.groupby("id")["count"].sum().to_dict() if len(done) else {}
    return {
        str(name): (max(int(count) - int(here.get(name, 0)), 0), float(probability))
        for name, count, probability in zip(table["candidate_id"], table["count"], table["probability"], strict=True)
    }


def slipping_sites(town: Town) -> list[str]:
    """Return the sites that have a mode with titles to be cleared and are not done."""
    modes, locks = town.filled("site_modes"), town.filled("locks")
    done = set(locks.loc[(locks["subject"] == "site") & (locks["rule"] == "done"), "id"])
    return [str(site) for site in dict.fromkeys(modes.loc[modes["title_mu"] > 0, "site_id"]) if site not in done]


def draw_scenarios(
    town: Town, count: int, seed: int | Sequence[int], settings: Uncertainty | None = None
) -> list[Draw]:
    """Draw scenarios from a town's own candidates and sites.

    Parameters
    ----------
    count : int
        How many.
    seed : int or sequence of int
        The same seed gives the same draws.

    Returns
    -------
    list of Draw
        Equally likely.

    Examples
    --------
    >>> import zhenxing
    >>> town = zhenxing.random_town("XS", "balanced", seed=0)
    >>> len(draw_scenarios(town, 4, seed=1))
    4
    """
    settings = settings or Uncertainty()
    units = open_units(town)
    uncertain = [(name, i) for name, (many, chance) in units.items() if 0 < chance < 1 for i in range(many)]
    sites = slipping_sites(town)
    size = 1 + len(uncertain) + len(sites) + len(PRICES)
    scores = ndtri(_uniform(count, size, np.random.default_rng(seed), settings.sampling))
    common, own = scores[:, 0], scores[:, 1:]

    def mixed(at: slice, share: float, sign: float = 1.0) -> Floats:
        return np.asarray(sign * np.sqrt(share) * common[:, None] + np.sqrt(1.0 - share) * own[:, at])

    firms = mixed(slice(0, len(uncertain)), settings.firm_common_share)
    wanted = np.array([-ndtri(units[name][1]) for name, _ in uncertain])
    coming = firms >= wanted[None, :]
    titles = mixed(slice(len(uncertain), len(uncertain) + len(sites)), settings.title_common_share, -1.0)
    two = titles > -ndtri(settings.title_slip_two_years)
    one = titles > -ndtri(min(settings.title_slip_one_year + settings.title_slip_two_years, 1.0))
    slips = one.astype(int) + two.astype(int)
    factors = {
        name: _lognormal(
            mixed(slice(len(uncertain) + len(sites) + i, len(uncertain) + len(sites) + i + 1), share)[:, 0], sigma
        )
        for i, (name, share, sigma) in enumerate(
            (
                ("land_price", settings.land_price_common_share, settings.land_price_sigma),
                ("public_cost", settings.public_cost_common_share, settings.public_cost_sigma),
                ("own_funds", settings.own_funds_common_share, settings.own_funds_sigma),
            )
        )
    }
    return [
        Draw(
            number=n + 1,
            weight=1.0 / count,
            common=float(common[n]),
            comes=_comes(units, uncertain, coming[n]),
            slip={site: int(slip) for site, slip in zip(sites, slips[n], strict=True) if slip},
            **{name: float(values[n]) for name, values in factors.items()},
        )
        for n in range(count)
    ]


def _lognormal(score: Floats, sigma: float) -> Floats:
    return np.asarray(np.exp(sigma * score - sigma * sigma / 2.0))


def _comes(
    units: dict[str, tuple[int, float]], uncertain: list[tuple[str, int]], coming: npt.NDArray[np.bool_]
) -> dict[str, tuple[int, ...]]:
    flags = {name: [int(chance >= 1.0)] * many for name, (many, chance) in units.items()}
    for (name, i), flag in zip(uncertain, coming.tolist(), strict=True):
        flags[name][i] = int(flag)
    return {name: tuple(row) for name, row in flags.items()}


def _uniform(count: int, size: int, rng: np.random.Generator, method: str) -> Floats:
    """Return numbers in (0, 1): one row a draw, one column for each thing that varies."""
    if method == "antithetic":
        half = rng.random((-(-count // 2), size))
        found = np.stack([half, 1.0 - half], axis=1).reshape(-1, size)[:count]
    elif method == "latin":
        cells = np.argsort(rng.random((count, size)), axis=0)
        found = (cells + rng.random((count, size))) / count
    else:
        found = rng.random((count, size))
    return np.asarray(np.clip(found, 1e-12, 1.0 - 1e-12))


def scenario_table(draws: list[Draw], use: str) -> pd.DataFrame:
    """Return one row for each draw: its factors, how many firms come, how many sites are late.

    Parameters
    ----------
    use : str
        What the draws are for: solve, fresh or simulate.
    """
    return pd.DataFrame(
        [
            {
                "use": use,
                "scenario": draw.number,
                "weight": draw.weight,
                "common_factor": draw.common,
                "land_price_factor": draw.land_price,
                "public_cost_factor": draw.public_cost,
                "own_funds_factor": draw.own_funds,
                "firms": sum(len(flags) for flags in (draw.comes or {}).values()),
                "firms_coming": sum(sum(flags) for flags in (draw.comes or {}).values()),
                "sites_one_year_late": sum(years == 1 for years in draw.slip.values()),
                "sites_two_years_late": sum(years == 2 for years in draw.slip.values()),
            }
            for draw in draws
        ]
    )


def draw_table(draws: list[Draw], use: str = "simulate") -> pd.DataFrame:
    """Return every draw, number by number, so that anyone can repeat a simulation.

    Returns
    -------
    DataFrame
        use, scenario, subject (weight, common, land_price, public_cost, own_funds, candidate, site), id, unit, value.
    """
    rows: list[tuple[int, str, str, int, float]] = []
    for draw in draws:
        rows += [(draw.number, name, "", 0, float(getattr(draw, name))) for name in ("weight", "common", *PRICES)]
        for candidate, flags in (draw.comes or {}).items():
            rows += [(draw.number, "candidate", candidate, i + 1, float(flag)) for i, flag in enumerate(flags)]
        rows += [(draw.number, "site", site, 0, float(slip)) for site, slip in draw.slip.items()]
    frame = pd.DataFrame(rows, columns=["scenario", "subject", "id", "unit", "value"])
    frame.insert(0, "use", use)
    return frame


def read_draws(path: Path, town: Town, use: str = "simulate") -> list[Draw]:
    """Read the draws of one use that ``draw_table`` wrote.

    Raises
    ------
    SourceError
        The file is no table of draws, or names candidates or sites that the town does not have.
    """
    try:
        table = pd.read_csv(path, dtype={"id": str, "subject": str}, keep_default_na=False, encoding="utf-8-sig")
        known = table.loc[table["use"] == use, ["scenario", "subject", "id", "unit", "value"]]
        numbered = known.astype({"scenario": int, "unit": int, "value": float})
    except (OSError, ValueError, KeyError) as fault:
        raise SourceError(say("scenarios.unreadable_draws", path=path)) from fault
    units, sites = open_units(town), set(town["sites"].get("site_id", []))
    named = numbered[numbered["subject"].isin(["candidate", "site"])]
    strangers = [
        name
        for subject, name in dict.fromkeys(zip(named["subject"], named["id"], strict=True))
        if name not in (units if subject == "candidate" else sites)
    ]
    if strangers:
        raise SourceError(say("scenarios.strange_draws", path=path, ids=name_rows(strangers)))
    return [_read_draw(int(cast(int, number)), rows, units) for number, rows in numbered.groupby("scenario")]


def _read_draw(number: int, rows: pd.DataFrame, units: dict[str, tuple[int, float]]) -> Draw:
    single = rows[rows["id"] == ""].set_index("subject")["value"].to_dict()
    firms, sites = rows[rows["subject"] == "candidate"], rows[rows["subject"] == "site"]
    comes: dict[str, tuple[int, ...]] = {name: (0,) * many for name, (many, _) in units.items()}
    for name, group in firms.sort_values("unit").groupby("id", sort=False):
        comes[str(name)] = tuple(group["value"].astype(int))
    return Draw(
        number=number,
        comes=comes,
        slip={str(site): int(value) for site, value in zip(sites["id"], sites["value"], strict=True)},
        **{name: float(single.get(name, 1.0)) for name in ("weight", *PRICES)},
        common=float(single.get("common", 0.0)),
    )
