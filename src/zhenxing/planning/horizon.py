"""The plan's years and the weights of the value (plan model, section 4)."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing.town import PlanSettings

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Horizon:
    """Plan years ``1..length`` after ``base_year`` with their discount factors.

    Parameters
    ----------
    settings : PlanSettings
        Reads base_year, horizon_years, discount_rate and tail_years.
    """

    def __init__(self, settings: PlanSettings) -> None:
        self.base_year = settings.base_year
        self.length = settings.horizon_years
        self._rate = settings.discount_rate
        self._tail_years = settings.tail_years

    @cached_property
    def calendar(self) -> list[int]:
        """The calendar years of the plan."""
        return list(range(self.base_year + 1, self.base_year + self.length + 1))

    @cached_property
    def discount(self) -> Floats:
        """delta^t for t = 0..T."""
        return np.asarray((1.0 / (1.0 + self._rate)) ** np.arange(self.length + 1), dtype=np.float64)

    @cached_property
    def lasting(self) -> Floats:
        """Weight of one unit a year from plan year t on: ``sum of w_k for k >= t``, for t = 0..T+1 (0 beyond T)."""
        weights = self.yearly
        suffix = np.zeros(self.length + 2)
        suffix[1 : self.length + 1] = np.cumsum(weights[:0:-1])[::-1]
        suffix[0] = suffix[1]
        return suffix

    @cached_property
    def yearly(self) -> Floats:
        """w_t for t = 0..T: delta^t, the last year carrying the tail."""
        delta = 1.0 / (1.0 + self._rate)
        weights = self.discount.copy()
        weights[-1] *= 1.0 + float(np.sum(delta ** np.arange(1, self._tail_years + 1)))
        return weights

    def lasting_from(self, year: Ints) -> Floats:
        """Return the weight of one unit a year from each plan year on (0 beyond the horizon)."""
        return np.asarray(self.lasting[np.clip(year, 1, self.length + 1)], dtype=np.float64)

    def window(self, earliest: pd.Series, latest: pd.Series) -> tuple[Ints, Ints]:
        """Return calendar windows as plan years, clipped to the horizon."""
        first = np.maximum(earliest.to_numpy(dtype=np.int64) - self.base_year, 1)
        last = np.minimum(latest.to_numpy(dtype=np.int64) - self.base_year, self.length)
        return first, last
