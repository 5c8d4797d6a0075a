"""Exact intervals of counts and shares, and of the ratio of two rates."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from scipy import stats

from zhenxing.errors import InputError
from zhenxing.i18n import say

NAN: Final = float("nan")


class Interval(NamedTuple):
    """An estimate with the ends of its interval."""

    value: float
    low: float
    high: float


def _checked(level: float) -> float:
    if not 0 < level < 1:
        raise InputError(say("diagnosis_launches.level", given=f"{level:g}"))
    return 1 - level


def poisson_interval(events: float, exposure: float, *, level: float = 0.95) -> Interval:
    """Return a rate with Garwood's exact interval: events are counted over an exposure and taken as Poisson.

    .. math:: \\left[ \\tfrac12 \\chi^2_{\\alpha/2}(2N),\\ \\tfrac12 \\chi^2_{1-\\alpha/2}(2N+2) \\right] / E

    The lower end is 0 for no events (Garwood 1936, *Biometrika* 28). The interval covers at least ``level``. It holds
    for events that come independently of each other; where few firms have most of them it is too narrow.

    Parameters
    ----------
    events : float
        Whole number of events, at least 0.
    exposure : float
        What they are counted over (firm-years); without any the answer is NaN.
    level : float
        Coverage.

    Returns
    -------
    Interval
        Events per unit of exposure.

    Raises
    ------
    InputError
        For a negative or broken count, or a level outside 0..1.

    Examples
    --------
    >>> [round(end, 2) for end in poisson_interval(10, 1)]
    [10.0, 4.8, 18.39]
    """
    alpha = _checked(level)
    if events < 0 or not float(events).is_integer() or exposure < 0:
        raise InputError(say("diagnosis_launches.count", given=f"{events:g} / {exposure:g}"))
    if exposure == 0:
        return Interval(NAN, NAN, NAN)
    low = stats.chi2.ppf(alpha / 2, 2 * events) / 2 if events else 0.0
    high = stats.chi2.ppf(1 - alpha / 2, 2 * events + 2) / 2
    return Interval(events / exposure, float(low) / exposure, float(high) / exposure)


def wilson_interval(part: float, whole: float, *, level: float = 0.95) -> Interval:
    """Return a share with Wilson's score interval.

    .. math:: \\frac{p + z^2/2n \\pm z \\sqrt{p(1-p)/n + z^2/4n^2}}{1 + z^2/n}

    Source: Wilson 1927, *JASA* 22.

    Parameters
    ----------
    part, whole : float
        How many of how many; NaN where there are none.
    level : float
        Coverage.

    Raises
    ------
    InputError
        When the part is negative or larger than the whole, or the level lies outside 0..1.

    Examples
    --------
    >>> [round(end, 3) for end in wilson_interval(2, 10)]
    [0.2, 0.057, 0.51]
    """
    alpha = _checked(level)
    if not 0 <= part <= whole:
        raise InputError(say("diagnosis_launches.count", given=f"{part:g} / {whole:g}"))
    if whole == 0:
        return Interval(NAN, NAN, NAN)
    z = float(stats.norm.ppf(1 - alpha / 2))
    share = part / whole
    middle = share + z * z / (2 * whole)
    reach = z * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    scale = 1 + z * z / whole
    # at the edges the ends are exactly 0 and 1; rounding would leave a hair
    low = 0.0 if part == 0 else (middle - reach) / scale
    high = 1.0 if part == whole else (middle + reach) / scale
    return Interval(share, low, high)


def rate_ratio(
    events: float, exposure: float, other_events: float, other_exposure: float, *, level: float = 0.95
) -> Interval:
    """Return how many times one rate is another, with the exact conditional interval.

    Given their sum, the first count is binomial with :math:`p = \\rho E_1 / (\\rho E_1 + E_2)`; the Clopper-Pearson
    ends of p are turned into those of :math:`\\rho` (Przyborowski and Wilenski 1940; Clopper and Pearson 1934).
    Without events on the other side the ratio and its upper end are infinite; without any events it is NaN.

    Parameters
    ----------
    events, exposure : float
        Of the first rate.
    other_events, other_exposure : float
        Of the second.
    level : float
        Coverage.

    Examples
    --------
    >>> [round(end, 2) for end in rate_ratio(20, 100, 10, 100)]
    [2.0, 0.89, 4.78]
    """
    alpha = _checked(level)
    counts = (events, other_events)
    if min(*counts, exposure, other_exposure) < 0 or not all(float(one).is_integer() for one in counts):
        raise InputError(say("diagnosis_launches.count", given=f"{events:g}, {other_events:g}"))
    whole = events + other_events
    if whole == 0 or exposure == 0 or other_exposure == 0:
        return Interval(NAN, NAN, NAN)
    scale = other_exposure / exposure
    low = float(stats.beta.ppf(alpha / 2, events, other_events + 1)) if events else 0.0
    high = float(stats.beta.ppf(1 - alpha / 2, events + 1, other_events)) if other_events else 1.0
    value = events / other_events * scale if other_events else math.inf
    return Interval(value, low / (1 - low) * scale, math.inf if high == 1 else high / (1 - high) * scale)
