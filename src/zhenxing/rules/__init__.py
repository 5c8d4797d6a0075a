"""Dated rules and code lists as data files, each value with its source (``data/SOURCES.md``)."""

from __future__ import annotations

from zhenxing.rules.currencies import currencies
from zhenxing.rules.divisions import Divisions, divisions
from zhenxing.rules.industry import EDITIONS, industry_names
from zhenxing.rules.villages import villages

__all__ = ["EDITIONS", "Divisions", "currencies", "divisions", "industry_names", "villages"]
