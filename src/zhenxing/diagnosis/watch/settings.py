"""What the watch can be told, and the assumptions it uses where nothing is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from zhenxing.errors import InputError
from zhenxing.i18n import say
from zhenxing.rules.files import records


class Assumed(NamedTuple):
    """A value that nobody measured: low, base and high, with the tag of its origin (``M`` from memory, ``user``)."""

    low: float
    base: float
    high: float
    tag: str


@dataclass(frozen=True)
class WatchSettings:
    """Settings of the watch; every number that is not measured stands in ``rules/data/watch/assumptions.csv``.

    Parameters
    ----------
    jurisdiction : str
        Whose inclusion calendar holds; ``CN`` is the national one.
    least_transitions, least_events : int
        A model is fitted only with at least so many firm-years on a side of the line and so many of them crossing
        (and not crossing); below, the stated priors are used and said so.
    most_stale_years : int
        A firm whose last figures are older than this many years gets no probability.
    score : {"log_score", "brier"}
        By which score of the back-test the model is chosen.
    push_years : int
        For how many years push lists are made; every year has the visiting capacity once.
    first_push_year : int or None
        Year of the first push list; ``None`` is the year after the last figures. A town whose plan begins later gives
        its first plan year; the uplift is then still that of the year after the figures.
    most_pushes : int or None
        At most so many firms a year besides the visiting capacity; ``None`` is no limit.
    default_park : str
        Park of the placements of firms whose park is not known; empty takes the first park id.
    resettlement_far : float
        Floor area ratio at which floor needed is turned into land where no floor is on offer.
    band : float
        Half width of the band at the line that counts as bunching, in log distance (0.05 is 5 %).
    subsidy_wan : float
        One-time support paid for a pushed firm that crosses (a policy lever; 0 unless the office enters it).
    months : tuple of 12 floats
        Share of the year's revenue in each month; even by default, which is an assumption.
    assumed : mapping of str to (low, base, high)
        Own values in place of the shipped assumptions, by their id.
    """

    jurisdiction: str = "CN"
    least_transitions: int = 80
    least_events: int = 10
    most_stale_years: int = 1
    score: str = "log_score"
    push_years: int = 3
    first_push_year: int | None = None
    most_pushes: int | None = None
    default_park: str = ""
    resettlement_far: float = 2.0
    band: float = 0.05
    subsidy_wan: float = 0.0
    months: tuple[float, ...] = (1 / 12,) * 12
    assumed: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shipped = {row["id"] for row in records("watch/assumptions.csv")}
        unknown = sorted(set(self.assumed) - shipped)
        if unknown:
            raise InputError(say("diagnosis_watch.unknown_assumption", names=", ".join(unknown)))
        if self.score not in ("log_score", "brier"):
            raise InputError(say("diagnosis_watch.unknown_score", score=self.score))
        if len(self.months) != 12 or min(self.months) < 0 or abs(sum(self.months) - 1) > 1e-6:
            raise InputError(say("diagnosis_watch.months"))

    def assume(self, name: str, on: date | None = None) -> Assumed:
        """Return an assumption: the user's own, else the shipped one that is valid on a date.

        Examples
        --------
        >>> WatchSettings().assume("visit_effect").base
        0.05
        """
        if name in self.assumed:
            return Assumed(*self.assumed[name], "user")
        day = (on or date.max).isoformat()
        valid = [
            row
            for row in records("watch/assumptions.csv")
            if row["id"] == name and row["valid_from"] <= day and (not row["valid_to"] or day <= row["valid_to"])
        ]
        row = max(valid, key=lambda found: found["valid_from"])
        return Assumed(float(row["low"]), float(row["value"]), float(row["high"]), row["provenance"])
