"""Prices in words: what a limit is called, which decisions a step of it changes, and what the figures say together."""

from __future__ import annotations

from zhenxing.errors import Text
from zhenxing.i18n import say
from zhenxing.planning.explain.changes import changes_between
from zhenxing.planning.explain.curve import Curve, Point
from zhenxing.planning.explain.ground import Ground
from zhenxing.planning.explain.resources import EVERY_YEAR, ResourceLimit
from zhenxing.planning.explain.words import Names, listed
from zhenxing.planning.extract import plan_tables

# Changed decisions named in one sentence; the rest are counted.
SHOWN = 4
# By this factor the relaxation's figure and the re-solve may differ before they are said to disagree.
FACTOR = 2.0
# Amounts below this (万元) are nothing to speak of.
NOTHING = 0.05
# A step this near to one practical unit, relative, is that unit.
SAME_UNIT = 1e-3
# Endings of the names of a park's resources, and the unit they tell.
ENDINGS = ("kw", "kva", "mva", "m2", "mu")
UNITS = {
    "money": "wan",
    "debt": "wan",
    "title_mu": "mu",
    "cleared_mu": "mu",
    "land": "mu",
    "effort_months": "months",
}


def described(
    ground: Ground, curve: Curve, price: float, left: float, unit: float, *, binds: bool, names: Names
) -> list[dict[str, object]]:
    """Return one row of reasons for each point of a curve.

    Parameters
    ----------
    price : float
        Price of the relaxation, 万元 per unit.
    left : float
        What the plan leaves of the limit, in its unit.
    unit : float
        One practical unit: the step of that size is the one to tell first.
    binds : bool
        Whether the limit may bind.
    """
    limit = curve.limit
    before = plan_tables(ground.formulation, curve.base)
    rows = []
    for point in curve.points:
        relaxed = price * point.step
        verdict = _verdict(curve, point, binds=binds)
        differs = point.value_wan is not None and disagree(point.value_wan, relaxed)
        odd = not limit.unlimited and (price > 0.0) and left > 0.0
        why = Text("", "")
        if point.solution is not None and point.value_wan:
            after = plan_tables(ground.formulation, point.solution)
            why = _because(changes_between(before, after, names))
        text = _sentence(curve, point, names, (price, relaxed, left), verdict, why, differs=differs)
        if odd:
            text = joined(text, say("prices.odd", left=quantity(left), unit=unit_label(limit.resource)))
        rows.append(
            {
                "resource": limit.resource,
                "park_id": limit.park_id,
                "year": limit.year,
                "step": point.step,
                "practical": abs(point.step - unit) <= SAME_UNIT * unit,
                "limit": None if limit.unlimited else limit.amount,
                "left_over": None if limit.unlimited else left,
                "relaxation_value_wan": relaxed,
                "at_least_wan": point.at_least_wan,
                "verdict": verdict,
                "disagree": differs or odd,
                "zh": text.zh,
                "en": text.en,
            }
        )
    return rows


def _verdict(curve: Curve, point: Point, *, binds: bool) -> str:
    if curve.limit.unlimited:
        return "not_limited"
    if point.possible is False:
        return "impossible"
    if point.value_wan is None:
        return "not_proved" if binds else "does_not_bind"
    if not point.conditional:
        return "exact"
    low = float("-inf") if point.low_wan is None else point.low_wan
    high = float("inf") if point.high_wan is None else point.high_wan
    return "tie" if low <= 0.0 <= high else ("gain" if low > 0.0 else "loss")


def _because(moves: list[Text]) -> Text:
    if not moves:
        return say("prices.same_decisions")
    return say("prices.because", changes=listed(moves, SHOWN))


def _sentence(
    curve: Curve,
    point: Point,
    names: Names,
    figures: tuple[float, float, float],
    verdict: str,
    why: Text,
    *,
    differs: bool,
) -> Text:
    """Return both figures in one paragraph: within this plan, for the town, and the relaxation's beside them."""
    limit, (price, relaxed, left) = curve.limit, figures
    unit = unit_label(limit.resource)
    step = say(
        f"prices.step_{'more' if point.step > 0 else 'less'}",
        limit=limit_label(limit, names),
        step=quantity(abs(point.step)),
        unit=unit,
    )
    if verdict in ("not_limited", "does_not_bind"):
        return say(f"prices.{verdict}", limit=limit_label(limit, names), left=quantity(left), unit=unit)
    if verdict == "impossible":
        return say("prices.impossible" if point.conditional else "prices.impossible_at_all", step=step)
    beside = say("prices.relaxed", value=quantity(relaxed), price=f"{price:,.4g}", unit=unit)
    if verdict == "not_proved":
        found = "" if point.at_least_wan is None else "_found"
        first = say(f"prices.not_proved{found}", step=step, value=quantity(point.at_least_wan or 0.0))
        return joined(first, _interval(point), beside)
    value = point.value_wan or 0.0
    kind = "nothing" if value == 0.0 else "gain" if value > 0 else "loss"
    where = "within" if point.conditional else "exact"
    parts = [say(f"prices.{kind}_{where}", step=step, value=quantity(abs(value)))]
    if value != 0.0:
        parts.append(why)
    if point.conditional:
        parts.append(_interval(point))
    parts.append(beside)
    if differs:
        parts.append(say("prices.disagree", factor=quantity(FACTOR)))
    return joined(*parts)


def _interval(point: Point) -> Text:
    """Return figure (b) in words, and whether it leaves a tie open."""
    low, high = point.low_wan, point.high_wan
    if low is None or high is None:
        return say("prices.no_interval")
    tie = "tie" if low <= 0.0 <= high else "clear"
    return say(f"prices.interval_{tie}", low=quantity(low), high=quantity(high))


def joined(*texts: Text) -> Text:
    """Return sentences one after another."""
    return Text("".join(text.zh for text in texts), " ".join(text.en for text in texts if text.en))


def resource_label(resource: str) -> Text:
    """Return what a limit is called; a park's resource as the reports call it."""
    if resource in UNITS:
        return say(f"prices.resource_{resource}")
    return Names().resource(resource)


def unit_label(resource: str) -> Text:
    """Return the unit of a limit; a park's resource tells it by the ending of its name."""
    unit = UNITS.get(resource) or next((end for end in ENDINGS if resource.endswith(f"_{end}")), "plain")
    return say(f"prices.unit_{unit}")


def limit_label(limit: ResourceLimit, names: Names) -> Text:
    """Return a limit as a phrase: park, year, resource."""
    return label_of(limit.resource, limit.park_id, limit.year, names)


def label_of(resource: str, park_id: str, year: int, names: Names) -> Text:
    """Return a limit as a phrase: park, year, resource."""
    label, every = resource_label(resource), year == EVERY_YEAR
    if park_id:
        park = names.of("park", park_id)
        return say("prices.stock" if every else "prices.stock_from", park=park, resource=label, year=year)
    return say("prices.every_year" if every else "prices.of_year", resource=label, year=year)


def quantity(amount: float) -> str:
    """Return an amount as people write it: no decimals from 100 on, one below.

    Examples
    --------
    >>> quantity(1234.56), quantity(12.345), quantity(-0.01)
    ('1,235', '12.3', '0')
    """
    decimals = 0 if abs(amount) >= 99.95 else 1
    return f"{round(amount, decimals) + 0.0:,.{decimals}f}".removesuffix(".0")


def disagree(value: float, relaxed: float) -> bool:
    """Return whether re-solve and relaxation tell different stories: only one is nothing, or they differ by FACTOR.

    Examples
    --------
    >>> disagree(478.0, 132.0), disagree(150.0, 132.0), disagree(0.0, 132.0), disagree(0.0, 0.0)
    (True, False, True, False)
    """
    small, large = sorted((abs(value), abs(relaxed)))
    if large <= NOTHING:
        return False
    return small <= NOTHING or large > FACTOR * small
