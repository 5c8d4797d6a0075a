from __future__ import annotations

import pytest

from zhenxing.importers.address import leading_city, locate

ZHONGSHAN = "4420"


@pytest.mark.parametrize(
    ("address", "town"),
    [
        ("中山市古镇镇同兴路88号", "442000105"),
        ("中山市古镇海洲东岸北路", "442000105"),
        ("古镇曹二村", "442000105"),
        ("广东省中山市横栏镇茂辉工业区", "442000110"),
        ("中山市横栏横西村", "442000110"),
        ("中山市小榄镇绩东一", "442000118"),
        ("中山港口镇沙港西路", "442000108"),
        ("中山市东升镇葵兴大道", "442000118"),
        ("中山市东区花园新村", "442000002"),
        ("中山市东区古镇路5号", "442000002"),
        ("中山市古镇路5号", ""),
        ("中山市小榄大道南", ""),
        ("中山市中山三路怡华大厦", ""),
        ("佛山市南海区古镇工业区", ""),
        ("海南省陵水黎族自治县陵城镇中山小学", ""),
        ("", ""),
    ],
)
def test_towns_of_zhongshan(address: str, town: str) -> None:
    assert locate(address, ZHONGSHAN).town_code == town


def test_villages_with_and_without_a_published_code() -> None:
    place = locate("中山市古镇镇古四村民营路", ZHONGSHAN)
    assert (place.village, place.village_code) == ("古四村", "442000105201")
    place = locate("中山市古镇曹三创业园", ZHONGSHAN)
    assert (place.village, place.village_code) == ("曹三村", "")
    # the village named first counts, and a road named after a village is not the village
    assert locate("古镇镇海洲路口冈南村", ZHONGSHAN).village == "冈南村"


def test_a_town_name_of_two_counties_needs_the_county() -> None:
    assert locate("佛山市南海区大沥镇", "4406").town_code.startswith("440605")


def test_names_that_only_contain_the_string() -> None:
    assert locate("高州市石古镇公园路一街", "4409").town_code != "442000105"
    assert leading_city("广东省中山市古镇镇") == ZHONGSHAN
