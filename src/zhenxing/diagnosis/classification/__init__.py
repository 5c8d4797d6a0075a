"""Firms to the links of a chain, by the words of their name and scope, with their industry code as a prior."""

from __future__ import annotations

from zhenxing.diagnosis.classification.firms import classify_firms
from zhenxing.diagnosis.classification.register import Classified, classify, classify_register

__all__ = ["Classified", "classify", "classify_firms", "classify_register"]
