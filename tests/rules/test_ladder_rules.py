"""The rule sets: one case by hand for each, points added up on paper, at the bounds and one step below."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from zhenxing.rules.files import records
from zhenxing.rules.ladder import Panel, Rung, Verdict, judge, rule_set, rule_set_ids, rungs_in_order
from zhenxing.rules.ladder.declaration import criteria_of, shared_measures

YEAR = 2025
Years = Mapping[int, Mapping[str, float]]


def rung_of(set_id: str, rung: str) -> Rung:
    return next(found for found in rule_set(set_id).rungs if found.id == rung)


def verdict(
    set_id: str,
    rung: str,
    years: Years | None = None,
    facts: Mapping[str, float] | None = None,
    founded: str | None = None,
    titles: str | None = None,
) -> Verdict:
    firms = pd.DataFrame({"firm_id": ["a"], "founded": [founded], "titles": [titles]})
    rows = [{"firm_id": "a", "year": year, **figures} for year, figures in (years or {}).items()]
    firm_years = pd.DataFrame(rows) if rows else pd.DataFrame({"firm_id": [], "year": []})
    given = facts or {}
    firm_facts = pd.DataFrame(
        {"firm_id": "a", "fact": list(given), "year": YEAR, "value": list(given.values())}, index=range(len(given))
    )
    rules = rule_set(set_id)
    return judge(rung_of(set_id, rung), Panel(firms, firm_years, firm_facts, YEAR), rules.measures)


def points(found: Verdict) -> dict[str, float]:
    return {row.item.id: float(row.least[0]) for row in found.points}


def truth(found: Verdict) -> int:
    return int(found.truth[0])


# ---- 2.1 innovative SME: 60 points exactly, innovation exactly 20
INNOVATIVE_YEARS: Years = {
    2024: {"revenue_wan": 950.0, "main_revenue_wan": 600.0},
    2025: {"revenue_wan": 1000.0, "main_revenue_wan": 650.0, "rd_wan": 30.0},
}
INNOVATIVE = {"debt_ratio": 0.55, "class1_high_value": 0, "class1_own": 0, "class1": 0, "class2": 1}
INNOVATIVE |= {"strategic_emerging": 0, "st_award_3y": 0, "high_tech": 0, "rd_body_provincial": 0, "equity_3y_wan": 0}


def test_innovative_sme_by_hand() -> None:
    found = verdict("miit-2022", "innovative_sme", INNOVATIVE_YEARS, INNOVATIVE)
    # class II 5, R&D 3.0 % 15; growth 50/600 = 8.3 % 10, debt 55 % 10; other field 5, 65 % main 15
    assert points(found) == {"ip": 5, "rd_share": 15, "main_growth": 10, "debt_ratio": 10, "field": 5, "main_share": 15}
    assert [found.score(part)[0][0] for part in ("innovation", "growth", "specialisation", "total")] == [20, 20, 20, 60]
    assert truth(found) == 1


def test_innovative_sme_one_point_of_debt_less_and_each_door_of_its_own() -> None:
    worse = INNOVATIVE | {"debt_ratio": 0.551}
    found = verdict("miit-2022", "innovative_sme", INNOVATIVE_YEARS, worse)
    assert (found.score("total")[0][0], truth(found)) == (55, -1)
    for door, value in (("st_award_3y", 1), ("high_tech", 1), ("rd_body_provincial", 1), ("equity_3y_wan", 500)):
        assert truth(verdict("miit-2022", "innovative_sme", INNOVATIVE_YEARS, worse | {door: value})) == 1
    assert truth(verdict("miit-2022", "innovative_sme", INNOVATIVE_YEARS, worse | {"equity_3y_wan": 499})) == -1


def test_a_part_below_its_least_fails_though_the_total_passes() -> None:
    # class II 5 and R&D below 1 % 0: innovation 5 < 20; growth 30, specialisation 30: 65 in all
    years: Years = {
        2024: {"revenue_wan": 800.0, "main_revenue_wan": 800.0},
        2025: dict.fromkeys(("revenue_wan", "main_revenue_wan"), 1000.0) | {"rd_wan": 9.0},
    }
    found = verdict("miit-2022", "innovative_sme", years, INNOVATIVE | {"debt_ratio": 0.2, "strategic_emerging": 1})
    assert (found.score("total")[0][0], found.score("innovation")[0][0], truth(found)) == (65, 5, -1)


def test_a_high_tech_title_is_a_door_and_an_absent_fact_is_unknown() -> None:
    assert truth(verdict("miit-2022", "innovative_sme", titles="高新技术企业；其他")) == 1
    assert truth(verdict("miit-2022", "innovative_sme")) == 0


# ---- 2.2 specialised SME: thirteen items
SPECIALISED_YEARS: Years = {
    2023: {"revenue_wan": 3200.0, "main_revenue_wan": 2500.0, "rd_wan": 120.0},
    2024: {"revenue_wan": 3400.0, "main_revenue_wan": 2700.0, "rd_wan": 130.0},
    2025: {"revenue_wan": 3712.5, "main_revenue_wan": 2970.0, "rd_wan": 150.0},
}
SPECIALISED = {"niche_years": 5, "extends_chain": 0, "six_bases": 1, "digital_level": 2, "quality_award": 0}
SPECIALISED |= {"management_certificate": 1, "own_brand": 1, "standards": 0, "net_margin": 0.05, "debt_ratio": 0.60}
SPECIALISED |= {"provincial_points": 7, "class1_high_value": 0, "class1_own": 0, "class1": 1, "class2": 3}
SPECIALISED |= {"rd_staff_share": 0.10, "rd_body_level": 2, "st_award_top_3y": 0, "equity_2y_wan": 0}
SPECIALISED |= {"maker_contest_500": 0}


def test_specialised_sme_by_hand() -> None:
    found = verdict("miit-2022", "specialised_sme", SPECIALISED_YEARS, SPECIALISED)
    assert points(found) == {
        "main_share": 5, "main_growth_2y": 8, "niche_years": 2, "field": 3,  # 80 %; (8 % + 10 %) / 2 = 9 %; 5 years
        "digital": 3, "quality": 5, "net_margin": 4, "debt_ratio": 3,  # 3 + 3 capped at 5
        "provincial": 7,
        "ip": 6, "rd": 4, "rd_staff": 3, "rd_body": 4,  # 150 / 3712.5 = 4.04 %
    }  # fmt: skip
    assert [found.score(part)[0][0] for part in ("specialisation", "refinement", "characteristic", "innovation")] == [
        18,
        15,
        7,
        17,
    ]
    assert (found.score("total")[0][0], truth(found)) == (57, -1)
    assert (
        truth(verdict("miit-2022", "specialised_sme", SPECIALISED_YEARS, SPECIALISED | {"provincial_points": 10})) == 1
    )


@pytest.mark.parametrize("door", [{"st_award_top_3y": 1}, {"equity_2y_wan": 6000}, {"maker_contest_500": 1}])
def test_specialised_sme_other_doors(door: dict[str, float]) -> None:
    assert truth(verdict("miit-2022", "specialised_sme", SPECIALISED_YEARS, SPECIALISED | door)) == 1


@pytest.mark.parametrize("lack", [{"niche_years": 1}])
def test_specialised_sme_needs_each_condition(lack: dict[str, float]) -> None:
    assert (
        truth(
            verdict("miit-2022", "specialised_sme", SPECIALISED_YEARS, SPECIALISED | {"provincial_points": 15} | lack)
        )
        == -1
    )


@pytest.mark.parametrize(
    ("revenue", "rd", "equity", "expected"),
    [
        (1000.0, 100.0, 0, 1),
        (999.0, 100.0, 0, -1),
        (999.0, 100.0, 2000, 1),
        (3400.0, 100.0, 0, -1),
        (1000.0, 99.9, 0, -1),
    ],
)
def test_specialised_sme_bounds_of_revenue_and_spending(
    revenue: float, rd: float, equity: float, expected: int
) -> None:
    years = {y: {k: v * revenue / 3712.5 for k, v in row.items()} for y, row in SPECIALISED_YEARS.items()}
    years[2025]["rd_wan"] = rd
    facts = SPECIALISED | {"provincial_points": 15, "equity_2y_wan": equity, "digital_level": 3, "rd_body_level": 4}
    assert truth(verdict("miit-2022", "specialised_sme", years, facts)) == expected


# ---- 2.3 little giant
GIANT_YEARS: Years = {
    2023: {"revenue_wan": 10000.0, "main_revenue_wan": 8000.0, "rd_wan": 300.0},
    2024: {"revenue_wan": 11000.0, "main_revenue_wan": 8400.0, "rd_wan": 330.0},
    2025: {"revenue_wan": 12000.0, "main_revenue_wan": 8820.0, "rd_wan": 360.0},
}
GIANT = {
    "niche_years": 3,
    "information_system": 1,
    "management_certificate": 1,
    "product_certificate": 0,
    "debt_ratio": 0.7,
}
GIANT |= {
    "niche_share": 0.10,
    "own_brand": 1,
    "rd_body": 1,
    "class1_lead_product": 2,
    "chain_role": 1,
    "priority_field": 1,
}
GIANT |= {"equity_2y_wan": 0, "rd_staff_share": 0.5}
HELD = "专精特新中小企业"


def giant(years: Years = GIANT_YEARS, titles: str | None = HELD, **facts: float) -> int:
    return truth(verdict("miit-2022", "little_giant", years, GIANT | facts, titles=titles))


def test_little_giant_by_hand_on_every_bound() -> None:
    assert giant() == 1  # growth 5 % + 5 %, R&D 3 % in both years, debt 70 %


@pytest.mark.parametrize(
    "lack",
    [
        {"niche_years": 2}, {"information_system": 0}, {"management_certificate": 0}, {"debt_ratio": 0.701},
        {"niche_share": 0.099}, {"own_brand": 0}, {"rd_body": 0}, {"class1_lead_product": 1}, {"chain_role": 0},
        {"priority_field": 0},
    ],
)  # fmt: skip
def test_little_giant_needs_each_condition(lack: dict[str, float]) -> None:
    assert giant(**lack) == -1


def test_little_giant_needs_the_lower_title_and_does_not_guess_it() -> None:
    assert giant(titles="高新技术企业") == -1
    assert giant(titles=None) == 0


def test_little_giant_tiers_of_spending() -> None:
    def scaled(revenue: float, share: float) -> Years:
        return {
            y: {
                "revenue_wan": revenue,
                "main_revenue_wan": revenue * 0.7 * 1.05 ** (y - 2025),
                "rd_wan": revenue * share,
            }
            for y in (2023, 2024, 2025)
        }

    assert giant(scaled(10000, 0.03)) == 1
    assert giant(scaled(9999, 0.03)) == -1
    assert giant(scaled(9999, 0.06)) == giant(scaled(5000, 0.06)) == 1
    assert giant(scaled(4999, 0.06)) == -1
    assert giant(scaled(4999, 3000 / 4999), equity_2y_wan=8000) == 1
    assert giant(scaled(4999, 3000 / 4999), equity_2y_wan=8000, rd_staff_share=0.49) == -1


# ---- 2.4 champions
@pytest.mark.parametrize(
    ("set_id", "facts", "expected"),
    [
        ("champion-2016", {"niche_revenue_share": 0.7, "global_rank": 3, "niche_years": 10, "margin_above_peers": 1, "new_product": 0}, 1),
        ("champion-2016", {"niche_revenue_share": 0.7, "global_rank": 3, "niche_years": 9, "margin_above_peers": 1, "new_product": 0}, -1),
        ("champion-2016", {"niche_revenue_share": 0.7, "global_rank": 3, "niche_years": 3, "margin_above_peers": 1, "new_product": 1}, 1),
        ("champion-2016", {"niche_revenue_share": 0.69, "global_rank": 3, "niche_years": 10, "margin_above_peers": 1}, -1),
        ("champion-2025", {"global_rank": 9, "national_rank": 1, "no_violations": 1}, 1),
        ("champion-2025", {"global_rank": 3, "no_violations": 1}, 1),
        ("champion-2025", {"global_rank": 4, "national_rank": 2, "no_violations": 1}, -1),
        ("champion-2025", {"global_rank": 3, "no_violations": 0}, -1),
        ("champion-loose", {"niche_years": 5, "national_rank": 3, "global_rank": 9}, -1),  # revenue 12 000 < 40 000
    ],
)  # fmt: skip
def test_champions(set_id: str, facts: dict[str, float], expected: int) -> None:
    assert truth(verdict(set_id, "champion", GIANT_YEARS, facts)) == expected


def test_champion_of_the_looser_variant() -> None:
    years = {2025: {"revenue_wan": 40000.0}}
    assert truth(verdict("champion-loose", "champion", years, {"niche_years": 5, "global_rank": 5})) == 1


# ---- 2.5 gazelles
def grown(base: float, rate: float, rd: float = 0.03, **more: float) -> Years:
    return {
        2022 + k: {"revenue_wan": base * (1 + rate) ** k, "rd_wan": base * (1 + rate) ** k * rd, **more}
        for k in range(4)
    }


@pytest.mark.parametrize(
    ("years", "founded", "expected"),
    [
        (grown(1001, 0.2), "2010-06-01", 1),
        (grown(1000, 0.2), "2010-06-01", -1),  # the base must exceed 1 000
        (grown(1001, 0.199), "2010-06-01", -1),
        (grown(1001, 0.2), "2009-06-01", -1),  # 16 years
        (grown(1001, 0.2, rd=0.025), "2010-06-01", -1),  # spending must exceed 2.5 %
        (grown(60000, 0.0), "2020-01-01", 1),
        (grown(50000, 0.0), "2020-01-01", -1),
        (grown(120000, -0.05), "2015-01-01", 1),
        (grown(160000, -0.11), "2015-01-01", -1),
    ],
)
def test_gazelle_of_the_national_zones(years: Years, founded: str, expected: int) -> None:
    staff = {y: {**row, "employees": 10.0} for y, row in years.items()}
    assert truth(verdict("gazelle-national", "gazelle", staff, founded=founded)) == expected


def test_gazelle_by_headcount() -> None:
    years = {
        2022 + k: {"revenue_wan": 800.0, "rd_wan": 30.0, "employees": staff}
        for k, staff in enumerate((110, 143, 186, 242))
    }
    assert (
        truth(verdict("gazelle-national", "gazelle", years, founded="2000-01-01")) == 1
    )  # 242 / 110 = 1.3 ** 3 and more


def test_gazelle_without_a_base_is_unknown_and_never_nought() -> None:
    short = {y: row for y, row in grown(1001, 0.5).items() if y > 2022}
    found = verdict("gazelle-national", "gazelle", short, founded="2010-06-01")
    answers = {answer.test.id: answer for answer in found.answers.values()}
    assert np.isnan(answers["revenue_cagr_3y"].value[0])
    assert truth(found) == 0


def test_gazelles_of_huangpu_and_their_cultivation() -> None:
    assert truth(verdict("gazelle-huangpu-2022", "gazelle", grown(1000, 0.2), founded="2000-01-01")) == 1
    assert truth(verdict("gazelle-huangpu-2022", "gazelle", grown(999, 0.2), founded="2000-01-01")) == -1
    assert truth(verdict("gazelle-huangpu-2022", "gazelle_seed", grown(500, 0.2), founded="2000-01-01")) == 1
    assert (
        truth(
            verdict(
                "gazelle-huangpu-2022",
                "gazelle_seed",
                grown(499, 0.2),
                {"venture_capital_wan": 0},
                founded="2000-01-01",
            )
        )
        == -1
    )
    leap = {2022: {"revenue_wan": 900.0}, 2024: {"revenue_wan": 500.0}, 2025: {"revenue_wan": 750.0}}
    assert truth(verdict("gazelle-huangpu-2022", "gazelle_seed", leap, founded="2000-01-01")) == 1
    assert (
        truth(
            verdict("gazelle-huangpu-2022", "gazelle_seed", founded="2021-01-01", facts={"venture_capital_wan": 5000})
        )
        == 1
    )


@pytest.mark.parametrize(
    ("revenue", "rate", "expected"),
    [
        (1000, 0.20, 1),
        (1000, 0.19, -1),
        (10000, 0.15, 1),
        (10000, 0.14, -1),
        (50000, 0.10, 1),
        (49999, 0.10, -1),
        (999, 0.5, -1),
    ],
)
def test_gazelle_of_jinan_by_size(revenue: float, rate: float, expected: int) -> None:
    years = {2025 - k: {"revenue_wan": revenue / (1 + rate) ** k, "profit_wan": 10.0} for k in range(3)}
    assert truth(verdict("gazelle-jinan-2016", "gazelle", years)) == expected


# ---- 2.6 unicorn
@pytest.mark.parametrize(
    ("musd", "founded", "listed", "expected"),
    [(1000, "2015-03-01", 0, 1), (999, "2015-03-01", 0, -1), (1000, "2014-12-31", 0, -1), (1000, "2015-03-01", 1, -1)],
)
def test_unicorn(musd: float, founded: str, listed: float, expected: int) -> None:
    facts = {"valuation_musd": musd, "listed": listed}
    assert truth(verdict("unicorn", "unicorn", facts=facts, founded=founded)) == expected


# ---- the sets as data
def test_the_set_of_2026_is_empty_and_judges_nobody() -> None:
    rules = rule_set("miit-2026")
    assert rules.valid_from == dt.date(2026, 4, 1)
    assert all(test.needed is None for rung in rules.rungs for test in criteria_of(rung.rule))
    for rung in rules.rungs:
        facts = dict.fromkeys(("niche_years", "class1", "debt_ratio", "development_quality"), 0.0)
        assert truth(verdict("miit-2026", rung.id, GIANT_YEARS, facts)) == 0


def test_the_set_of_2022_ends_where_that_of_2026_begins() -> None:
    old, new = rule_set("miit-2022"), rule_set("miit-2026")
    assert old.valid_to == new.valid_from
    assert old.in_force(dt.date(2026, 3, 31))
    assert not old.in_force(dt.date(2026, 4, 1))


@pytest.mark.parametrize("rung", ["innovative_sme", "specialised_sme"])
def test_full_marks_are_a_hundred(rung: str) -> None:
    assert sum(item.maximum for item in rung_of("miit-2022", rung).items) == 100


def test_no_item_gives_more_than_its_maximum_and_every_set_names_its_source() -> None:
    for name in rule_set_ids():
        rules = rule_set(name)
        assert rules.source
        for rung in rules.rungs:
            assert rung.id in rungs_in_order()
            for item in rung.items:
                assert max((step.points for step in item.steps), default=0) <= item.maximum


def test_numbers_from_memory_are_marked() -> None:
    marked = {item.id for item in rung_of("miit-2022", "specialised_sme").items if item.assumed}
    assert marked == {"ip", "rd_staff", "rd_body"}
    assert not any(item.assumed for item in rung_of("miit-2022", "innovative_sme").items)


def test_every_measure_is_named_in_both_languages_and_used_by_a_rule() -> None:
    used = set()
    for name in rule_set_ids():
        for rung in rule_set(name).rungs:
            used |= {test.measure for test in criteria_of(rung.rule)} | {item.measure for item in rung.items}
            used |= {step.measure for item in rung.items for step in item.steps}
    unused = set(shared_measures()) - used
    named_for_the_office = {"net_profit", "st_spending", "construction_qualification", "real_estate_activity"}
    assert unused <= {"main_revenue", "technology_sme"} | named_for_the_office
    assert all(measure.name.zh != measure.name.en for measure in shared_measures().values())


def test_calendar_and_incentives_are_dated_and_tagged() -> None:
    for name in ("inclusion_calendar", "incentives", "register_rules", "role_sectors", "order"):
        rows = records(f"ladder/{name}.csv")
        assert len({row["id"] for row in rows}) == len(rows)
        assert all(row["provenance"] in "ABDMX" and row["jurisdiction"] for row in rows)
    assert {row["day"] for row in records("ladder/inclusion_calendar.csv") if row["id"] == "monthly_papers"} == {"20"}
