"""The drawn panel of firms: same seed, same panel; what makes it hard for a forecast is really there."""

from __future__ import annotations

import pandas as pd
import pytest

from zhenxing import schema
from zhenxing.errors import InputError
from zhenxing.samples import firm_panel


@pytest.fixture(scope="module")
def panel() -> tuple[pd.DataFrame, pd.DataFrame]:
    return firm_panel(7, 6000, 6)


def test_same_seed_same_panel(panel: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    again = firm_panel(7, 6000, 6)
    pd.testing.assert_frame_equal(panel[0], again[0])
    pd.testing.assert_frame_equal(panel[1], again[1])
    assert not firm_panel(8, 6000, 6)[1]["revenue_wan"].head(50).equals(panel[1]["revenue_wan"].head(50))


def test_tables_keep_to_the_schema(panel: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    for name, frame in zip(("firms", "firm_years"), panel, strict=True):
        conformed, issues = schema.conform(name, frame)
        assert issues == []
        assert len(conformed) == len(frame)
    assert panel[0]["name"].str.contains("合成").all()


def test_reports_bunch_on_both_sides_of_the_line(panel: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    firms, years = panel
    makers = years.merge(firms[firms["industry_code"] != "5282"][["firm_id"]])
    inside = makers[makers["register_state"] == "in_register"]["revenue_wan"]
    outside = makers[makers["register_state"] == "none"]["revenue_wan"]
    assert inside.between(2000, 2060).sum() > 1.5 * inside.between(2060, 2120).sum()
    assert outside.between(1940, 2000).sum() > 1.2 * outside.between(1880, 1940).sum()


def test_firms_leave_and_figures_are_missing(panel: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    firms, years = panel
    assert set(firms["status"]) == {"存续", "注销", "吸收合并"}
    gone = firms[firms["status"] != "存续"]["firm_id"]
    assert not years[years["year"] == 2025]["firm_id"].isin(gone).any()
    held = years.groupby("firm_id")["year"].agg(["min", "max", "size"])
    assert 0.05 < (held["max"] - held["min"] + 1 > held["size"]).mean() < 0.4
    growth = years.sort_values("year").groupby("firm_id")["revenue_wan"].pct_change().dropna()
    assert (growth > 0.8).any()
    assert (growth < -0.45).any()


def test_a_firm_below_the_line_may_stay_in_the_register_for_a_year(panel: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    firms, years = panel
    makers = years.merge(firms[firms["industry_code"] == "3872"][["firm_id"]])
    kept = makers[(makers["register_state"] == "in_register") & (makers["revenue_wan"] < 2000)]
    assert len(kept) > 20
    assert (makers[makers["register_state"] == "eligible"]["revenue_wan"] >= 2000).all()


@pytest.mark.parametrize(("firms", "years"), [(0, 6), (5, 0)])
def test_an_empty_panel_is_refused(firms: int, years: int) -> None:
    with pytest.raises(InputError):
        firm_panel(1, firms, years)


def test_one_firm_and_one_year_are_enough() -> None:
    firms, years = firm_panel(1, 1, 1)
    assert len(firms) == 1
    assert set(years["year"]) <= {2025}
