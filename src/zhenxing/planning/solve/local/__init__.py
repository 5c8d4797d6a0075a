"""Local search over a plan's whole numbers: a million small moves a few seconds, each valued exactly."""

from zhenxing.planning.solve.local.improvement import HOT, WARM, LocalSearch, improve

__all__ = ["HOT", "WARM", "LocalSearch", "improve"]
