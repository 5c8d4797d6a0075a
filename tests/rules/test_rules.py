from __future__ import annotations

from zhenxing.rules import currencies, divisions, industry_names, villages


def test_zhongshan_without_counties_has_its_towns() -> None:
    towns = {town.name: town.code for town in divisions().towns("4420")}
    assert len(towns) == 23
    assert towns["古镇镇"] == "442000105"
    assert towns["横栏镇"] == "442000110"
    assert [place.name for place in divisions().ancestors("442000105")] == ["中山市", "中山市", "广东省"]


def test_all_codes_are_of_a_division_level() -> None:
    assert {len(code) for code in divisions().by_code} == {2, 4, 6, 9}
    assert divisions().city_code("中山市") == divisions().city_code("中山") == "4420"


def test_2017_edition_is_whole_and_no_other_is_pretended() -> None:
    names = industry_names("2017")
    assert names is not None
    assert (len(names), names["3872"], names["3972"]) == (1772, "照明灯具制造", "半导体分立器件制造")
    assert industry_names("2002") is None


def test_every_village_bears_a_tag_and_codes_are_of_its_town() -> None:
    for village in villages("442000105"):
        assert village.tag in ("A", "B", "D", "M")
        assert village.code in ("",) or village.code.startswith("442000105")


def test_currencies_are_iso_codes() -> None:
    assert all(len(code) == 3 and code.isupper() for code in currencies().values())
