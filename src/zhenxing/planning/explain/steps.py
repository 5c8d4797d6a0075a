"""By how much each limit is moved for its curve: shares of the limit, and one unit that an office would ask for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from zhenxing.planning.explain.resources import ResourceLimit
from zhenxing.planning.problem import Problem

# One practical unit of each limit, in the limit's own unit: editable defaults, no facts.
PRACTICAL: Mapping[str, float] = {
    "money": 1000.0,  # 万元
    "debt": 1000.0,  # 万元
    "title_mu": 100.0,  # mu
    "cleared_mu": 100.0,  # mu
    "land": 20.0,  # mu
    "effort_months": 1.0,  # person-months
}
SHARES = (0.05, 0.10, 0.20)
# Where a limit is smaller than one practical unit, it is moved by these many units instead of shares.
MULTIPLES = (1.0, 2.0, 4.0)


@dataclass(frozen=True)
class Steps:
    """How limits are moved; every number is a default that a user may change.

    Parameters
    ----------
    shares : tuple of float
        Shares of the limit, up and down.
    units : mapping of str to float
        One practical unit by resource; a resource that is not listed takes what a typical firm uses, rounded.
    """

    shares: tuple[float, ...] = SHARES
    units: Mapping[str, float] = field(default_factory=lambda: dict(PRACTICAL))

    def unit(self, problem: Problem, resource: str) -> float:
        """Return one practical unit of a resource."""
        return self.units[resource] if resource in self.units else typical_use(problem, resource)

    def of(self, problem: Problem, limit: ResourceLimit) -> list[float]:
        """Return the steps of a limit in its own unit, from the largest cut to the largest addition.

        A limit of nothing can only grow; an unlimited one has one step, which changes nothing.
        """
        unit = self.unit(problem, limit.resource)
        if limit.unlimited:
            return [unit]
        amount = limit.amount
        if amount >= unit and self.shares:
            steps = {sign * share * amount for share in self.shares for sign in (-1, 1)}
            # a share that is one unit but for rounding is that unit
            steps = {step for step in steps if abs(step - unit) > 1e-3 * unit} | {unit}
        else:
            steps = {unit * times for times in MULTIPLES} | {-min(unit * times, amount) for times in MULTIPLES}
        return sorted(round(step, 6) for step in steps if abs(step) > 1e-9)


def typical_use(problem: Problem, resource: str) -> float:
    """Return what a typical firm uses of a resource (median), rounded to 1, 2 or 5 times a power of ten."""
    candidates = problem.candidates
    used = [
        amount
        for name, amount in zip(candidates.use_resource, candidates.use_amount.tolist(), strict=True)
        if name == resource and amount > 0
    ]
    supplied = [
        amount
        for name, amount in zip(problem.supplies.resource, problem.supplies.amount.tolist(), strict=True)
        if name == resource and amount > 0
    ]
    return rounded(float(np.median(used or supplied or [1.0])))


def rounded(amount: float) -> float:
    """Return the nearest of 1, 2, 5 times a power of ten.

    Examples
    --------
    >>> rounded(0.37), rounded(130.0), rounded(17_000.0)
    (0.5, 100.0, 20000.0)
    """
    power = 10.0 ** math.floor(math.log10(amount))
    return float(f"{min((1.0, 2.0, 5.0, 10.0), key=lambda digit: abs(math.log(digit * power / amount))) * power:.6g}")
