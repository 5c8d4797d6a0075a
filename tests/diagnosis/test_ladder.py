"""The ladder of many firms: statuses, what is missing in words, issues, degenerate tables, order."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from zhenxing import schema
from zhenxing.diagnosis.ladder import LadderDiagnosis, LadderSettings, asked_facts, climb
from zhenxing.errors import InputError
from zhenxing.rules.above_scale import sectors
from zhenxing.rules.files import files
from zhenxing.rules.ladder import rule_set, rule_set_ids

DOCS = Path(__file__).parents[2] / "docs"

YEARS = ["firm_id", "year", "revenue_wan", "main_revenue_wan", "employees", "register_state"]


def firms(*rows: dict[str, object]) -> pd.DataFrame:
    base = {"industry_code": "3872", "industry_edition": "2017", "titles": None, "founded": None, "status": None}
    return pd.DataFrame([{"firm_id": f"f{place}", **base, **row} for place, row in enumerate(rows)])


def years(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=YEARS)


def status(found: LadderDiagnosis, rung: str = "above_scale") -> dict[str, str]:
    here = found.ladder[found.ladder["rung"] == rung]
    return dict(zip(here["firm_id"], here["status"], strict=True))


def said(found: LadderDiagnosis, firm: str, rung: str = "above_scale") -> str:
    here = found.ladder[(found.ladder["rung"] == rung) & (found.ladder["firm_id"] == firm)]
    return str(here["missing_en"].iloc[0])


# ---- the register
def test_the_four_states_of_the_register() -> None:
    table = firms({}, {}, {}, {}, {}, {"industry_code": None}, {})
    figures = years(
        ("f0", 2025, 2500.0, 2000.0, 50, "in_register"),
        ("f1", 2025, 2500.0, 2000.0, 50, "none"),
        ("f2", 2025, 2500.0, 2000.0, 50, "filed"),
        ("f3", 2025, 2500.0, 1999.0, 50, "none"),
        ("f4", 2025, 1800.0, 1700.0, 50, "in_register"),
        ("f5", 2025, 1800.0, 1700.0, 50, None),
    )
    found = climb(firms=table, firm_years=figures)
    assert status(found) == {
        "f0": "held", "f1": "met", "f2": "met", "f3": "missed", "f4": "held", "f5": "unknown", "f6": "unknown",
    }  # fmt: skip
    assert said(found, "f0") == ""
    assert said(found, "f1") == "revenue has passed the line; papers are not filed"
    assert said(found, "f2") == "filed; not yet in the register"
    assert said(found, "f3") == "revenue against the line of industry: 1999 wan, needs at least 2000 wan, 1 wan short"
    assert said(found, "f4").endswith("300 short: it may leave at the annual review")
    assert said(found, "f5") == "sector not known: no industry code"
    assert said(found, "f6") == "revenue against the line of industry (no data)"


def test_the_flag_of_the_roll_counts_only_where_no_state_is_recorded() -> None:
    table = firms({"above_scale": True}, {"above_scale": True}).astype({"above_scale": "boolean"})
    found = climb(firms=table, firm_years=years(("f0", 2025, 9.0, 9.0, 5, None), ("f1", 2025, 9.0, 9.0, 5, "none")))
    assert status(found) == {"f0": "held", "f1": "missed"}


def test_a_maker_who_sells_is_judged_by_every_line_it_may_fall_under() -> None:
    links = pd.DataFrame(
        {"firm_id": ["f0", "f0"] * 1 + ["f1", "f1", "f2", "f2"], "role": ["makes", "sells"] * 3, "weight": [0.5] * 6}
    )
    figures = years(
        ("f0", 2025, 400.0, 400.0, 5, None), ("f1", 2025, 700.0, 700.0, 5, None), ("f2", 2025, 2100.0, 2100.0, 5, None)
    )
    found = climb(firms=firms({}, {}, {}), firm_years=figures, firm_links=links)
    assert status(found) == {"f0": "missed", "f1": "unknown", "f2": "met"}
    assert said(found, "f0").startswith("revenue against the line of retail: 400 wan")
    assert "retail passed" in said(found, "f1")
    assert "1300 wan short" in said(found, "f1")
    lines = found.ladder_criteria[
        (found.ladder_criteria["rung"] == "above_scale") & (found.ladder_criteria["firm_id"] == "f1")
    ]
    assert dict(zip(lines["criterion"], lines["met"], strict=True)) == {
        "line:industry": False, "line:retail": True, "line:wholesale": False,
    }  # fmt: skip
    assert lines["assumed"].tolist() == [False, True, True]
    nearest = found.firm_standings.set_index("firm_id")["sector"].to_dict()
    assert nearest == {"f0": "retail", "f1": "retail", "f2": "industry"}


def test_a_qualification_counts_and_its_absence_is_unknown() -> None:
    facts = pd.DataFrame(
        {"firm_id": ["f0", "f1"], "fact": "construction_qualification", "year": 2024, "value": [1.0, 0.0]}
    )
    table = firms(*[{"industry_code": "4710"}] * 3)
    figures = years(*[(f"f{k}", 2025, 9000.0, 9000.0, 90, None) for k in range(3)])
    found = climb(firms=table, firm_years=figures, firm_facts=facts)
    assert status(found) == {"f0": "met", "f1": "missed", "f2": "unknown"}
    assert found.firm_standings["step"].unique().tolist() == ["qualification"]


def test_total_revenue_stands_in_and_is_marked() -> None:
    found = climb(firms=firms({}), firm_years=years(("f0", 2025, 2400.0, None, 50, None)))
    assert status(found) == {"f0": "met"}
    assert found.ladder.loc[found.ladder["rung"] == "above_scale", "assumed"].tolist() == [True]
    assert "stand_in" in {issue.code for issue in found.issues}


def test_old_editions_and_codes_of_no_edition_are_never_read_as_2017() -> None:
    table = firms(
        {"industry_edition": "2002", "industry_code": "3972"}, {"industry_edition": "2011"}, {"industry_edition": None}
    )
    found = climb(firms=table, firm_years=years(*[(f"f{k}", 2025, 9000.0, 9000.0, 90, None) for k in range(3)]))
    assert set(status(found).values()) == {"unknown"}
    assert found.firm_standings["size_class"].isna().all()
    assert {issue.code for issue in found.issues} >= {"no_sector_other_edition", "no_sector_no_edition"}


# ---- titles
def test_a_title_is_held_and_says_what_no_longer_fits() -> None:
    facts = pd.DataFrame({"firm_id": "f0", "fact": ["niche_years"], "year": [2025], "value": [1.0]})
    table = firms({"titles": "高新技术企业;专精特新中小企业"}, {"titles": "高新技术企业"})
    found = climb(firms=table, firm_years=years(("f0", 2025, 3000.0, 3000.0, 50, None)), firm_facts=facts)
    assert status(found, "specialised_sme") == {"f0": "held", "f1": "unknown"}
    assert said(found, "f0", "specialised_sme").startswith(
        "held; no longer met by the figures given: years in the niche market 1 years, needs at least 2 years, 1 years short"
    )
    assert status(found, "innovative_sme") == {"f0": "met", "f1": "met"}  # the high-tech title opens its own door


def test_the_name_of_the_lower_title_is_not_read_into_the_higher() -> None:
    found = climb(firms=firms({"titles": "专精特新“小巨人”企业"}), firm_years=years())
    assert status(found, "little_giant") == {"f0": "held"}
    assert status(found, "specialised_sme") == {"f0": "unknown"}


def test_points_and_next_steps_stand_in_the_criteria() -> None:
    figures = years(("f0", 2024, 950.0, 600.0, 50, None), ("f0", 2025, 1000.0, 650.0, 50, None)).assign(
        rd_wan=[0.0, 29.0]
    )
    found = climb(firms=firms({}), firm_years=figures)
    here = found.ladder_criteria[found.ladder_criteria["rung"] == "innovative_sme"].set_index("criterion")
    item = here.loc["points:rd_share"]
    assert (item["value"], item["points"], item["points_maximum"], item["needed"]) == (0.029, 10, 20, 0.03)
    assert item["short_by"] == pytest.approx(0.001)
    total = here.loc["score:total"]
    # R&D 10, growth 10, main share 15 for certain; IP 20, debt 10 and the field 10 are open
    assert (total["value"], total["value_most"], total["needed"]) == (35, 75, 60)
    assert pd.isna(total["met"])
    row = found.ladder[found.ladder["rung"] == "innovative_sme"].iloc[0]
    assert (row["points"], row["points_most"], row["status"]) == (35, 75, "unknown")


def test_unknown_criteria_have_no_row_but_a_word() -> None:
    found = climb(firms=firms({}), firm_years=years(("f0", 2025, 1000.0, 650.0, 50, None)))
    names = set(found.ladder_criteria.loc[found.ladder_criteria["rung"] == "specialised_sme", "criterion"])
    assert "niche_years" not in names
    assert "years in the niche market" in said(found, "f0", "specialised_sme")


def test_how_many_criteria_are_lacking_on_the_shortest_way() -> None:
    facts = pd.DataFrame({"firm_id": "f0", "fact": ["niche_years"], "year": [2025], "value": [4.0]})
    figures = years(("f0", 2025, 900.0, 900.0, 50, None)).assign(rd_wan=[90.0])
    found = climb(firms=firms({"founded": "2020-01-01"}), firm_years=figures, firm_facts=facts)
    lacking = found.ladder.set_index("rung")["lacking"].to_dict()
    # specialised SME: R&D below 100, revenue below 1 000, and one of the score or its other doors
    assert lacking["specialised_sme"] == 3
    # gazelle: five years old, so only revenue above 50 000 lacks on the fourth way; and the spending of four years
    assert lacking["gazelle"] == 2
    assert lacking["unicorn"] == 2  # valuation and listing are not known
    assert lacking["above_scale"] == 1


# ---- rule sets
def test_the_empty_set_leaves_everybody_unknown_and_says_so() -> None:
    settings = LadderSettings(rule_sets=("miit-2026",), on=dt.date(2026, 6, 30))
    found = climb(firms=firms({}), firm_years=years(("f0", 2025, 1000.0, 650.0, 50, None)), settings=settings)
    titles = found.ladder[found.ladder["rule_set"] == "miit-2026"]
    assert set(titles["status"]) == {"unknown"}
    assert titles["assumed"].all()
    assert {issue.code for issue in found.issues} == {"unfilled"}


def test_a_set_out_of_force_is_named() -> None:
    found = climb(firms=firms({}), firm_years=years(("f0", 2026, 1000.0, 650.0, 50, None)))
    late = [issue.text.en for issue in found.issues if issue.code == "not_in_force"]
    assert len(late) == 1
    assert "miit-2022" in late[0]


def test_two_sets_with_the_same_rung_both_come_out(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    text = (files("zhenxing.rules") / "data/ladder/rule_sets/gazelle-jinan-2016.toml").read_text(encoding="utf-8")
    own.write_text(text.replace('id = "gazelle-jinan-2016"', 'id = "town"').replace("0.20", "0.50"), encoding="utf-8")
    figures = years(
        *[("f0", year, 1000.0 * 1.25 ** (year - 2023), 1.0, 50, None) for year in (2023, 2024, 2025)]
    ).assign(profit_wan=5.0)
    found = climb(firms=firms({}), firm_years=figures, settings=LadderSettings(rule_sets=("gazelle-jinan-2016", own)))
    here = found.ladder[found.ladder["rung"] == "gazelle"]
    assert dict(zip(here["rule_set"], here["status"], strict=True)) == {"gazelle-jinan-2016": "met", "town": "missed"}
    assert not found.ladder.duplicated(list(schema.table("ladder").key)).any()


def test_a_fact_no_rule_asks_for_is_told_with_the_likely_name() -> None:
    facts = pd.DataFrame({"firm_id": ["f0"], "fact": ["niche_year"], "year": [2025], "value": [3.0]})
    found = climb(firms=firms({}), firm_years=years(), firm_facts=facts)
    (strange,) = [issue for issue in found.issues if issue.code == "unknown_fact"]
    assert strange.rows == ("niche_year",)
    assert "niche_years" in strange.text.en


# ---- degenerate tables
def test_no_firms_and_no_years() -> None:
    nobody = climb(firms=firms().reindex(columns=["firm_id", "industry_code", "industry_edition"]), firm_years=years())
    assert len(nobody.ladder) == len(nobody.ladder_criteria) == len(nobody.register_flows) == 0
    alone = climb(firms=firms({}), firm_years=years())
    assert set(alone.ladder["status"]) == {"unknown"}
    assert "no_year" in {issue.code for issue in alone.issues}
    assert len(alone.firm_standings) == 0


def test_no_revenue_at_all_is_not_unknown() -> None:
    found = climb(firms=firms({}), firm_years=years(("f0", 2024, 0.0, 0.0, 0, None), ("f0", 2025, 0.0, 0.0, 0, None)))
    assert status(found) == {"f0": "missed"}
    standing = found.firm_standings.iloc[-1]
    assert (standing["step"], standing["size_class"]) == ("micro", "micro")
    assert np.isnan(standing["revenue_growth"])  # no base: no growth, not 0 %
    assert np.isnan(standing["revenue_cagr_3y"])


def test_negative_revenue_and_infinite_figures_end_in_no_traceback() -> None:
    found = climb(
        firms=firms({}, {}), firm_years=years(("f0", 2025, -5.0, -5.0, 1, None), ("f1", 2025, np.inf, np.inf, 1, None))
    )
    assert status(found)["f0"] == "missed"
    assert found.ladder_criteria["value"].abs().max() < np.inf


def test_closed_firms_are_left_out_and_named() -> None:
    found = climb(firms=firms({}, {"status": "注销"}), firm_years=years(("f1", 2025, 9.0, 9.0, 1, None)))
    assert set(found.ladder["firm_id"]) == {"f0"}
    assert [issue.rows for issue in found.issues if issue.code == "closed"] == [("f1",)]


def test_doubled_rows_and_missing_columns_are_refused_in_both_languages() -> None:
    with pytest.raises(InputError, match=r"重复[\s\S]*f0 2025"):
        climb(firms=firms({}), firm_years=years(*[("f0", 2025, 1.0, 1.0, 1, None)] * 2))
    with pytest.raises(InputError, match="firm_id"):
        climb(firms=pd.concat([firms({}), firms({})]), firm_years=years())
    with pytest.raises(InputError, match="industry_edition"):
        climb(firms=pd.DataFrame({"firm_id": ["a"], "industry_code": ["3872"]}), firm_years=years())


def test_main_revenue_above_the_total_is_told() -> None:
    found = climb(firms=firms({}), firm_years=years(("f0", 2025, 100.0, 120.0, 1, None)))
    assert [issue.rows for issue in found.issues if issue.code == "revenue_above_total"] == [("f0 2025",)]


# ---- order, schema
def drawn(seed: int, size: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    codes = np.array(["3872", "5282", "4710", "F", "0111", None], dtype=object)
    table = firms(
        *[
            {"industry_code": code, "founded": f"{2000 + k % 25}-01-01", "titles": [None, "瞪羚企业", ""][k % 3]}
            for k, code in enumerate(rng.choice(codes, size))
        ]
    )
    rows = [
        (f"f{k}", year, value, value * 0.9 if value % 2 < 1 else None, 20, rng.choice(["none", "in_register"]))
        for k in range(size)
        for year, value in zip(range(2021, 2026), 10 ** rng.uniform(1, 4, 5), strict=True)
        if rng.random() < 0.8
    ]
    facts = pd.DataFrame(
        {"firm_id": [f"f{k}" for k in range(0, size, 2)], "fact": "debt_ratio", "year": 2025, "value": 0.5}
    )
    return table, years(*rows), facts


def test_the_order_of_rows_does_not_matter() -> None:
    table, figures, facts = drawn(4, 60)
    first = climb(firms=table, firm_years=figures, firm_facts=facts)
    mixed = [frame.sample(frac=1, random_state=5) for frame in (table, figures, facts)]
    second = climb(firms=mixed[0], firm_years=mixed[1], firm_facts=mixed[2])
    for name, key in (
        ("ladder", ["firm_id", "rung"]), ("ladder_criteria", ["firm_id", "rung", "criterion"]),
        ("firm_standings", ["firm_id", "year"]), ("register_flows", ["year", "sector", "basis"]),
    ):  # fmt: skip
        one, other = (
            getattr(found, name).astype(dict.fromkeys(key, str)).sort_values(key).reset_index(drop=True)
            for found in (first, second)
        )
        pd.testing.assert_frame_equal(one, other, check_categorical=False)


@pytest.mark.parametrize("name", ["ladder", "ladder_criteria", "firm_standings", "register_flows"])
def test_tables_are_as_declared(name: str) -> None:
    table, figures, facts = drawn(6, 40)
    made = getattr(climb(firms=table, firm_years=figures, firm_facts=facts), name)
    declared = schema.table(name)
    assert list(made.columns) == list(declared.columns)
    assert not made.duplicated(list(declared.key)).any()
    _, issues = schema.conform(name, made.astype(object).where(made.notna(), None))
    assert [issue.text.en for issue in issues] == []


def test_the_ladder_climbs_in_the_stated_order() -> None:
    found = climb(firms=firms({}), firm_years=years(("f0", 2025, 1.0, 1.0, 1, None)))
    assert found.ladder["rung"].tolist() == [
        "above_scale", "innovative_sme", "specialised_sme", "gazelle", "little_giant", "champion", "unicorn",
    ]  # fmt: skip


# ---- what an office has to enter
def test_every_fact_asked_has_a_name_and_stands_on_the_page() -> None:
    asked = asked_facts([rule_set(name) for name in rule_set_ids()])
    assert not asked["fact"].duplicated().any()
    assert (asked["name_zh"] != asked["fact"]).all()
    lines = {line.column[5:] for line in sectors(dt.date(2025, 12, 31)).values() if line.column.startswith("fact:")}
    assert lines <= set(asked["fact"])
    for language in ("en", "zh"):
        page = (DOCS / language / "concepts" / "ladder.md").read_text(encoding="utf-8")
        assert [fact for fact in asked["fact"] if f"`{fact}`" not in page] == []
