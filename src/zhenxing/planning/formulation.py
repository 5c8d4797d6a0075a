"""The whole plan as one mixed-integer linear model: decisions, then one rule after another, then the value."""

from __future__ import annotations

from dataclasses import dataclass

from zhenxing.milp import Block, Compiled, Model
from zhenxing.planning import value
from zhenxing.planning.constraints import (
    capacities,
    chain,
    contiguity,
    land,
    landing,
    locks,
    money,
    starts,
    targets,
    utilities,
)
from zhenxing.planning.problem import Problem
from zhenxing.planning.variables import Decisions, declare


@dataclass(frozen=True)
class Formulation:
    """A problem, its decisions and the compiled model."""

    problem: Problem
    decisions: Decisions
    unused_land: Block
    model: Compiled


def formulate(problem: Problem, *, rings: bool = True, reach: bool = True) -> Formulation:
    """Return the tightened formulation of a problem.

    Parameters
    ----------
    rings : bool
        Add the ring cuts of contiguity; they never change the optimum.
    reach : bool
        Leave out the starts that growth cannot reach in time; without, only the rows of rule 2 forbid them.
    """
    model = Model()
    first = contiguity.first_starts(problem) if reach else problem.modes.first
    decisions = declare(model, problem, first)
    starts.add(model, problem, decisions)
    contiguity.add(model, problem, decisions, rings=rings)
    landing.add(model, problem, decisions)
    unused_land = land.add(model, problem, decisions)
    utilities.add(model, problem, decisions)
    capacities.add(model, problem, decisions)
    money.add(model, problem, decisions)
    chain.add(model, problem, decisions)
    locks.add(model, problem, decisions)
    value.add(model, problem, decisions, unused_land)
    targets.add(model, problem, decisions)
    return Formulation(problem, decisions, unused_land, model.compile())
