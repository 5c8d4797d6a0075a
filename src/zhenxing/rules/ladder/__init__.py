"""Rule sets of the enterprise ladder as dated data, and the small language they are written in.

A rule set (``data/ladder/rule_sets/*.toml``) names measures (a column, a firm fact, growth, CAGR, a ratio, a mean, an
age, a title), rungs with an all-of/any-of tree of criteria, and scores with steps. An office adds one as a file.
"""

from __future__ import annotations

from zhenxing.rules.ladder.declaration import (
    Criterion,
    Group,
    Item,
    Measure,
    RuleSet,
    Rung,
    Step,
    load,
    rule_set,
    rule_set_ids,
    rungs_in_order,
)
from zhenxing.rules.ladder.judgement import Verdict, judge
from zhenxing.rules.ladder.panel import Panel

__all__ = [
    "Criterion",
    "Group",
    "Item",
    "Measure",
    "Panel",
    "RuleSet",
    "Rung",
    "Step",
    "Verdict",
    "judge",
    "load",
    "rule_set",
    "rule_set_ids",
    "rungs_in_order",
]
