"""The second implementation of the plan's rules and value, from the tables only.

It shares nothing with the model that makes plans: it reads the town's and the plan's tables, follows the plan year by
year, checks each rule and adds up the value, so that a mistake in either shows as a difference.
"""

from zhenxing.planning.checker.evaluation import Evaluation, evaluate
from zhenxing.planning.checker.folder import PlanCheck, check_plan

__all__ = ["Evaluation", "PlanCheck", "check_plan", "evaluate"]
