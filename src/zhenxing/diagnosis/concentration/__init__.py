"""Concentration of industries in regions: quotients, shares, decompositions and plant-based indices.

Every function takes a long table with named columns and returns a table; warnings stand in ``issues_of(result)``.
"""

from zhenxing.diagnosis.concentration.cells import issues_of
from zhenxing.diagnosis.concentration.quotients import location_quotient

__all__ = ["issues_of", "location_quotient"]
