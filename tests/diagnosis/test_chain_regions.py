"""Location quotients and relatedness of links against reference regions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from chain_cases import by_link, diagnosed, three_links

from zhenxing.diagnosis.chain import ChainSettings


def regions(rows):
    columns = ["region_id", "level", "link_id", "industry_code", "industry_edition", "year", "firms", "employees"]
    return pd.DataFrame(rows, columns=columns)


def nation(**employees):
    return [("CN", "nation", link, None, None, 2025, count / 10, count) for link, count in employees.items()]


def test_quotients_from_the_register():
    found = diagnosed({**three_links(), "region_industries": regions(nation(PKG=2000.0, LAMP=4000.0, TRADE=4000.0))})
    chain = by_link(found)
    # of 96 employees 6, 80 and 10 against 20, 40 and 40 per cent
    np.testing.assert_allclose(chain["location_quotient"], [6 / 96 / 0.2, 80 / 96 / 0.4, 10 / 96 / 0.4])
    assert (chain["lq_low"] < chain["location_quotient"]).all()
    assert (chain["location_quotient"] < chain["lq_high"]).all()
    assert "Location quotient 2.08" in "".join(found.evidence["en"])


def test_the_delta_interval_by_hand():
    chain = by_link(
        diagnosed({**three_links(), "region_industries": regions(nation(PKG=2000.0, LAMP=4000.0, TRADE=4000.0))})
    )
    # 2 of 4 firms at home, 400 of 1000 in the reference
    reach = 1.959963984540054 * np.sqrt(1 / 2 - 1 / 4 + 1 / 400 - 1 / 1000)
    assert chain.loc["LAMP", "lq_low"] == pytest.approx(chain.loc["LAMP", "location_quotient"] * np.exp(-reach))


def test_the_towns_own_rows_are_taken_before_the_register():
    own = [("T", "town", link, None, None, 2025, count, count * 10) for link, count in [("PKG", 5.0), ("LAMP", 5.0)]]
    table = regions(nation(PKG=2000.0, LAMP=6000.0) + own)
    chain = by_link(diagnosed({**three_links(), "region_industries": table}, settings=ChainSettings(home="T")))
    np.testing.assert_allclose(chain["location_quotient"].iloc[:2], [2.0, 0.5 / 0.75])
    assert np.isnan(chain.loc["TRADE", "location_quotient"])


def test_codes_are_shared_among_the_links_that_list_them():
    tables = three_links()
    tables["links"]["codes"] = ["3975;3872", "3872", "5282"]
    rows = [
        ("CN", "nation", None, code, "2017", 2025, 10.0, count) for code, count in [("3872", 800.0), ("5282", 200.0)]
    ]
    old = [("CN", "nation", None, "3972", "2002", 2025, 10.0, 900.0)]
    found = diagnosed({**tables, "region_industries": regions(rows + old)})
    np.testing.assert_allclose(by_link(found)["location_quotient"], [6 / 96 / 0.4, 80 / 96 / 0.4, 10 / 96 / 0.2])
    assert "other_edition" in {issue.code for issue in found.issues}


def test_the_year_with_most_regions_up_to_the_diagnosed_one():
    rows = nation(PKG=2000.0, LAMP=4000.0)
    later = [("CN", "nation", "PKG", None, None, 2026, 1.0, 9e9)]
    chain = by_link(diagnosed({**three_links(), "region_industries": regions(rows + later)}))
    np.testing.assert_allclose(chain.loc["PKG", "location_quotient"], 6 / 86 / (1 / 3))


def test_quotients_without_numbers_of_firms_have_no_interval():
    table = regions(nation(PKG=2000.0, LAMP=4000.0)).assign(firms=np.nan)
    found = diagnosed({**three_links(), "region_industries": table})
    assert by_link(found)["location_quotient"].notna().sum() == 2
    assert found.chain[["lq_low", "lq_high"]].isna().all(axis=None)


def test_weak_and_strong_by_quotient_alone():
    table = regions(nation(PKG=200000.0, LAMP=1000.0, TRADE=200000.0))
    tables = three_links()
    tables["link_inputs"] = tables["link_inputs"][:0]
    firms = [f"g{number}" for number in range(200)]
    tables["firm_links"] = pd.DataFrame(
        {"firm_id": firms, "link_id": ["LAMP"] * 190 + ["PKG"] * 10, "role": "makes", "weight": 1.0}
    )
    tables["firm_years"] = pd.DataFrame({"firm_id": firms, "year": 2025, "output_wan": 10.0, "employees": 5.0})
    found = diagnosed({**tables, "region_industries": table})
    assert by_link(found)["verdict"].tolist() == ["weak", "strong", "missing"]
    assert "高于 1" in by_link(found).loc["LAMP", "evidence"]


def test_no_regions_and_no_measure_are_told():
    found = diagnosed(three_links())
    assert "no_regions" in {issue.code for issue in found.issues}
    empty = regions(nation(PKG=0.0, LAMP=0.0))
    assert "no_measure" in {issue.code for issue in diagnosed({**three_links(), "region_industries": empty}).issues}


def test_relatedness_by_input_shares():
    chain = by_link(diagnosed(three_links()))
    # PKG trades with LAMP alone (its supply share is 1); LAMP with PKG 0.2 (0.75) and TRADE 0.5 (has makers)
    np.testing.assert_allclose(chain["relatedness"], [1.0, (0.2 * 0.75 + 0.5 * 1) / 0.7, 1.0])
    assert set(chain["relatedness_basis"]) == {"inputs"}


def test_relatedness_by_regions_where_there_are_enough():
    rows = [
        (f"T{number}", "town", link, None, None, 2025, 5.0, 50.0)
        for number in range(12)
        for link in (("PKG", "LAMP") if number % 2 else ("LAMP", "TRADE"))
    ]
    chain = by_link(diagnosed({**three_links(), "region_industries": regions(rows)}))
    assert set(chain["relatedness_basis"]) == {"regions"}
    assert chain["relatedness"].dropna().between(0, 1).all()
    few = by_link(diagnosed({**three_links(), "region_industries": regions(rows[:8])}))
    assert set(few["relatedness_basis"]) == {"inputs"}


def test_negative_figures_of_regions_are_left_out():
    rows = [*nation(PKG=2000.0, LAMP=4000.0), ("XX", "nation", "PKG", None, None, 2025, 1.0, -5.0)]
    found = diagnosed({**three_links(), "region_industries": regions(rows)})
    assert "negative_region" in {issue.code for issue in found.issues}
