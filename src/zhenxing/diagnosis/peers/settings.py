"""What the comparison with other towns can be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from zhenxing.errors import InputError
from zhenxing.i18n import say

VALUES: Final = ("employees", "output_wan", "firms")
MEASURES: Final = ("krugman", "cosine")


@dataclass(frozen=True)
class PeerSettings:
    """Settings of the comparison; ``size_weight``, ``size_span``, ``tiers`` and the year spans are conventions.

    Parameters
    ----------
    town_id : str
        The town compared: its id in ``peers``, ``peer_values`` and ``region_industries``. A 12-digit division code
        that ends in ``000`` also finds the 9-digit one.
    year : int or None
        Nothing later is read; ``None`` takes everything.
    nearest : int
        How many structurally similar regions are chosen.
    measure : {"krugman", "cosine"}
        Which distance of industry shares ranks the regions; both are reported.
    size_weight : float
        Share of the difference in size in the distance, 0 to 1.
    size_span : float
        A region so many times larger or smaller differs fully in size.
    value : {"employees", "output_wan", "firms"} or None
        What the industry shares are shares of; ``None`` takes the first that the town and another region have.
    most_year_gap : int
        Figures of years further apart are not compared; nearer ones are, with a warning.
    growth_years : int
        Growth is measured over at most so many years.
    tiers : int
        Into how many tiers of equal size the ranking is cut (4: quartiles).
    horizon_years : int
        In how many years the first tier is to be reached.
    population, area : str
        The indicators that hold population and area, for figures per head and per area.
    intensive : tuple of str
        Indicators that do not grow with the town's size, beyond those told by their kind or unit.
    """

    town_id: str
    year: int | None = None
    nearest: int = 5
    measure: Literal["krugman", "cosine"] = "krugman"
    size_weight: float = 0.25
    size_span: float = 10.0
    value: Literal["employees", "output_wan", "firms"] | None = None
    most_year_gap: int = 2
    growth_years: int = 3
    tiers: int = 4
    horizon_years: int = 3
    population: str = "population"
    area: str = "area_km2"
    intensive: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        wrong = [
            (name, wanted)
            for name, right, wanted in (
                ("town_id", bool(self.town_id), "not empty"),
                ("nearest", self.nearest >= 1, ">= 1"),
                ("measure", self.measure in MEASURES, ", ".join(MEASURES)),
                ("size_weight", 0 <= self.size_weight <= 1, "0..1"),
                ("size_span", self.size_span > 1, "> 1"),
                ("value", self.value in (None, *VALUES), ", ".join(VALUES)),
                ("most_year_gap", self.most_year_gap >= 0, ">= 0"),
                ("growth_years", self.growth_years >= 1, ">= 1"),
                ("tiers", self.tiers >= 1, ">= 1"),
                ("horizon_years", self.horizon_years >= 1, ">= 1"),
            )
            if not right
        ]
        if wrong:
            name, wanted = wrong[0]
            raise InputError(say("diagnosis_peers.setting", name=name, given=getattr(self, name), wanted=wanted))
