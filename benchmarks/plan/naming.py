"""Names of columns and rows that map back to decisions: ``site_start|S001|gov_reserve|2027``.

The first part is the block, the others are its labels. A class of identical candidates carries the id of its first
member; ``classes`` lists all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any


def _label(value: object) -> str:
    parts = value if isinstance(value, tuple) else (value,)
    return "+".join(str(part).replace(" ", "_") for part in parts)


def _names(block: Any, labels: Mapping[str, Sequence[object]]) -> list[str]:
    lists = [[_label(value) for value in values] for values in labels.values()]
    tuples = product(*lists) if len(block.shape) > 1 else zip(*lists, strict=True)
    return ["|".join((block.name, *entry)) for entry in tuples]


def column_names(formulation: Any) -> list[str]:
    """Return the name of every column of the model, in order."""
    members = formulation.problem.candidates.members
    names: list[str] = []
    for block in formulation.model.columns.values():
        labels = dict(block.labels)
        if "candidate_class" in labels:
            labels["candidate_class"] = [members[k][0][0] for k in labels["candidate_class"]]
        names += _names(block, labels)
    return names


def row_names(formulation: Any) -> list[str]:
    """Return the name of every row of the model, in order."""
    return [name for block in formulation.model.rows.values() for name in _names(block, block.labels)]


def classes(formulation: Any) -> list[tuple[str, str, int]]:
    """Return (name of the class, candidate, how many of it may land) for every candidate."""
    return [
        (members[0][0], name, int(count))
        for members in formulation.problem.candidates.members
        for name, count in members
    ]
