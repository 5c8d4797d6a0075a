"""Sample towns: random ones by size and family, and the bundled example; everything in them is labelled synthetic."""

from zhenxing.samples.drawn import random_tables, random_town

__all__ = ["random_tables", "random_town"]
