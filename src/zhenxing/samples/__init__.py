"""Sample towns: random ones by size and family, and the bundled example; everything in them is labelled synthetic."""

from zhenxing.samples.drawn import random_tables, random_town
from zhenxing.samples.firm_panel import firm_panel

__all__ = ["firm_panel", "random_tables", "random_town"]
