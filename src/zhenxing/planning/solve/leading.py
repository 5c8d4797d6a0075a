"""Have a chain leader land where it does not: one whole decision that small moves and random parts seldom reach.

A leader needs a park made ready for it, land and money in its year, and pulls a whole link with it. Forcing one landing
and deciding its park anew gives a plan that is often worth less at first; small moves then make it good.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from zhenxing.milp import Compiled
from zhenxing.planning.formulation import Formulation
from zhenxing.planning.solve.neighbourhoods import describe_columns

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# How often a leader that lands nowhere is preferred to one that lands elsewhere.
PREFER_MISSING = 0.7


@dataclass
class Leading:
    """The landings of leaders that a model allows, and which of them led nowhere.

    Parameters
    ----------
    formulation : Formulation
        The plan's rules.
    model : Compiled
        The formulation's model, possibly with tighter bounds.
    """

    formulation: Formulation
    model: Compiled
    _places: Ints = field(init=False)
    _class_of: Ints = field(init=False)
    _park: Ints = field(init=False)
    _refused: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        decisions = self.formulation.decisions
        columns = describe_columns(self.formulation)
        self._park = columns.park
        self._class_of = np.full(len(columns.year), -1, dtype=np.int64)
        self._class_of[decisions.land.span] = decisions.land_class
        leads = self.formulation.problem.candidates.is_leader[decisions.land_class]
        self._places = np.flatnonzero(self._class_of >= 0)[leads]
        self._places = self._places[self.model.upper[self._places] > 0.5]

    def __bool__(self) -> bool:
        """Whether any leader may land at all."""
        return len(self._places) > 0

    def propose(self, plan: Floats, rng: np.random.Generator) -> tuple[int, Floats, Floats] | None:
        """Return a landing to force and the bounds of the sub-problem that decides its park anew; None without one."""
        absent = self._places[plan[self._places] < 0.5]
        if len(absent) == 0:
            return None
        landed = np.unique(self._class_of[self._places[plan[self._places] > 0.5]])
        missing = absent[~np.isin(self._class_of[absent], landed)]
        choice = missing if len(missing) and rng.random() < PREFER_MISSING else absent
        weights = np.array([0.3 ** self._refused.get(int(place), 0) for place in choice])
        place = int(rng.choice(choice, p=weights / weights.sum()))
        free = (self._park == self._park[place]) | (self._park < 0) | (self._class_of == self._class_of[place])
        held = self.model.integer & ~free
        lower, upper = np.where(held, plan, self.model.lower), np.where(held, plan, self.model.upper)
        lower[place] = max(lower[place], 1.0)
        return place, lower, upper

    def refuse(self, place: int) -> None:
        """Note that forcing a landing gave no plan, or none that could be made good: it is tried less from now on."""
        self._refused[place] = self._refused.get(place, 0) + 1
