"""What every question about a plan stands on: the town's problem, the plan as its solution, and what is proven."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from zhenxing.errors import SourceError, TownError
from zhenxing.i18n import say
from zhenxing.milp import Compiled
from zhenxing.milp.highs import Relaxation, solve_relaxation
from zhenxing.milp.propagation import propagate
from zhenxing.planning.embed import embed_plan
from zhenxing.planning.formulation import Formulation, formulate
from zhenxing.planning.plan import ready_problem
from zhenxing.planning.problem import read_problem
from zhenxing.planning.result import PlanResult
from zhenxing.planning.solve.neighbourhoods import Columns, describe_columns
from zhenxing.store import inputs_sha256
from zhenxing.town import Town

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Ground:
    """A town, a plan of it, and both as a model and its solution.

    Attributes
    ----------
    town, plan : Town, PlanResult
        As given.
    formulation : Formulation
        The town's problem as a model.
    model : Compiled
        The formulation's model with propagated bounds: the same plans are allowed.
    solution, value : array, float
        The plan as a solution, with the best money and resettlement for its decisions, and its value in 万元.
    bound : float
        Proven upper bound of the town's best plan: the plan's own where it was made from these inputs, else the
        relaxation's.
    same_inputs : bool
        Whether the plan says that it was made from these inputs.
    """

    town: Town
    plan: PlanResult
    formulation: Formulation
    model: Compiled
    solution: Floats
    value: float
    same_inputs: bool

    @cached_property
    def relaxation(self) -> Relaxation:
        """The optimum of the linear relaxation, with its prices."""
        return solve_relaxation(self.model)

    @cached_property
    def bound(self) -> float:
        """Proven upper bound of the best plan, 万元."""
        said = self.plan.summary.get("bound_wan") if self.same_inputs else None
        bound = float(said) if said is not None else self.relaxation.value
        return max(bound, self.value)

    @cached_property
    def columns(self) -> Columns:
        """Year, park, link and family of every column."""
        return describe_columns(self.formulation)

    @cached_property
    def site_of(self) -> Ints:
        """Position of the site that a column starts; −1 where it starts none."""
        decisions = self.formulation.decisions
        site = np.full(len(self.model.cost), -1, dtype=np.int64)
        site[decisions.start.span] = self.formulation.problem.modes.site[decisions.start_pair]
        return site

    @cached_property
    def class_of(self) -> Ints:
        """Candidate class that a column lands; −1 where it lands none."""
        decisions = self.formulation.decisions
        owner = np.full(len(self.model.cost), -1, dtype=np.int64)
        owner[decisions.land.span] = decisions.land_class
        return owner

    @cached_property
    def free(self) -> npt.NDArray[np.bool_]:
        """Integer columns that the bounds leave open."""
        return self.model.integer & (self.model.upper > self.model.lower + 0.5)


def ground(town: Town, plan: PlanResult, *, inputs: str | None = None) -> Ground:
    """Return a town and its plan as a model and a solution, ready for questions.

    Parameters
    ----------
    plan : PlanResult
        As ``read_plan`` returns it.
    inputs : str, optional
        Fingerprint of the town's files where they lie on disk; else that of the town as given.

    Raises
    ------
    SourceError
        The plan folder holds no plan, or the plan is not allowed in this town.
    """
    if not plan.has_plan:
        raise SourceError(say("why.no_plan"))
    same = plan.summary.get("inputs_sha256") == (inputs or inputs_sha256(town))
    if town.settings.plan is None:
        raise TownError(say("plan.no_settings"))
    # a plan made from these very inputs has seen them checked
    problem = read_problem(town) if same else ready_problem(town)
    formulation = formulate(problem)
    solution = embed_plan(formulation, plan.tables)
    if solution is None:
        raise SourceError(say("why.other_town"))
    solution = np.where(formulation.model.integer, np.rint(solution), solution)
    model = propagate(formulation.model)
    return Ground(town, plan, formulation, model, solution, model.value(solution), same)
