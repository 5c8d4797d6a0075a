"""A neighbour's practice as a dated card that edits the plan's input, and what it is worth in a plan made anew."""

from zhenxing.diagnosis.practices.application import AppliedPractice, apply_practice, operate
from zhenxing.diagnosis.practices.cards import Change, Parameter, Practice, parse_practice, practice, practices
from zhenxing.diagnosis.practices.effects import compare_plans

__all__ = [
    "AppliedPractice",
    "Change",
    "Parameter",
    "Practice",
    "apply_practice",
    "compare_plans",
    "operate",
    "parse_practice",
    "practice",
    "practices",
]
