"""Output per mu (亩均论英雄): schemes as dated data, scores taken apart, grades and what they hang on."""

from __future__ import annotations

from zhenxing.diagnosis.output_per_mu.grading import GradeSettings, OutputPerMu, grade
from zhenxing.diagnosis.output_per_mu.scheme import INDICATORS, LISTS, PRESETS, Scheme, Weighted, read_scheme

__all__ = [
    "INDICATORS",
    "LISTS",
    "PRESETS",
    "GradeSettings",
    "OutputPerMu",
    "Scheme",
    "Weighted",
    "grade",
    "read_scheme",
]
