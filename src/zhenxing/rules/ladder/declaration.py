"""Read a rule set from TOML and refuse one that is not whole."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from zhenxing.errors import InputError, Text
from zhenxing.i18n import say
from zhenxing.rules.files import records

Comparison = Literal["at_least", "above", "at_most", "below"]
COMPARISONS: tuple[Comparison, ...] = ("at_least", "above", "at_most", "below")
# What a measure may be made of; the keys that go with each.
KINDS: dict[str, tuple[str, ...]] = {
    "column": (),
    "fact": ("within",),
    "title": (),
    "age": (),
    "ratio": (),
    "growth": (),
    "cagr": ("years",),
    "mean": ("years",),
    "least": ("years",),
    "most": ("years",),
    "lag": ("years",),
    "first": (),
}
UNASSUMED = ("A", "B", "D")


@dataclass(frozen=True)
class Measure:
    """One figure a rule asks for: how it is computed, its unit and what people call it."""

    id: str
    name: Text
    unit: str
    definition: Mapping[str, Any] = field(hash=False)


@dataclass(frozen=True)
class Criterion:
    """One comparison: of a measure, or of the points of a part of the rung's score.

    ``needed`` is ``None`` in a rule set that is not filled in: whoever is judged under it is unknown.
    """

    id: str
    measure: str
    part: str
    comparison: Comparison
    needed: float | None
    assumed: bool


@dataclass(frozen=True)
class Group:
    """All or any of several criteria."""

    kind: Literal["all", "any"]
    parts: tuple[Criterion | Group, ...]


@dataclass(frozen=True)
class Step:
    """Points for passing one comparison; without a comparison the points of whoever passes no other step."""

    measure: str
    comparison: Comparison
    needed: float | None
    points: float


@dataclass(frozen=True)
class Item:
    """One line of a score: the best (or the sum) of its steps, points per unit, or points taken from a fact."""

    id: str
    name: Text
    part: str
    maximum: float
    combine: Literal["best", "sum", "per", "take"]
    steps: tuple[Step, ...]
    measure: str
    per: float
    assumed: bool


@dataclass(frozen=True)
class Rung:
    """One title or state of the ladder: names it is held under, its rule and its score."""

    id: str
    name: Text
    titles: tuple[str, ...]
    rule: Group
    items: tuple[Item, ...]
    source: str
    provenance: str


@dataclass(frozen=True)
class RuleSet:
    """A dated set of rungs with the measures they use."""

    id: str
    name: Text
    jurisdiction: str
    valid_from: dt.date | None
    valid_to: dt.date | None
    source: str
    rungs: tuple[Rung, ...]
    measures: Mapping[str, Measure] = field(hash=False)

    def in_force(self, on: dt.date) -> bool:
        """Say whether the set holds on a day; ``valid_to`` is the first day on which it no longer does."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on < self.valid_to)


def criteria_of(node: Criterion | Group) -> tuple[Criterion, ...]:
    """Return the criteria of a rule in their order.

    Examples
    --------
    >>> [test.id for test in criteria_of(rule_set("unicorn").rungs[0].rule)]
    ['valuation_musd', 'age', 'listed']
    """
    return (node,) if isinstance(node, Criterion) else tuple(test for part in node.parts for test in criteria_of(part))


class _Reader:
    """Turns one parsed TOML file into a rule set; every fault names the file and the place."""

    def __init__(self, raw: Mapping[str, Any], file: str, shared: Mapping[str, Measure]) -> None:
        self.raw, self.file = raw, file
        self.measures = {**shared, **{row["id"]: self.measure(row) for row in raw.get("measure", [])}}

    def fault(self, place: str, what: object) -> InputError:
        return InputError(say("diagnosis_ladder.rule_fault", file=self.file, place=place, what=what))

    def need(self, row: Mapping[str, Any], key: str, place: str) -> Any:
        if key not in row:
            raise self.fault(place, say("diagnosis_ladder.fault_key", key=key))
        return row[key]

    def measure(self, row: Mapping[str, Any]) -> Measure:
        place = f"measure {row.get('id', '?')}"
        definition = {k: v for k, v in row.items() if k not in ("id", "zh", "en", "unit", "provenance")}
        self.definition(definition, place)
        name = Text(self.need(row, "zh", place), self.need(row, "en", place))
        return Measure(self.need(row, "id", place), name, row.get("unit", ""), definition)

    def definition(self, node: object, place: str) -> None:
        if not isinstance(node, Mapping) or len(kinds := [key for key in node if key in KINDS]) != 1:
            raise self.fault(place, say("diagnosis_ladder.fault_definition", known=", ".join(KINDS)))
        kind = kinds[0]
        allowed = KINDS[kind]
        if extra := [key for key in node if key != kind and key not in allowed]:
            raise self.fault(place, say("diagnosis_ladder.fault_extra", keys=", ".join(extra)))
        if "years" in allowed and not (isinstance(node.get("years"), int) and node["years"] >= 1):
            raise self.fault(place, say("diagnosis_ladder.fault_years", kind=kind))
        if kind in ("ratio", "first"):
            parts = node[kind]
            if not isinstance(parts, list) or (kind == "ratio" and len(parts) != 2) or not parts:
                raise self.fault(place, say("diagnosis_ladder.fault_list", kind=kind))
            for part in parts:
                self.definition(part, place)
        elif kind in ("growth", "cagr", "mean", "least", "most", "lag"):
            self.definition(node[kind], place)

    def known(self, name: str, place: str) -> str:
        if name not in self.measures:
            raise self.fault(place, say("diagnosis_ladder.fault_measure", measure=name))
        return name

    def comparison(self, row: Mapping[str, Any], place: str) -> tuple[Comparison, float | None]:
        found: list[Comparison] = [name for name in COMPARISONS if name in row]
        if len(found) != 1:
            raise self.fault(place, say("diagnosis_ladder.fault_comparison", known=", ".join(COMPARISONS)))
        value = row[found[0]]
        if value == "":
            return found[0], None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.fault(place, say("diagnosis_ladder.fault_number", value=value))
        return found[0], float(value)

    def rule(self, node: Mapping[str, Any], place: str, parts: set[str], provenance: str) -> Criterion | Group:
        if "all" in node or "any" in node:
            kind: Literal["all", "any"] = "all" if "all" in node else "any"
            inner = tuple(self.rule(part, place, parts, provenance) for part in node[kind])
            if not inner:
                raise self.fault(place, say("diagnosis_ladder.fault_list", kind=kind))
            return Group(kind, inner)
        comparison, needed = self.comparison(node, place)
        assumed = node.get("provenance", provenance) not in UNASSUMED
        if "score" in node:
            if node["score"] not in parts:
                raise self.fault(place, say("diagnosis_ladder.fault_part", part=node["score"]))
            return Criterion(f"score:{node['score']}", "", node["score"], comparison, needed, assumed)
        measure = self.known(self.need(node, "measure", place), place)
        return Criterion(node.get("id", measure), measure, "", comparison, needed, assumed)

    def item(self, row: Mapping[str, Any], place: str, provenance: str) -> Item:
        place = f"{place}, score {row.get('id', '?')}"
        default = row.get("measure", "")
        steps = []
        for step in row.get("steps", []):
            comparison, needed = self.comparison(step, place)
            measure = self.known(step.get("measure", default), place)
            steps.append(Step(measure, comparison, needed, float(self.need(step, "points", place))))
        combine = row.get("combine", "best")
        if combine not in ("best", "sum", "per", "take") or (combine in ("best", "sum")) != bool(steps):
            raise self.fault(place, say("diagnosis_ladder.fault_combine"))
        if combine in ("per", "take"):
            self.known(default, place)
        maximum = self.need(row, "maximum", place)
        return Item(
            self.need(row, "id", place),
            Text(self.need(row, "zh", place), self.need(row, "en", place)),
            row.get("part", ""),
            float(maximum) if maximum != "" else float("nan"),
            combine,
            tuple(steps),
            default,
            float(row.get("per", 1)),
            row.get("provenance", provenance) not in UNASSUMED,
        )

    def rung(self, row: Mapping[str, Any]) -> Rung:
        place = f"rung {row.get('id', '?')}"
        provenance = row.get("provenance", self.raw.get("provenance", "M"))
        items = tuple(self.item(item, place, provenance) for item in row.get("score", []))
        parts = {"total", *(item.part for item in items)} if items else set()
        rule = self.rule(self.need(row, "rule", place), place, parts, provenance)
        names = [test.id for test in criteria_of(rule)] + [f"points:{item.id}" for item in items]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise self.fault(place, say("diagnosis_ladder.fault_repeated", name=", ".join(twice)))
        return Rung(
            self.need(row, "id", place),
            Text(self.need(row, "zh", place), self.need(row, "en", place)),
            tuple(row.get("titles", [])),
            rule if isinstance(rule, Group) else Group("all", (rule,)),
            items,
            row.get("source_url", self.raw.get("source_url", "")),
            provenance,
        )

    def rule_set(self) -> RuleSet:
        raw = self.raw
        rungs = tuple(self.rung(row) for row in self.need(raw, "rung", "rung"))
        return RuleSet(
            self.need(raw, "id", "id"),
            Text(self.need(raw, "zh", "zh"), self.need(raw, "en", "en")),
            raw.get("jurisdiction", "CN"),
            raw.get("valid_from") or None,
            raw.get("valid_to") or None,
            raw.get("source_url", ""),
            rungs,
            self.measures,
        )


def _folder() -> Any:
    return files("zhenxing.rules") / "data" / "ladder"


@cache
def shared_measures() -> dict[str, Measure]:
    """Return the measures that ship with the package, by id.

    Examples
    --------
    >>> shared_measures()["rd_share"].unit
    'share'
    """
    raw = tomllib.loads((_folder() / "measures.toml").read_text(encoding="utf-8"))
    return _Reader(raw, "measures.toml", {}).measures


def load(path: str | Path) -> RuleSet:
    """Read a rule set that an office has written.

    Raises
    ------
    InputError
        The file is no TOML, or a rung, measure, comparison or value is not whole; the message names the place.

    Examples
    --------
    >>> load("nowhere.toml")
    Traceback (most recent call last):
    zhenxing.errors.InputError: ...
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(say("diagnosis_ladder.rule_file", file=path, why=error)) from error
    return parse(text, str(path))


def parse(text: str, file: str) -> RuleSet:
    """Read a rule set from the text of a TOML file; ``file`` is what messages call it."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(say("diagnosis_ladder.rule_file", file=file, why=error)) from error
    return _Reader(raw, file, shared_measures()).rule_set()


@cache
def rule_set_ids() -> tuple[str, ...]:
    """Return the ids of the rule sets that ship with the package.

    Examples
    --------
    >>> "miit-2022" in rule_set_ids()
    True
    """
    found = (entry.name for entry in (_folder() / "rule_sets").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


@cache
def rule_set(name: str) -> RuleSet:
    """Return a rule set that ships with the package.

    Examples
    --------
    >>> [rung.id for rung in rule_set("miit-2022").rungs]
    ['innovative_sme', 'specialised_sme', 'little_giant']
    """
    if name not in rule_set_ids():
        raise InputError(say("diagnosis_ladder.no_rule_set", name=name, known=", ".join(rule_set_ids())))
    return parse((_folder() / "rule_sets" / f"{name}.toml").read_text(encoding="utf-8"), f"{name}.toml")


@cache
def rungs_in_order() -> tuple[str, ...]:
    """Return the rungs in the order of the climb (assumed, tag M).

    Examples
    --------
    >>> rungs_in_order()[:2]
    ('above_scale', 'innovative_sme')
    """
    rows = sorted(records("ladder/order.csv"), key=lambda row: float(row["value"]))
    return tuple(row["rung"] for row in rows)
