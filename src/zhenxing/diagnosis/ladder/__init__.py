"""Where each firm stands on the ladder: the statistical register, size classes and titles, and what is missing."""

from __future__ import annotations

from zhenxing.diagnosis.ladder.climbing import LadderDiagnosis, climb
from zhenxing.diagnosis.ladder.findings import asked_facts
from zhenxing.diagnosis.ladder.flows import register_flows
from zhenxing.diagnosis.ladder.settings import LadderSettings
from zhenxing.diagnosis.ladder.standing import standings

__all__ = ["LadderDiagnosis", "LadderSettings", "asked_facts", "climb", "register_flows", "standings"]
