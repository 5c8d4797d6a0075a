"""The Guzhen example: counts from the cited facts, labels, consistency of its tables."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from zhenxing.samples.guzhen import guzhen_town
from zhenxing.samples.guzhen.authored import authored, fact
from zhenxing.samples.guzhen.firms import credit_code
from zhenxing.town import Town
from zhenxing.units import M2_PER_MU


@pytest.fixture(scope="module")
def town() -> Town:
    return guzhen_town()


def test_sizes(town: Town) -> None:
    assert len(town["sites"]) >= 60
    assert town["site_modes"]["mode"].nunique() >= 3
    assert len(town["candidates"]) >= 250
    assert len(town["parks"]) == 6
    assert list(town.years) == list(range(2027, 2035))
    assert town.plan.contiguity == "growth"


def test_land_adds_up_to_the_published_stock(town: Town) -> None:
    assert town["parcels"]["area_registered_mu"].sum() == pytest.approx(fact("industrial_land_mu"))
    joined = town["parcels"].merge(town["site_parcels"], on="parcel_id")
    by_site = joined.groupby("site_id")["area_registered_mu"].sum()
    assert by_site.to_dict() == pytest.approx(town["sites"].set_index("site_id")["area_mu"].to_dict())
    assert town.settings.town.model_extra == {
        "gross_scope_mu": 20000,
        "industrial_land_mu": 12000,
        "bond_option_debt_limit_wan": 20000,
    }


def test_villages_cover_the_published_area(town: Town) -> None:
    villages = gpd.GeoDataFrame(town["villages"])
    assert len(villages) == fact("villages") + 1
    assert villages.to_crs(4547).area.sum() / 1e6 == pytest.approx(fact("town_area_km2"), rel=1e-3)
    assert villages.crs == "EPSG:4490"


def test_polygons_have_the_area_of_their_row(town: Town) -> None:
    sites = gpd.GeoDataFrame(town["sites"]).to_crs(4547)
    assert (sites.area / M2_PER_MU / sites["area_mu"]).between(0.999, 1.001).all()


def test_sites_of_the_public_reports_are_done(town: Town) -> None:
    sites = town["sites"].set_index("name")["area_mu"]
    assert sites["冈南31号地块"] == fact("first_site_mu")
    assert sites["曹二曹三连片地块"] == fact("joint_site_mu")
    locks = town["locks"]
    assert sorted(locks["subject"]) == ["candidate", "candidate", "site", "site"]
    assert (locks["rule"] == "done").all()
    assert (locks["year"] <= town.plan.base_year).all()


def test_named_sites_lie_in_their_villages(town: Town) -> None:
    joined = town["parcels"].merge(town["site_parcels"], on="parcel_id").merge(town["sites"][["site_id", "name"]])
    spelled = joined.merge(pd.DataFrame(town["villages"])[["village_id", "name"]], on="village_id", suffixes=("", "_v"))
    found = spelled.groupby("name")["name_v"].agg(set)
    assert found["冈南31号地块"] == {"冈南村"}
    assert found["曹二曹三连片地块"] == {"曹二村", "曹三村"}


def test_platforms_span_villages(town: Town) -> None:
    sites = town["platform_sites"].merge(town["site_parcels"]).merge(town["parcels"][["parcel_id", "village_id"]])
    assert (sites.groupby("platform_id")["village_id"].nunique() > 1).sum() >= 3


def test_targets_of_the_mission(town: Town) -> None:
    targets = town["targets"]
    net = targets[targets["indicator"] == "above_scale_net"]
    assert (net["target"] == 80).all()
    assert len(net) == 8
    assert (net["penalty_wan_per_unit"] > 0).all()
    parks = targets.dropna(subset=["park_id"])
    assert parks.groupby("park_id")["indicator"].agg(set).tolist() == [{"cleared_mu", "released_mu"}] * 6
    cleared = targets[(targets["indicator"] == "cleared_mu") & targets["park_id"].isna()].set_index("year")["target"]
    assert cleared.diff().dropna().tolist() == pytest.approx([fact("clear_capacity_mu")] * 7)


def test_demand_of_the_mission(town: Town) -> None:
    candidates = town["candidates"]
    shenzhen = candidates[candidates["name"].str.startswith("深圳意向企业")]
    assert len(shenzhen) == fact("shenzhen_intents")
    assert (shenzhen["probability"] <= 0.35).all()
    assert set(candidates["kind"]) == {"incoming", "expansion", "upgrade"}
    # What a gap is worth is computed from the register by the diagnosis, not typed in.
    assert town["chain_rewards"].empty


def test_money_is_scarce_and_debt_waits_for_a_bond(town: Town) -> None:
    budget = town["budget"]
    assert (budget["debt_limit_wan"] == 0).all()
    assert budget["own_funds_wan"].between(3000, 30000).all()
    assert (budget["committed_outlay_wan"] < budget["own_funds_wan"]).all()
    all_reserved = town["site_modes"].query("mode == 'gov_reserve'")["public_cost_wan"].sum()
    assert all_reserved > 2 * budget["own_funds_wan"].sum()


def test_works_of_the_mission(town: Town) -> None:
    works = town["works"]
    for word in ("曹安路", "古神公路", "中兴大道南", "展览馆", "智慧灯杆", "检测中心"):
        assert works["name"].str.contains(word).any()
    assert works["requires_work_id"].notna().any()


def test_links_are_the_whole_chain(town: Town) -> None:
    assert len(town["links"]) == 31
    assert set(town["link_inputs"]["upstream_id"]) <= set(town["links"]["link_id"])
    assert set(town["candidates"]["link_id"]) <= set(town["links"]["link_id"])


def test_everything_made_up_says_so(town: Town) -> None:
    info = town.settings.town
    assert "合成" in info.name
    assert "Synthetic" in info.note
    assert "合成" in info.note
    named = set(town["sites"]["name"]) - {"冈南31号地块", "曹二曹三连片地块"}
    assert all("合成" in name for name in named)
    for table in ("parks", "candidates", "works"):
        assert town[table]["name"].str.contains("合成").all()
    assert town["firms"]["name"].str.contains("合成").all()
    provenance = town["provenance"]
    assert set(provenance["table"]) >= {name for name in town if name != "provenance"}


def test_every_fact_has_a_source_and_a_tag() -> None:
    facts = authored("facts")
    assert facts["source"].notna().all()
    assert set(facts["tag"]) <= {"A", "B", "D", "M", "X", "story"}
    assert facts["fact"].is_unique


def test_displaced_firms_are_known_by_name(town: Town) -> None:
    assert set(town["site_firms"]["firm_id"]) <= set(town["firms"]["firm_id"])
    held = town["site_firms"].groupby("site_id")["floor_m2"].sum()
    floor = town["sites"].set_index("site_id")["floor_m2"]
    assert (held <= floor[held.index]).all()


def test_the_nine_dilemmas_are_left_for_the_office_to_fill(town: Town) -> None:
    dilemmas = town["dilemmas"]
    assert len(dilemmas) == 9
    assert dilemmas["name"].str.contains("待镇办填实").all()


def test_synthetic_credit_codes_pass_the_check_digits() -> None:
    symbols, weights = "0123456789ABCDEFGHJKLMNPQRTUWXY", [pow(3, n, 31) for n in range(17)]
    for number in (1, 42, 420):
        code = credit_code(number)
        total = sum(w * symbols.index(c) for w, c in zip(weights, code, strict=False))
        assert code[-1] == symbols[(31 - total % 31) % 31]


def test_every_fact_stands_behind_a_column(town: Town) -> None:
    notes = " ".join(town["provenance"]["note"])
    unused = [name for name in authored("facts")["fact"] if f"fact {name} " not in notes]
    assert unused == []


def test_drawn_geometry_is_called_authored(town: Town) -> None:
    provenance = town["provenance"]
    labelled = set(provenance[provenance["note"].str.startswith("authored")]["table"])
    assert labelled == {name for name in town if "geometry" in town[name].columns}


def test_firms_have_what_the_diagnosis_reads(town: Town) -> None:
    firms, years = town["firms"], town["firm_years"]
    scope = firms["scope"].fillna("")
    assert 100 < scope.str.startswith("一般项目").sum() < len(firms) - 100
    assert (scope == "").any()
    assert scope.str.contains("不含").sum() > 10
    assert scope.str.contains("货物").sum() > 50
    assert (scope.str.contains("销售") & ~scope.str.contains("制造|生产|加工")).sum() > 40
    assert set(firms["industry_edition"].dropna()) == {"2017", "2002"}
    assert set(years["year"]) == set(range(2020, 2026))
    assert years.groupby("firm_id").size().median() == 6
    assert (years.groupby("firm_id").size() < 6).sum() > 50


def test_the_register_holds_firms_on_both_sides_of_its_line(town: Town) -> None:
    last = town["firm_years"].query("year == 2025").merge(town["firms"][["firm_id", "parcel_id"]])
    makers = last[last["parcel_id"].notna()]
    inside = makers["register_state"] == "in_register"
    assert (makers[inside]["revenue_wan"] < 2000).any()
    assert makers["register_state"].isin(["eligible", "filed"]).any()
    assert (makers[makers["register_state"].isin(["eligible", "filed"])]["revenue_wan"] >= 2000).all()
    before = town["firm_years"].query("register_state == 'in_register'")["firm_id"].unique()
    assert set(before) - set(last[last["register_state"] == "in_register"]["firm_id"])


def test_land_and_figures_hold_the_cases_that_grading_meets(town: Town) -> None:
    last = town["firm_years"].query("year == 2025")
    assert (last["land_mu"] == 0).sum() > 100
    assert (last["land_mu"] >= 3).sum() > 30
    assert last["land_mu"].between(0.01, 3).sum() > 30
    years = town["firm_years"]
    assert years["land_mu"].isna().any()
    assert (years["value_added_wan"] < 0).any()
    assert (years["tax_wan"] < 0).any()


def test_reference_regions_are_enough_for_relatedness(town: Town) -> None:
    regions = town["region_industries"].query("year == 2025")
    by_link = regions[regions["link_id"].notna()]
    assert by_link.query("level == 'town'")["region_id"].nunique() == 19
    assert set(by_link["level"]) == {"town", "city", "province", "nation"}
    assert by_link[by_link["level"] == "nation"]["link_id"].nunique() == 31
    assert (regions.loc[regions["industry_code"].notna(), "industry_edition"] == "2017").all()
    own = by_link[by_link["region_id"] == "442000105"]
    held = town["firm_years"].query("year == 2025")["output_wan"].sum()
    assert 0.9 * held < own["output_wan"].sum() <= held


def test_made_up_peers_and_regions_say_so(town: Town) -> None:
    values = town["peer_values"]
    made_up = values["peer_id"].str.startswith("T")
    assert (values[made_up]["source"] == "合成 / synthetic").all()
    assert town["peers"].set_index("peer_id")["name"].filter(regex="^T").str.contains("合成").all()
    published = values[values["source"] != "合成 / synthetic"]
    assert len(published) == 11
    assert published["source"].str.contains(r"\[[AB]\]").all()
    drawn = town["region_industries"].query("source == '合成 / synthetic'")
    assert drawn["region_name"].str.contains("合成").all()
    assert set(values["indicator"]) <= set(town["indicators"]["indicator"])
