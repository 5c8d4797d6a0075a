"""The compiled path against the plain one, and its automaton against Python's ``in``."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenxing.diagnosis.chains import load_chain
from zhenxing.diagnosis.classification import classify, classify_firms, firms
from zhenxing.diagnosis.classification.characters import normal
from zhenxing.diagnosis.classification.engine import Engine
from zhenxing.diagnosis.classification.lexicon import lexicon
from zhenxing.diagnosis.classification.raw import RawHits
from zhenxing.diagnosis.classification.scopes import split_clauses

LINKS = load_chain("lighting")[0]
TEXT = (
    "灯具 灯饰 照明器具 LED芯片 五金 电镀 玻璃灯罩 塑料 包装 工业设计 检测 进出口 路灯杆 PCB PC 生产 加工 销售 批发 设计 安装 承接 不含 除外 除 外 "
    "除尘 货物进出口 各类商品 的 及 产品 、 、 ， ； ； 。 ： （ ） ( ) 〓 # 燈具 ＬＥＤ 𠮷 é 1 厂"
)
PIECES = tuple(TEXT.split())
texts = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


def real_rows() -> pd.DataFrame:
    folder = os.environ.get("ZHENXING_DATA", "")
    path = Path(folder) / "firms/guangdong_sample_20k.parquet"
    if not folder or not path.exists():
        pytest.skip("real scopes are not part of the repository: set ZHENXING_DATA to their folder")
    more = pd.read_csv(path.with_name("zhongshan_1978_2003.csv.gz"), dtype=str)
    table = pd.concat([pd.read_parquet(path), more], ignore_index=True)[["name", "scope"]]
    return table.assign(firm_id=[f"F{row}" for row in range(len(table))])


def pairs_by_in(scopes: list[str], words: dict[str, list[int]]) -> set[tuple[int, int]]:
    """Return (row, link) by plain Python ``in`` over clauses."""
    known: dict[str, set[int]] = {}
    found = set()
    for row, scope in enumerate(scopes):
        text = normal(scope)
        for first, last, _ in split_clauses(text):
            clause = text[first:last]
            if clause not in known:
                known[clause] = {link for word, links in words.items() if word in clause for link in links}
            found |= {(row, link) for link in known[clause]}
    return found


def hits(scopes: list[str], links: pd.DataFrame) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    known = lexicon(links)
    rows, places = RawHits(known).hits(pa.array(scopes))
    words = {word: list(owners) for word, owners in zip(known.keywords, known.owners, strict=True)}
    got = list(zip(rows.tolist(), places.tolist(), strict=True))
    assert len(set(got)) == len(got)
    return set(got), pairs_by_in(scopes, words)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text("灯饰具罩玻璃a", min_size=1, max_size=4), min_size=1, max_size=8, unique=True),
    st.lists(st.text("灯饰具罩玻璃aA燈、；（", max_size=20), max_size=6),
)
def test_the_automaton_finds_what_in_finds(keywords, scopes):
    links = pd.DataFrame({"link_id": [f"L{one}" for one in range(len(keywords))], "keywords": keywords})
    got, expected = hits(scopes, links)
    assert got == expected


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=4))
def test_the_compiled_path_equals_the_plain_one(rows):
    compare(
        pd.DataFrame(
            {
                "firm_id": [str(row) for row in range(len(rows))],
                "name": [name for name, _ in rows],
                "scope": [scope for _, scope in rows],
                "industry_code": "C3872",
                "industry_edition": "2017",
            }
        )
    )


def compare(table: pd.DataFrame, longest: bool = True) -> None:
    """Hold the compiled labels of a table against the plain ones, every column."""
    expected = classify_firms(table, LINKS, longest=longest) if len(table) < firms.COMPILED_FROM else plain(table)
    got = classify(table, LINKS, longest=longest).to_pandas().rename(columns={"key": "firm_id"})
    assert got["firm_id"].tolist() == expected["firm_id"].tolist()
    for column in ("link_id", "role", "evidence", "weight"):
        assert got[column].tolist() == expected[column].tolist(), column


def plain(table: pd.DataFrame) -> pd.DataFrame:
    step = firms.COMPILED_FROM - 1
    return pd.concat(
        [classify_firms(table.iloc[at : at + step], LINKS) for at in range(0, len(table), step)], ignore_index=True
    )


def test_rows_made_at_random_are_the_same_on_both_paths():
    draw = np.random.default_rng(4)
    table = pd.DataFrame(
        {
            "firm_id": [str(row) for row in range(600)],
            "name": ["".join(draw.choice(PIECES, 4)) for _ in range(600)],
            "scope": ["".join(draw.choice(PIECES, 40)) for _ in range(600)],
            "industry_code": draw.choice(["3872", "C3975", "387", "", "x"], 600),
            "industry_edition": draw.choice(["2017", "2011", ""], 600),
        }
    )
    compare(table)
    compare(table, longest=False)


def test_the_number_of_workers_changes_nothing(monkeypatch):
    monkeypatch.setattr(firms, "COMPILED_FROM", 1)
    table = pd.DataFrame({"firm_id": range(50), "scope": ["生产灯饰", "销售五金制品；货运", None, "", "电镀"] * 10})
    one, three = (classify_firms(table, LINKS, workers=workers) for workers in (1, 3))
    pd.testing.assert_frame_equal(one, three)
    assert one["firm_id"].iloc[-1] == 49


def test_long_rows_and_many_clauses_find_room():
    table = pd.DataFrame(
        {
            "firm_id": ["long", "many", "deep"],
            "scope": [
                "生产灯具" * 2_000,
                "；".join(f"灯具{one}制造" for one in range(5_000)),
                "（" * 300 + "生产灯具",
            ],
        }
    )
    compare(table)


def test_missing_and_sliced_arrays():
    table = pa.table({"firm_id": ["a", "b", "c"], "scope": pa.array(["生产灯具", None, "销售灯具"])}).slice(1)
    assert classify(table, LINKS).to_pydict()["key"] == ["c", "c"]
    engine = Engine(lexicon(LINKS))
    assert engine.label(None, None, None, "2017", 3).num_rows == 0


def test_keyword_hits_of_real_rows_equal_plain_in():
    scopes = real_rows()["scope"].fillna("").tolist()[:20_000]
    got, expected = hits(scopes, LINKS)
    assert got == expected
    assert len(got) > 10_000


def test_real_rows_are_the_same_on_both_paths():
    compare(real_rows().iloc[::10].reset_index(drop=True))
