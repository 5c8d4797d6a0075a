"""How good and how bad: expectation, conditional value at risk, the worst."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def expectation(values: Floats, weights: Floats) -> float:
    """Return the mean of values by their probabilities."""
    return float(np.asarray(values) @ np.asarray(weights) / np.sum(weights))


def conditional_value_at_risk(values: Floats, weights: Floats, alpha: float) -> float:
    """Return the mean of the worst ``1 - alpha`` share of outcomes (higher values are better).

    Parameters
    ----------
    alpha : float
        Level in [0, 1); 0.9 looks at the worst tenth. 0 gives the expectation.

    Notes
    -----
    The maximum over theta of ``theta - E[max(theta - V, 0)] / (1 - alpha)`` (Rockafellar and Uryasev 2000); it is
    reached at an outcome, so the share that falls inside one outcome's probability is counted in part.

    Examples
    --------
    >>> conditional_value_at_risk(np.array([1.0, 2.0, 3.0, 4.0]), np.full(4, 0.25), 0.5)
    1.5
    """
    values, weights = np.asarray(values, dtype=float), np.asarray(weights, dtype=float)
    order = np.argsort(values, kind="stable")
    sorted_values, sorted_weights = values[order], weights[order] / weights.sum()
    # the closed form of the maximum: fill the worst share from the lowest outcome up
    before = np.concatenate([[0.0], np.cumsum(sorted_weights)[:-1]])
    taken = np.clip(1.0 - alpha - before, 0.0, sorted_weights)
    # an outcome without bound counts only where it is among the worst
    return float(sorted_values[taken > 0] @ taken[taken > 0] / (1.0 - alpha))


def objective(values: Floats, weights: Floats, omega: float, alpha: float) -> float:
    """Return ``(1 - omega) E[V] + omega CVaR``."""
    risk = conditional_value_at_risk(values, weights, alpha) if omega > 0 else 0.0
    return (1.0 - omega) * expectation(values, weights) + omega * risk
