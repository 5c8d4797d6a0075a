"""Parts of a plan to decide anew while the rest stays as it is (large-neighbourhood search).

Each neighbourhood returns which integer columns are free; the others keep the incumbent's values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zhenxing.planning.formulation import Formulation

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Columns:
    """Where and when each integer column acts: plan year, park (−1 = none) and family (start, land or other)."""

    year: npt.NDArray[np.int64]
    park: npt.NDArray[np.int64]
    link: npt.NDArray[np.int64]
    is_start: Flags
    is_land: Flags
    integer: Flags


def describe_columns(formulation: Formulation) -> Columns:
    """Return the year, park and family of every column of the model."""
    problem, decisions, model = formulation.problem, formulation.decisions, formulation.model
    size = model.matrix.shape[1]
    year, park, link = (
        np.zeros(size, dtype=np.int64),
        np.full(size, -1, dtype=np.int64),
        np.full(size, -1, dtype=np.int64),
    )
    year[decisions.start.span] = decisions.start_year
    park[decisions.start.span] = problem.modes.park[decisions.start_pair]
    year[decisions.land.span], park[decisions.land.span] = decisions.land_year, decisions.land_park
    names = {name: i for i, name in enumerate(dict.fromkeys(problem.candidates.link))}
    of_class = np.array([names[name] for name in problem.candidates.link], dtype=np.int64)
    link[decisions.land.span] = of_class[decisions.land_class] if len(of_class) else -1
    owners = (
        (decisions.work, np.full(len(problem.works.ids), -1)),
        (decisions.facility, problem.facilities.park),
        (decisions.step, problem.supplies.park[problem.supplies.step_supply]),
    )
    for block, owner in owners:
        length = block.shape[1]
        year[block.span] = np.tile(np.arange(1, length + 1), block.shape[0])
        park[block.span] = np.repeat(owner, length)
    is_start, is_land = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    is_start[decisions.start.span], is_land[decisions.land.span] = True, True
    return Columns(year, park, link, is_start, is_land, model.integer)


Neighbourhood = Callable[[np.random.Generator, float], Flags]


def neighbourhoods(
    formulation: Formulation, relaxed: Floats, incumbent: Callable[[], Floats], others: Callable[[], list[Floats]]
) -> dict[str, Neighbourhood]:
    """Return the neighbourhoods of a plan; ``share`` in 0..1 says how much of it to free.

    Parameters
    ----------
    relaxed : array
        An optimum of the relaxation.
    incumbent : callable
        Returns the present plan.
    others : callable
        Returns other good plans to cross it with.
    """
    columns = describe_columns(formulation)
    length = formulation.problem.horizon.length
    parks = np.unique(columns.park[columns.park >= 0])
    site_of = np.full(len(columns.year), -1, dtype=np.int64)
    site_of[formulation.decisions.start.span] = formulation.problem.modes.site[formulation.decisions.start_pair]
    class_of = np.full(len(columns.year), -1, dtype=np.int64)
    class_of[formulation.decisions.land.span] = formulation.decisions.land_class
    neither = ~columns.is_start & ~columns.is_land

    def firms(rng: np.random.Generator, share: float) -> Flags:
        """Place firms anew on the sites as they are; with a small share only some links."""
        links = np.unique(columns.link[columns.link >= 0])
        some = rng.random(len(links)) < max(2.0 * share, 0.15)
        return (columns.is_land & np.isin(columns.link, links[some])) | neither

    def years(rng: np.random.Generator, share: float) -> Flags:
        """Decide a window of years anew."""
        width = max(2, round(share * length))
        first = int(rng.integers(1, max(length - width + 1, 1) + 1))
        return (columns.year >= first) & (columns.year < first + width)

    def agreement(rng: np.random.Generator, share: float) -> Flags:
        """RINS: decide anew where plan and relaxation differ (and a few more)."""
        return (np.abs(relaxed - incumbent()) > 0.1) | (rng.random(len(columns.year)) < 0.2 * share)

    def some_parks(rng: np.random.Generator, share: float) -> Flags:
        """Decide one or more whole parks anew."""
        count = max(1, round(share * len(parks)))
        chosen = rng.choice(parks, size=min(count, len(parks)), replace=False)
        return np.isin(columns.park, chosen) | neither

    def land(rng: np.random.Generator, share: float) -> Flags:
        """Decide some sites anew, together with the firms that could use them."""
        sites = np.unique(site_of[site_of >= 0])
        some = sites[rng.random(len(sites)) < share]
        touched = np.unique(columns.park[np.isin(site_of, some) & columns.is_start])
        classes = np.unique(class_of[class_of >= 0])
        few = classes[rng.random(len(classes)) < share]
        return (
            np.isin(site_of, some)
            | (columns.is_land & np.isin(columns.park, touched) & np.isin(class_of, few))
            | neither
        )

    def mixed(rng: np.random.Generator, share: float) -> Flags:
        """Decide random sites and candidate classes anew, in all their years."""
        sites, classes = np.unique(site_of[site_of >= 0]), np.unique(class_of[class_of >= 0])
        free_sites = sites[rng.random(len(sites)) < share]
        free_classes = classes[rng.random(len(classes)) < share]
        return np.isin(site_of, free_sites) | np.isin(class_of, free_classes) | neither

    def window(rng: np.random.Generator, share: float) -> Flags:
        """Decide half of the parks anew within a window of years, and some of the firms elsewhere."""
        chosen = rng.choice(parks, size=max(1, (len(parks) + 1) // 2), replace=False)
        classes = np.unique(class_of[class_of >= 0])
        few = classes[rng.random(len(classes)) < 0.5 * share]
        return (years(rng, share) & np.isin(columns.park, chosen)) | np.isin(class_of, few) | neither

    def crossing(rng: np.random.Generator, share: float) -> Flags:
        """Decide anew where the plan and another good plan differ, and a few more."""
        best = incumbent()
        known = [plan for plan in others() if np.any(np.abs(plan - best)[columns.integer] > 0.5)]
        if not known:
            return mixed(rng, share)
        other = known[int(rng.integers(len(known)))]
        return (np.abs(other - best) > 0.5) | (rng.random(len(columns.year)) < 0.3 * share)

    return {
        "crossing": crossing,
        "window": window,
        "firms": firms,
        "years": years,
        "agreement": agreement,
        "parks": some_parks,
        "land": land,
        "mixed": mixed,
    }
