"""zhenxing 镇兴: from the departments' own files to one dated, budgeted, placed renewal plan for a town.

The public functions load what they need when they are first used, so that importing the package is cheap.

Examples
--------
>>> import zhenxing
>>> town = zhenxing.random_town("XS", "balanced", seed=0)
>>> result = zhenxing.plan(town, zhenxing.PlanOptions(seconds=20))
>>> result.summary["status"]
'optimal'
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "DiagnoseOptions": "zhenxing.diagnosis.parts",
    "PlanOptions": "zhenxing.planning.options",
    "PlanResult": "zhenxing.planning.result",
    "ScenarioOptions": "zhenxing.planning.uncertainty.study",
    "Town": "zhenxing.town",
    "alternatives": "zhenxing.planning.alternatives",
    "build_report": "zhenxing.report",
    "check_inputs": "zhenxing.planning.consistency",
    "check_plan": "zhenxing.planning.checker",
    "diagnose": "zhenxing.diagnosis.diagnosing",
    "evaluate": "zhenxing.planning.checker",
    "import_files": "zhenxing.importers",
    "pareto": "zhenxing.planning.pareto",
    "plan": "zhenxing.planning.plan",
    "prices": "zhenxing.planning.explain.prices",
    "random_town": "zhenxing.samples",
    "read_plan": "zhenxing.planning.result",
    "read_town": "zhenxing.store",
    "replan": "zhenxing.planning.replan",
    "scenarios": "zhenxing.planning.uncertainty.study",
    "why": "zhenxing.planning.explain.why",
    "write_plan": "zhenxing.planning.result",
    "write_town": "zhenxing.store",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    """Load a public name from its home on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'zhenxing' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
