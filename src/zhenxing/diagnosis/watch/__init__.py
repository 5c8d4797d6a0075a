"""Threshold watch: who will cross or fall below the above-scale line, whom to visit, whom to look after."""

from __future__ import annotations

from zhenxing.diagnosis.watch.assessing import watch_firms
from zhenxing.diagnosis.watch.result import WatchDiagnosis
from zhenxing.diagnosis.watch.settings import WatchSettings
from zhenxing.diagnosis.watch.visiting import choose_visits

__all__ = ["WatchDiagnosis", "WatchSettings", "choose_visits", "watch_firms"]
