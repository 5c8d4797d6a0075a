"""The rules of the classification, one by one, on rows made by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from zhenxing.diagnosis.chains import CHAINS, load_chain
from zhenxing.diagnosis.classification import classify_firms
from zhenxing.diagnosis.classification.characters import normal
from zhenxing.errors import InputError
from zhenxing.rules import industry_names

LINKS = pd.DataFrame(
    {
        "link_id": ["LAMP", "CHIP", "METAL", "SURF", "GLASS", "PLAS", "DESIGN", "TRADE"],
        "keywords": [
            "灯具;灯饰;照明器具",
            "LED芯片",
            "五金;五金制品",
            "电镀;喷涂",
            "玻璃;玻璃灯罩",
            "塑料;灯罩;PC",
            "灯光设计;工业设计",
            "灯具批发;灯具销售;进出口",
        ],
        "codes": ["3872;3873", "3975", "3389", "3360", "3054", "2929", "7491", "5282"],
        "making_words": ["", "", "", "电镀;喷涂", "", "", "", ""],
        "excluded_words": ["", "", "", "", "玻璃钢", "", "", ""],
        "only_made_words": ["", "", "五金", "", "", "", "", ""],
        "role": ["", "", "", "", "", "", "serves", "sells"],
        "trades_in": ["", "", "", "", "", "", "", "LAMP"],
    }
)


def label(
    scope: object = "", name: str = "甲公司", code: object = "", edition: object = "", **options
) -> dict[str, str]:
    """Return link -> role of one firm."""
    firm = {"firm_id": ["F"], "name": [name], "scope": [scope], "industry_code": [code], "industry_edition": [edition]}
    found = classify_firms(pd.DataFrame(firm), LINKS, **options)
    if len(found):
        assert found["weight"].sum() == pytest.approx(1)
    return dict(zip(found["link_id"], found["role"], strict=True))


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("生产灯饰", {"LAMP": "makes"}),
        ("照明器具制造;五金制品批发", {"LAMP": "makes", "METAL": "sells"}),
        ("加工、销售：玻璃、灯饰", {"LAMP": "makes", "GLASS": "makes"}),
        ("研发、设计、制造、安装:灯具", {"LAMP": "makes"}),
        ("LED芯片的批发、零售", {"CHIP": "sells"}),
        ("从事LED芯片、玻璃的批发及进出口业务", {"CHIP": "sells", "GLASS": "sells"}),
        ("玻璃、灯饰的开发、设计、技术咨询、生产、批发", {"LAMP": "makes", "GLASS": "makes"}),
        ("销售：玻璃；加工：LED芯片", {"CHIP": "makes", "GLASS": "sells"}),
        ("生产灯饰，销售玻璃", {"LAMP": "makes", "GLASS": "sells"}),
        ("加工：玻璃；LED芯片；灯具", {"LAMP": "makes", "CHIP": "makes", "GLASS": "makes"}),
        ("灯具（玻璃）生产", {"LAMP": "makes", "GLASS": "makes"}),
        ("生产电器（灯具、玻璃）", {"LAMP": "makes", "GLASS": "makes"}),
        ("灯具的维修", {"LAMP": "serves"}),
    ],
)
def test_the_verb_beside_the_noun_gives_the_role(scope, expected):
    assert label(scope) == expected


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("生产灯饰（不含电镀）", {"LAMP": "makes"}),
        ("生产灯饰（不含电镀、喷涂工序）、玻璃", {"LAMP": "makes", "GLASS": "makes"}),
        ("生产灯饰,不含电镀、喷涂；玻璃制造", {"LAMP": "makes", "GLASS": "makes"}),
        ("生产灯饰（电镀、喷涂除外）", {"LAMP": "makes"}),
        ("生产灯饰，电镀、喷涂除外", {"LAMP": "makes"}),
        ("生产灯饰（除电镀外）", {"LAMP": "makes"}),
        ("除电镀外，生产灯饰", {"LAMP": "makes"}),
        ("生产灯饰，不得从事电镀", {"LAMP": "makes"}),
        ("生产灯饰（电镀工序发外加工）", {"LAMP": "makes"}),
        ("除尘设备、灯饰制造", {"LAMP": "makes"}),
    ],
)
def test_negation_takes_away_within_its_reach(scope, expected):
    assert label(scope) == expected


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("生产灯饰；货物进出口、技术进出口", {"LAMP": "makes"}),
        ("货物及技术进出口业务", {}),
        ("生产玻璃(依法须经批准的项目，经相关部门批准后方可开展经营活动)〓", {"GLASS": "makes"}),
        ("经营本企业自产产品及技术的出口业务和本企业所需的机械设备、零配件、原辅材料及技术的进口业务", {}),
        ("进出口贸易", {}),
        ("玻璃进出口", {"GLASS": "sells", "TRADE": "sells"}),
    ],
)
def test_boilerplate_gives_nothing(scope, expected):
    assert label(scope) == expected


def test_a_keyword_inside_a_longer_one_does_not_count():
    assert label("生产玻璃灯罩") == {"GLASS": "makes"}
    assert label("生产玻璃灯罩", longest=False) == {"GLASS": "makes", "PLAS": "makes"}


def test_who_trades_in_a_link_does_not_cover_its_words():
    assert label("灯具销售") == {"LAMP": "sells", "TRADE": "sells"}


def test_selling_lamps_is_trade_and_making_them_is_not():
    assert label("销售：灯饰") == {"LAMP": "sells", "TRADE": "sells"}
    assert label("生产、销售：灯饰") == {"LAMP": "makes"}


def test_a_shop_name_without_a_making_verb_is_trade():
    assert label("销售：百货", name="乙灯饰店") == {"LAMP": "sells", "TRADE": "sells"}
    assert label("", name="乙灯饰厂") == {"LAMP": "makes"}
    assert label("生产家具", name="乙灯饰有限公司") == {"LAMP": "makes"}


def test_a_process_is_making_unless_it_is_sold():
    assert label("五金电镀") == {"SURF": "makes"}
    assert label("销售：电镀设备") == {"SURF": "sells"}


def test_raw_words_count_only_where_made():
    assert label("销售：五金、灯饰") == {"LAMP": "sells", "TRADE": "sells"}
    assert label("加工：五金") == {"METAL": "makes"}
    assert label("销售：五金制品") == {"METAL": "sells"}


def test_building_works_are_no_link():
    assert label("承接灯具安装工程") == {}
    assert label("承接灯光设计工程") == {"DESIGN": "serves"}


def test_an_excluded_word_rules_the_link_out_of_its_clause():
    assert label("生产玻璃钢、玻璃") == {"GLASS": "makes"}
    assert label("生产玻璃钢") == {}


def test_latin_keywords_are_whole_words():
    assert label("生产PCB") == {}
    assert label("生产PC面罩") == {"PLAS": "makes"}


@pytest.mark.parametrize("scope", ["生産燈具", "生产：ＬＥＤ芯片".replace("芯片", "晶片"), "生产灯具〓", "生产 灯具"])
def test_other_forms_of_the_same_words(scope):
    assert label(scope).get("LAMP", "makes") == "makes"
    assert label("生產燈飾（不含電鍍）") == {"LAMP": "makes"}
    assert label("生产ＬＥＤ芯片") == {"CHIP": "makes"}


def test_evidence_is_as_it_stands_in_the_row():
    firm = pd.DataFrame({"firm_id": ["F"], "name": ["丙燈飾廠"], "scope": ["生產燈飾、灯具；ＬＥＤ芯片加工"]})
    found = classify_firms(firm, LINKS).set_index("link_id")["evidence"].to_dict()
    assert found == {"LAMP": "燈飾;灯具", "CHIP": "ＬＥＤ芯片"}


@pytest.mark.parametrize("scope", [None, np.nan, "", "〓", "；；；", "（（（", "）））"])
def test_empty_scopes_give_nothing(scope):
    assert label(scope, name="") == {}


def test_a_code_counts_only_with_its_edition():
    assert label("", code="C3872", edition="2017") == {"LAMP": ""}
    assert label("", code="3872", edition="2011") == {}
    assert label("", code="3872") == {}
    assert label("", code="387", edition="2017.0") == {"LAMP": ""}
    assert label("", code="38", edition="2017") == {}


def test_weights_by_hand():
    # scope: one clause makes LAMP (1), one sells GLASS (0.5); name: LAMP (2); code confirms LAMP (1)
    firm = pd.DataFrame(
        {
            "firm_id": ["F"],
            "name": ["丁灯饰有限公司"],
            "scope": ["生产灯饰；销售玻璃"],
            "industry_code": ["3872"],
            "industry_edition": ["2017"],
        }
    )
    found = classify_firms(firm, LINKS).set_index("link_id")
    assert found["weight"].to_dict() == {"LAMP": pytest.approx(4 / 4.5), "GLASS": pytest.approx(0.5 / 4.5)}
    assert found.loc["LAMP", "evidence"] == "灯饰;code:3872"


def test_one_clause_is_shared_by_its_links():
    firm = pd.DataFrame({"firm_id": ["F"], "name": [""], "scope": ["生产玻璃灯饰；灯具制造"]})
    found = classify_firms(firm, LINKS).set_index("link_id")["weight"].to_dict()
    assert found == {"LAMP": pytest.approx(0.75), "GLASS": pytest.approx(0.25)}


@pytest.mark.parametrize(
    ("links", "words"),
    [
        (LINKS.drop(columns="keywords"), "keywords"),
        (LINKS.iloc[:0], "没有任何环节"),
        (pd.concat([LINKS, LINKS.iloc[:1]]), "LAMP"),
        (LINKS.assign(keywords=""), "没有任何关键词"),
        (LINKS.assign(keywords="灯具、灯饰"), "标点"),
        (LINKS.assign(link_id=""), "没有环节编号"),
        (LINKS.assign(role="buys"), "buys"),
        (LINKS.assign(trades_in="NONE"), "NONE"),
    ],
)
def test_faulty_links_are_refused_in_both_languages(links, words):
    with pytest.raises(InputError) as error:
        classify_firms(pd.DataFrame({"firm_id": ["F"], "scope": ["灯具"]}), links)
    assert words in error.value.text.zh
    assert error.value.text.en


def test_firms_without_texts_are_refused():
    with pytest.raises(InputError, match="scope"):
        classify_firms(pd.DataFrame({"firm_id": ["F"], "town": ["G"]}), LINKS)
    with pytest.raises(InputError, match="firm_id"):
        classify_firms(pd.DataFrame({"scope": ["灯具"]}), LINKS)


def test_no_firm_gives_an_empty_table():
    found = classify_firms(pd.DataFrame({"firm_id": [], "scope": []}), LINKS)
    assert list(found.columns) == ["firm_id", "link_id", "role", "weight", "evidence"]
    assert len(found) == 0


def test_normal_forms_keep_the_length():
    text = "ＬＥＤ燈（㎡）㈱ﬁ\u3000Ａ；"
    assert len(normal(text)) == len(text)


@pytest.mark.parametrize("chain", CHAINS)
def test_shipped_chains_hold_together(chain):
    links, inputs = load_chain(chain)
    ids = set(links["link_id"])
    assert set(inputs["upstream_id"]) | set(inputs["downstream_id"]) <= ids
    assert ((inputs["share_low"] <= inputs["share"]) & (inputs["share"] <= inputs["share_high"])).all()
    assert inputs.groupby("downstream_id")["share_high"].sum().max() < 1
    assert inputs["assumed"].all()
    assert (inputs["tag"] == "M").all()
    names = industry_names("2017")
    assert {code for codes in links["codes"] for code in codes.split(";")} <= set(names)
    assert set(links["tier"]) == {"base", "upgrade", "new"}
    assert len(classify_firms(pd.DataFrame({"firm_id": ["F"], "scope": ["生产：LED照明灯具"]}), links))


def test_the_lighting_chain_has_its_31_links():
    links, inputs = load_chain("lighting")
    assert len(links) == 31
    assert len(inputs) == 44
    row = links.set_index("link_id").loc["CTRL"]
    assert row["assumed_codes"] == "6513;6520;6531"
    assert row["codes_edition"] == "2017"


def test_an_unknown_chain_is_refused():
    with pytest.raises(InputError, match="lighting"):
        load_chain("furniture")
