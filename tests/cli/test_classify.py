"""``zhenxing classify`` from file to file."""

from __future__ import annotations

import gzip

import pandas as pd
import pytest
from typer.testing import CliRunner

from zhenxing.cli.main import app
from zhenxing.errors import ZhenxingError

ROWS = pd.DataFrame(
    {
        "统一社会信用代码": ["A", "B", "C"],
        "企业名称": ["甲灯饰厂", "乙商行", "丙公司"],
        "经营范围": ["加工、销售：灯饰、五金制品", "灯具批发，\n零售", None],
        "行业代码": ["3872", "5282", "3975"],
    }
)


def run(*arguments: object) -> str:
    done = CliRunner().invoke(app, ["classify", *map(str, arguments)])
    if isinstance(done.exception, ZhenxingError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(params=["utf-8", "utf-8-sig", "gb18030", "utf-16", "gzip", "parquet", "tab"])
def register(request, tmp_path):
    path = tmp_path / "register.csv"
    if request.param == "parquet":
        ROWS.to_parquet(path)
    elif request.param == "tab":
        ROWS.to_csv(path, index=False, sep="\t")
    elif request.param == "gzip":
        path.write_bytes(gzip.compress(ROWS.to_csv(index=False).encode()))
    else:
        ROWS.to_csv(path, index=False, encoding=request.param)
    return path


def test_registers_of_every_form(register, tmp_path):
    said = run(register, "--links", "lighting", "--out", tmp_path / "out" / "labels.parquet")
    assert "2017" in said
    found = pd.read_parquet(tmp_path / "out" / "labels.parquet")
    assert list(found.columns) == ["key", "link_id", "role", "weight", "evidence"]
    rows = found.set_index(["key", "link_id"])
    assert rows.loc[("A", "LAMP"), "role"] == "makes"
    assert rows.loc[("A", "LAMP"), "evidence"] == "灯饰;code:3872"
    assert rows.loc[("B", "TRADE"), "role"] == "sells"
    assert rows.loc[("C", "PKG"), "role"] == ""
    assert rows.loc[("C", "PKG"), "evidence"] == "code:3975"
    assert found.groupby("key")["weight"].sum().tolist() == pytest.approx([1, 1, 1])


def test_columns_and_links_by_name(tmp_path):
    register, links, out = tmp_path / "r.csv", tmp_path / "links.csv", tmp_path / "o.parquet"
    pd.DataFrame({"no": [1], "what": ["生产灯"]}).to_csv(register, index=False)
    pd.DataFrame({"link_id": ["L"], "keywords": ["灯"]}).to_csv(links, index=False, encoding="gb18030")
    run(register, "--links", links, "--out", out, "--key", "no", "--scope", "what", "--lang", "en")
    assert pd.read_parquet(out).to_dict("records") == [
        {"key": "1", "link_id": "L", "role": "makes", "weight": 1.0, "evidence": "灯"}
    ]


@pytest.mark.parametrize(
    ("content", "arguments", "words"),
    [
        (b"", [], "编码"),
        (bytes(range(128, 256)) * 40, [], "编码"),
        (b"PAR1 and nothing else", [], "无法读取"),
        (b"a,b\n1,2\n", [], "--key"),
        ("统一社会信用代码,经营范围\n1,灯\n".encode(), ["--scope", "主营"], "主营"),
        ("统一社会信用代码,经营范围\n".encode(), [], "没有任何数据行"),
        ("统一社会信用代码,经营范围\n1,灯\n".encode(), ["--edition", "1994"], "1994"),
        ("统一社会信用代码,经营范围\n1,灯\n1,2,3,4\n".encode(), [], "无法读取"),
    ],
)
def test_faulty_registers_are_answered(tmp_path, content, arguments, words):
    register = tmp_path / "r.csv"
    register.write_bytes(content)
    with pytest.raises(ZhenxingError) as error:
        run(register, "--links", "lighting", "--out", tmp_path / "o.parquet", *arguments)
    assert words in error.value.text.zh
    assert error.value.exit_code == 2
    assert not list(tmp_path.glob("o.parquet*"))


def test_faulty_links_are_answered(tmp_path):
    (tmp_path / "links.csv").write_text("link_id,name\nA,b\n", encoding="utf-8")
    with pytest.raises(ZhenxingError, match="keywords"):
        run(tmp_path / "r.csv", "--links", tmp_path / "links.csv", "--out", tmp_path / "o.parquet")
    with pytest.raises(ZhenxingError, match="lighting"):
        run(tmp_path / "r.csv", "--links", tmp_path / "none.csv", "--out", tmp_path / "o.parquet")
    with pytest.raises(ZhenxingError, match=r"r\.csv"):
        run(tmp_path / "r.csv", "--links", "lighting", "--out", tmp_path / "o.parquet")
