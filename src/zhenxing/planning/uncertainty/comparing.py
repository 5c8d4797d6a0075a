"""What the simulations say together: plans side by side, what matters most, which targets are at risk and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing.planning.uncertainty.outcomes import Record, values
from zhenxing.planning.uncertainty.playbook import Playbook
from zhenxing.planning.uncertainty.risk import conditional_value_at_risk, expectation
from zhenxing.planning.uncertainty.sampling import FACTORS, Draw

Floats = npt.NDArray[np.float64]


def risk_row(plan: str, judged_by: str, found: Floats, weights: Floats, alpha: float) -> dict[str, object]:
    """Return one row of the comparison: a plan, who judged it, expectation, CVaR, worst and best."""
    return {
        "plan": plan,
        "judged_by": judged_by,
        "draws": len(found),
        "expected_wan": expectation(found, weights),
        "cvar_wan": conditional_value_at_risk(found, weights, alpha),
        "worst_wan": float(found.min()),
        "best_wan": float(found.max()),
    }


def simulated_row(plan: str, records: Sequence[Record], alpha: float) -> dict[str, object]:
    """Return a plan's row of the comparison from its simulations, with money and targets."""
    found = values(records)
    row = risk_row(plan, "simulator", found, np.full(len(found), 1.0 / len(found)), alpha)
    row["standard_error_wan"] = float(found.std(ddof=1) / np.sqrt(len(found))) if len(found) > 1 else 0.0
    row["share_with_arrears"] = float(np.mean([one.peak_arrears_wan > 0 for one in records]))
    row["mean_landed"] = float(np.mean([one.landed for one in records]))
    row["mean_targets_missed"] = float(np.mean([len(one.missed) for one in records]))
    return row


def factor_table(records: Sequence[Record], switched_off: Mapping[str, Sequence[Record]], alpha: float) -> pd.DataFrame:
    """Return how much better things go with one factor at a time switched off.

    Returns
    -------
    DataFrame
        factor, expected_gain_wan, cvar_gain_wan, targets_missed_change; the largest gain of the CVaR first.
    """
    own = values(records)
    weights = np.full(len(own), 1.0 / len(own))
    rows = []
    for factor in FACTORS:
        other = values(switched_off[factor])
        rows.append(
            {
                "factor": factor,
                "draws": len(own),
                "expected_gain_wan": expectation(other, weights) - expectation(own, weights),
                "cvar_gain_wan": conditional_value_at_risk(other, weights, alpha)
                - conditional_value_at_risk(own, weights, alpha),
                "targets_missed_change": float(
                    np.mean([len(one.missed) for one in switched_off[factor]])
                    - np.mean([len(one.missed) for one in records])
                ),
            }
        )
    return pd.DataFrame(rows).sort_values("cvar_gain_wan", ascending=False, kind="stable").reset_index(drop=True)


def target_table(
    book: Playbook,
    draws: Sequence[Draw],
    records: Mapping[str, Sequence[Record]],
    switched_off: Mapping[str, Sequence[Record]],
    as_planned: Record,
) -> pd.DataFrame:
    """Return how often each target is missed under each plan, and for the plan given what makes it so.

    A factor is the cause of a miss when the target is met in the same draw with that factor switched off; the site or
    candidate named is the one whose bad luck is most over-represented where the target is missed.
    """
    base, rows = book.settings.base_year, []
    some = len(switched_off[FACTORS[0]])
    for target in book.targets:
        for plan, own in records.items():
            missed = [one.scenario for one in own if target.row in one.missed]
            row: dict[str, object] = {
                "plan": plan,
                "indicator": target.indicator,
                "year": base + target.year,
                "park_id": target.park,
                "wanted": target.wanted,
                "chance_missed": len(missed) / len(own),
                "mean_shortfall": float(np.mean([one.shortfalls.get(target.row, 0.0) for one in own])),
                "missed_as_planned": target.row in as_planned.missed if plan == "deterministic" else None,
                "main_cause": "",
                "cause_share": np.nan,
                "named": "",
            }
            if plan == "deterministic" and missed and target.row not in as_planned.missed:
                row |= _cause(target.row, draws[:some], own[:some], switched_off)
            rows.append(row)
    return pd.DataFrame(rows, columns=TARGET_COLUMNS)


TARGET_COLUMNS = [
    "plan", "indicator", "year", "park_id", "wanted", "chance_missed", "mean_shortfall", "missed_as_planned",
    "main_cause", "cause_share", "named",
]  # fmt: skip


def _cause(
    target: int, draws: Sequence[Draw], own: Sequence[Record], switched_off: Mapping[str, Sequence[Record]]
) -> dict[str, object]:
    missed = np.array([target in one.missed for one in own])
    if not missed.any():
        return {}
    cured = {
        factor: int(np.sum(missed & np.array([target not in one.missed for one in switched_off[factor]])))
        for factor in FACTORS
    }
    main = max(FACTORS, key=lambda factor: cured[factor])
    if cured[main] == 0:
        return {"main_cause": "several", "cause_share": 0.0}
    return {"main_cause": main, "cause_share": cured[main] / missed.sum(), "named": _named(main, draws, missed)}


def _named(factor: str, draws: Sequence[Draw], missed: npt.NDArray[np.bool_]) -> str:
    """Return the site or candidate whose bad luck goes most with the misses; nothing where none stands out."""
    unlucky: dict[str, npt.NDArray[np.float64]] = {}
    for i, draw in enumerate(draws):
        if factor == "title":
            bad = {site: 1.0 for site, years in draw.slip.items() if years}
        elif factor == "landing":
            bad = {name: 1.0 for name, flags in (draw.comes or {}).items() if flags and not all(flags)}
        else:
            return ""
        for name in bad:
            unlucky.setdefault(name, np.zeros(len(draws)))[i] = 1.0
    if not unlucky or missed.all():
        return ""
    lift = {name: float(flags[missed].mean() - flags[~missed].mean()) for name, flags in unlucky.items()}
    best = max(sorted(lift), key=lambda name: lift[name])
    return best if lift[best] >= 0.15 else ""
