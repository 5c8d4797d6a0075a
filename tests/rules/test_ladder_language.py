"""The language of ladder rules: faults named, three-valued truth, scores that never fall when figures improve."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenxing.errors import InputError
from zhenxing.rules.files import files
from zhenxing.rules.ladder import Panel, Rung, judge, load, rule_set
from zhenxing.rules.ladder.declaration import criteria_of, parse
from zhenxing.rules.ladder.judgement import compare
from zhenxing.rules.ladder.panel import cagr, growth, quotient

HEAD = 'id = "own"\nzh = "自定"\nen = "own"\nprovenance = "B"\n'
RUNG = '[[rung]]\nid = "r"\nzh = "台阶"\nen = "rung"\n'


def own(rest: str) -> Any:
    return parse(HEAD + RUNG + rest, "own.toml")


# ---- faults
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rule = {}", "exactly one comparison"),
        ("", "rule is missing"),
        ('rule = { measure = "nothing", at_least = 1 }', "no measure nothing"),
        ('rule = { measure = "rd", at_least = 1, at_most = 2 }', "exactly one comparison"),
        ('rule = { measure = "rd", at_least = "much" }', "the bound is a number"),
        ('rule = { measure = "rd", at_least = true }', "the bound is a number"),
        ('rule = { score = "total", at_least = 60 }', "no part total"),
        ("rule = { all = [] }", "list that is not empty"),
        ('rule = { all = [{ measure = "rd", at_least = 1 }, { measure = "rd", at_least = 2 }] }', "stands there twice"),
        ('rule = { score = "total", at_least = 6 }\nscore = [{ id = "x", zh = "x", en = "y", maximum = 5 }]', "has steps"),
        ('rule = { measure = "m", at_least = 1 }\n[[measure]]\nid = "m"\nzh = "x"\nen = "y"\n', "exactly one of"),
        ('rule = { measure = "m", at_least = 1 }\n[[measure]]\nid = "m"\nzh = "x"\nen = "y"\ncolumn = "a"\nyears = 2', "unknown keys years"),
        ('rule = { measure = "m", at_least = 1 }\n[[measure]]\nid = "m"\nzh = "x"\nen = "y"\nmean = { column = "a" }', "needs years"),
        ('rule = { measure = "m", at_least = 1 }\n[[measure]]\nid = "m"\nzh = "x"\nen = "y"\nratio = [{ column = "a" }]', "two entries for ratio"),
        ("rule = [", "valid TOML"),
    ],
)  # fmt: skip
def test_a_faulty_rule_is_answered_with_its_place(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        own(text)
    assert "own.toml" in caught.value.text.zh
    assert "own.toml" in caught.value.text.en


def test_a_missing_file_and_an_unknown_set_are_answered(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load(tmp_path / "none.toml")
    with pytest.raises(InputError, match="miit-2022"):
        rule_set("miit-1999")


def test_an_office_fills_in_the_set_of_2026(tmp_path: Path) -> None:
    text = (files("zhenxing.rules") / "data/ladder/rule_sets/miit-2026.toml").read_text(encoding="utf-8")
    path = tmp_path / "filled.toml"
    path.write_text(text.replace('""', "0.05"), encoding="utf-8")
    filled = load(path)
    assert {test.needed for rung in filled.rungs for test in criteria_of(rung.rule)} == {0.05}


# ---- measures by hand
def panel(years: list[dict[str, Any]], facts: list[tuple[str, float | None, float]] = [], **firm: Any) -> Panel:  # noqa: B006  # never written to
    firms = pd.DataFrame({"firm_id": ["a"], **{key: [value] for key, value in firm.items()}})
    firm_years = pd.DataFrame(years, columns=["year", "revenue_wan", "rd_wan"]).assign(firm_id="a")
    firm_facts = pd.DataFrame(facts, columns=["fact", "year", "value"]).assign(firm_id="a")
    return Panel(firms, firm_years, firm_facts, 2025)


YEARS = [
    {"year": 2022, "revenue_wan": 1000.0, "rd_wan": 10.0},
    {"year": 2023, "revenue_wan": 1100.0, "rd_wan": 20.0},
    {"year": 2024, "revenue_wan": 1210.0, "rd_wan": 30.0},
    {"year": 2025, "revenue_wan": 1331.0, "rd_wan": 40.0},
]
REVENUE = {"column": "revenue_wan"}


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        (REVENUE, 1331.0),
        ({"lag": REVENUE, "years": 3}, 1000.0),
        ({"growth": REVENUE}, 0.1),
        ({"cagr": REVENUE, "years": 3}, 0.1),
        ({"cagr": REVENUE, "years": 4}, np.nan),
        ({"mean": {"column": "rd_wan"}, "years": 2}, 35.0),
        ({"mean": {"column": "rd_wan"}, "years": 5}, np.nan),
        ({"least": {"growth": REVENUE}, "years": 3}, 0.1),
        ({"most": {"column": "rd_wan"}, "years": 4}, 40.0),
        ({"ratio": [{"column": "rd_wan"}, REVENUE]}, 40 / 1331),
        ({"ratio": [REVENUE, {"column": "nothing"}]}, np.nan),
        ({"first": [{"fact": "none"}, REVENUE]}, 1331.0),
        ({"age": True}, 10.0),
        ({"fact": "now"}, 2.0),
        ({"fact": "old"}, np.nan),
        ({"fact": "old", "within": 3}, 1.0),
        ({"fact": "undated"}, 5.0),
        ({"fact": "later"}, np.nan),
        ({"title": ["专精特新小巨人企业"]}, 1.0),
        ({"title": ["瞪羚企业"]}, 0.0),
    ],
)
def test_measures(definition: Mapping[str, Any], expected: float) -> None:
    facts = [("now", 2025, 2.0), ("now", 2024, 9.0), ("old", 2023, 1.0), ("undated", None, 5.0), ("later", 2026, 3.0)]
    found = panel(YEARS, facts, founded="2015-12-31", titles="高新技术企业;专精特新“小巨人”企业").measure(definition)
    np.testing.assert_allclose(found, [expected], rtol=1e-12)


def test_a_dated_fact_of_the_year_beats_one_without_a_year() -> None:
    found = panel(YEARS, [("x", 2025, 2.0), ("x", None, 5.0)])
    assert found.measure({"fact": "x"}).tolist() == [2.0]


def test_infinite_figures_are_unknown() -> None:
    found = panel([{"year": 2025, "revenue_wan": np.inf, "rd_wan": 1.0}])
    assert np.isnan(found.measure(REVENUE))[0]


def test_a_quotient_beyond_all_numbers_is_unknown() -> None:
    assert np.isnan(quotient(np.array([1.0]), np.array([5e-324]))).all()


@given(st.floats(-1e6, 1e6), st.one_of(st.floats(-1e6, 0), st.floats(1e-6, 1e6)), st.integers(1, 6))
def test_growth_needs_a_positive_base(end: float, base: float, years: int) -> None:
    a, b = np.array([end]), np.array([base])
    if base <= 0:
        assert np.isnan([growth(a, b)[0], cagr(a, b, years)[0], quotient(a, b)[0]]).all()
    elif end > 0:
        assert (1 + cagr(a, b, years)[0]) ** years == pytest.approx(quotient(a, b)[0], rel=1e-6)


# ---- truth
def test_bounds_are_met_exactly_in_spite_of_rounding() -> None:
    share = np.array([0.1 + 0.2, 0.3 - 1e-12, 0.3 - 1e-6])
    assert compare(share, "at_least", 0.3).tolist() == [1, 1, -1]
    assert compare(share, "above", 0.3).tolist() == [-1, -1, -1]
    assert compare(share, "at_most", 0.3).tolist() == [1, 1, 1]
    assert compare(share, "below", 0.3).tolist() == [-1, -1, 1]
    assert compare(share, "at_least", None).tolist() == [0, 0, 0]


class Drawn:
    """Stands in for a panel: figures by measure, as drawn."""

    def __init__(self, rules: Any, table: Mapping[str, np.ndarray], size: int) -> None:
        self.size = size
        self._names = {id(measure.definition): name for name, measure in rules.measures.items()}
        self._table = table

    def measure(self, definition: Mapping[str, Any], back: int = 0) -> np.ndarray:
        return self._table[self._names[id(definition)]]


def scored(rung_id: str) -> tuple[Any, Rung]:
    rules = rule_set("miit-2022")
    return rules, next(rung for rung in rules.rungs if rung.id == rung_id)


def directions(rung: Rung) -> dict[str, int]:
    """Return which way each measure of a rung is better: up 1, down -1."""
    found = {}
    for step in (step for item in rung.items for step in item.steps):
        found[step.measure] = 1 if step.comparison in ("at_least", "above") else -1
    for item in rung.items:
        if item.measure:
            found.setdefault(item.measure, 1)
    for test in criteria_of(rung.rule):
        if test.measure:
            found.setdefault(test.measure, 1)
    return found


VALUES = st.one_of(st.none(), st.floats(-0.5, 1.5), st.floats(0, 12000))


@pytest.mark.parametrize("rung_id", ["innovative_sme", "specialised_sme"])
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_better_figures_never_lower_the_score_and_unknown_ones_only_widen_it(rung_id: str, data: st.DataObject) -> None:
    rules, rung = scored(rung_id)
    ways = directions(rung)
    drawn = {name: data.draw(VALUES, name) for name in ways}
    changed = data.draw(st.sampled_from(sorted(ways)))
    gain = data.draw(st.floats(0, 5000))
    base = {name: np.nan if value is None else value for name, value in drawn.items()}
    better = base | {changed: base[changed] + ways[changed] * gain}
    blank = base | {changed: np.nan}
    table = {name: np.array([row[name] for row in (base, better, blank)]) for name in ways}
    found = judge(rung, cast(Panel, Drawn(rules, table, 3)), rules.measures)
    least, most = found.score("total")
    assert (least <= most).all()
    assert least[1] >= least[0]
    assert most[1] >= most[0]
    assert found.truth[1] >= found.truth[0]
    assert least[2] <= least[0]
    assert most[2] >= most[0]
    assert found.truth[2] in (0, found.truth[0])
    assert least.min() >= 0
    assert most.max() <= 100


def test_the_order_of_steps_and_firms_does_not_matter() -> None:
    rng = np.random.default_rng(3)
    rules, rung = scored("specialised_sme")
    size = 200
    table = {
        name: np.where(rng.random(size) < 0.3, np.nan, rng.choice([0.02, 0.05, 0.1, 0.5, 1, 3, 150, 4000], size))
        for name in directions(rung)
    }
    turned = Rung(
        rung.id,
        rung.name,
        rung.titles,
        rung.rule,
        tuple(
            type(i)(i.id, i.name, i.part, i.maximum, i.combine, i.steps[::-1], i.measure, i.per, i.assumed)
            for i in rung.items[::-1]
        ),
        rung.source,
        rung.provenance,
    )
    order = rng.permutation(size)
    first = judge(rung, cast(Panel, Drawn(rules, table, size)), rules.measures)
    second = judge(turned, cast(Panel, Drawn(rules, {k: v[order] for k, v in table.items()}, size)), rules.measures)
    np.testing.assert_array_equal(first.truth[order], second.truth)
    for one, other in zip(first.score("total"), second.score("total"), strict=True):
        np.testing.assert_allclose(one[order], other)
