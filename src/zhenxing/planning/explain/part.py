"""The part of a plan that a question decides anew, while the rest stays as planned (figure (a)).

Money, debt, resettlement and every other quantity that can be divided stay free; a part says which whole numbers do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zhenxing.milp import Compiled
from zhenxing.planning.explain.ground import Ground

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Up to this many open whole numbers the part is the whole problem.
WHOLE = 600
# A question that touches more parks than this is about the whole town: its part is chosen by decisions, not by parks.
FEW_PARKS = 2


@dataclass(frozen=True, eq=False)
class Part:
    """Which whole numbers of a plan are decided anew.

    Attributes
    ----------
    free : array of bool
        One flag per column; what is not a whole number is free anyway.
    whole : bool
        Everything is free: what is proven of the part is proven of the town.
    sites, candidates : int
        How many sites and candidate classes the part decides anew.
    """

    free: Flags
    whole: bool
    sites: int
    candidates: int

    def bounds(self, model: Compiled, solution: Floats) -> tuple[Floats, Floats]:
        """Return the column bounds of a model with everything outside the part held at a solution."""
        held = model.integer & ~self.free
        return np.where(held, solution, model.lower), np.where(held, solution, model.upper)


def part_of(ground: Ground, free: Flags) -> Part:
    """Return the part with these columns free; the whole problem where they are all that is open."""
    open_columns = ground.free
    whole = not np.any(open_columns & ~free)
    chosen = np.ones_like(free) if whole else free & ground.model.integer
    sites, classes = ground.site_of[chosen], ground.class_of[chosen]
    return Part(chosen, whole, len(np.unique(sites[sites >= 0])), len(np.unique(classes[classes >= 0])))


def whole_part(ground: Ground) -> Part:
    """Return the part that is everything."""
    return part_of(ground, np.ones(len(ground.model.cost), dtype=bool))


def parts_around(ground: Ground, focus: Ints, hint: Floats | None = None) -> list[Part]:
    """Return growing parts around some columns, each within the next; the last is everything.

    Parameters
    ----------
    focus : array of int
        Columns that a question speaks about.
    hint : array, optional
        A solution, of a relaxation for example, that says which decisions may have to move.
    """
    if int(ground.free.sum()) <= WHOLE:
        return [whole_part(ground)]
    columns = ground.columns
    touched = np.zeros(len(ground.model.cost), dtype=bool)
    touched[focus] = True
    parks = np.unique(columns.park[touched & (columns.park >= 0)])
    masks = _of_parks(ground, touched, parks) if 0 < len(parks) <= FEW_PARKS else _of_decisions(ground, touched)
    if hint is not None:
        moved = _units(ground, ground.model.integer & (np.abs(hint - ground.solution) > 0.1))
        masks = [masks[0], masks[0] | moved, *(mask | moved for mask in masks[1:])]
    parts: list[Part] = []
    for mask in [*masks, np.ones_like(touched)]:
        part = part_of(ground, mask)
        if not parts or np.any(part.free & ~parts[-1].free):
            parts.append(part)
    return parts


def _of_parks(ground: Ground, touched: Flags, parks: Ints) -> list[Flags]:
    """Sites and means of the parks; with their firms; with all that could come; with the parks next to them."""
    columns = ground.columns
    means = ~columns.is_start & ~columns.is_land
    here = np.isin(columns.park, parks)
    land = _units(ground, touched) | (here & ~columns.is_land) | (means & (columns.park < 0))
    firms = land | _firms_of(ground, parks)
    candidates = firms | (here & columns.is_land)
    near = _parks_next_to(ground, parks)
    around = candidates | (np.isin(columns.park, near) & ~columns.is_land) | _firms_of(ground, near)
    return [land, firms, candidates, around]


def _of_decisions(ground: Ground, touched: Flags) -> list[Flags]:
    """What the plan does with the columns; with all sites; with the firms that could use them."""
    columns = ground.columns
    means = ~columns.is_start & ~columns.is_land
    used = _units(ground, touched & (ground.solution > 0.5)) | means
    return [used, used | columns.is_start, used | columns.is_start | _units(ground, touched)]


def _units(ground: Ground, flags: Flags) -> Flags:
    """Return all columns of the sites and candidate classes that have a column among those given, and those given."""
    sites, classes = np.unique(ground.site_of[flags]), np.unique(ground.class_of[flags])
    return flags | np.isin(ground.site_of, sites[sites >= 0]) | np.isin(ground.class_of, classes[classes >= 0])


def _firms_of(ground: Ground, parks: Ints) -> Flags:
    """Return all columns of the candidates that the plan lands in some parks."""
    columns = ground.columns
    return _units(ground, columns.is_land & np.isin(columns.park, parks) & (ground.solution > 0.5))


def _parks_next_to(ground: Ground, parks: Ints) -> Ints:
    sites = ground.formulation.problem.sites
    near = [sites.neighbours[s] for s in np.flatnonzero(np.isin(sites.park, parks)).tolist()]
    return np.unique(sites.park[np.concatenate(near)]) if near else parks
