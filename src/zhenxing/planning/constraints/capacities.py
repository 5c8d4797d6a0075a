"""Rule 7: what the office can do in one year: title cases, clearing, recruiting effort.

Formulas: ``sum title_mu dX <= title capacity``, ``sum area_mu dX over clearing modes <= clearing capacity``,
``sum effort_months dY <= effort``.
"""

from __future__ import annotations

import numpy as np

from zhenxing.milp import Model
from zhenxing.planning.problem import Problem
from zhenxing.planning.variables import Decisions


def add(model: Model, problem: Problem, decisions: Decisions) -> None:
    """Add the rows of rule 7."""
    years, budget, modes = problem.horizon.calendar, problem.budget, problem.modes
    title = model.rows("title_mu", {"year": years}, upper=budget.title_mu)
    model.put(title.at(decisions.start_year - 1), decisions.start.all, modes.title_mu[decisions.start_pair])
    clear = model.rows("cleared_mu", {"year": years}, upper=budget.clear_mu)
    area = np.where(modes.clears, modes.area_mu, 0.0)
    model.put(clear.at(decisions.start_year - 1), decisions.start.all, area[decisions.start_pair])
    effort = model.rows("effort_months", {"year": years}, upper=budget.effort)
    model.put(effort.at(decisions.land_year - 1), decisions.land.all, problem.candidates.effort[decisions.land_class])
