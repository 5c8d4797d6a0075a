"""Concentration of industries in regions: quotients, shares, decompositions and plant-based indices.

Every function takes a long table with named columns and returns a table; warnings stand in ``issues_of(result)``.
"""

from zhenxing.diagnosis.concentration.cells import issues_of
from zhenxing.diagnosis.concentration.change import shift_share
from zhenxing.diagnosis.concentration.inputs import regionalise
from zhenxing.diagnosis.concentration.plants import coagglomeration, ellison_glaeser
from zhenxing.diagnosis.concentration.quotients import location_quotient
from zhenxing.diagnosis.concentration.shares import gini_location, hachman, herfindahl, hoover, krugman

__all__ = [
    "coagglomeration",
    "ellison_glaeser",
    "gini_location",
    "hachman",
    "herfindahl",
    "hoover",
    "issues_of",
    "krugman",
    "location_quotient",
    "regionalise",
    "shift_share",
]
