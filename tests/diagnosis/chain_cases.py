"""Small chains for the tests, by hand and drawn."""

from __future__ import annotations

from typing import Any

import pandas as pd
from hypothesis import strategies as st

from zhenxing.diagnosis.chain import ChainDiagnosis, diagnose_chain

NO_REGIONS = pd.DataFrame()


def three_links() -> dict[str, pd.DataFrame]:
    """PKG sells to LAMP, LAMP to TRADE; every figure of the diagnosis can be worked out on paper."""
    return {
        "firms": pd.DataFrame({"firm_id": list("abcde"), "name": ["封装厂", "灯饰甲", "灯饰乙", "灯饰店", "灯珠店"]}),
        "firm_years": pd.DataFrame(
            {
                "firm_id": list("abcde"),
                "year": 2025,
                "output_wan": [60.0, 300.0, 100.0, None, None],
                "revenue_wan": [70.0, 310.0, 90.0, 500.0, 80.0],
                "employees": [6.0, 60.0, 20.0, 10.0, 4.0],
            }
        ),
        "firm_links": pd.DataFrame(
            [
                ("a", "PKG", "makes", 1.0),
                ("b", "LAMP", "makes", 1.0),
                ("c", "LAMP", "makes", 1.0),
                ("d", "TRADE", "sells", 1.0),
                ("e", "PKG", "sells", 0.5),
            ],
            columns=["firm_id", "link_id", "role", "weight"],
        ),
        "links": pd.DataFrame(
            {
                "link_id": ["PKG", "LAMP", "TRADE"],
                "name_zh": ["LED封装", "灯具整装", "批发零售"],
                "name_en": ["LED packaging", "Luminaires", "Trade"],
                "tier": ["upgrade", "base", "base"],
                "codes": ["3975;3976", "3872", "5136;5282"],
            }
        ),
        "link_inputs": pd.DataFrame(
            {
                "upstream_id": ["PKG", "LAMP"],
                "downstream_id": ["LAMP", "TRADE"],
                "share": [0.2, 0.5],
                "share_low": [0.1, 0.4],
                "share_high": [0.3, 0.6],
                "source": ["assumed", "a table"],
                "tag": ["M", "B"],
            }
        ),
        "region_industries": NO_REGIONS,
    }


def diagnosed(tables: dict[str, pd.DataFrame], **more: Any) -> ChainDiagnosis:
    return diagnose_chain(**tables, **more)


def by_link(found: ChainDiagnosis) -> pd.DataFrame:
    return found.chain.set_index("link_id")


def without(frame: pd.DataFrame, column: str, *values: str) -> pd.DataFrame:
    return frame[~frame[column].isin(values)].reset_index(drop=True)


@st.composite
def drawn_chains(draw: st.DrawFn) -> dict[str, pd.DataFrame]:
    """Draw a chain of up to 6 links, circles allowed, with up to 10 firms, some without figures."""
    size = draw(st.integers(2, 6))
    ids = [f"L{place}" for place in range(size)]
    pairs = [(u, d) for u in ids for d in ids if u != d]
    kept = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=10))
    # column sums below 1, so that the local model has a Leontief inverse
    shares = [draw(st.integers(1, 90)) / 100 / size for _ in kept]
    firms = [f"f{number}" for number in range(draw(st.integers(0, 10)))]
    labels = [
        (firm, draw(st.sampled_from(ids)), draw(st.sampled_from(["makes", "serves", "sells", ""])), 1.0)
        for firm in firms
    ]
    output = [draw(st.one_of(st.none(), st.integers(0, 5000).map(float))) for _ in firms]
    return {
        "firms": pd.DataFrame({"firm_id": firms, "name": firms}, dtype="str"),
        "firm_years": pd.DataFrame(
            {"firm_id": pd.Series(firms, dtype="str"), "year": 2025, "output_wan": pd.Series(output, dtype="float64")}
        ),
        "firm_links": pd.DataFrame(labels, columns=["firm_id", "link_id", "role", "weight"]).astype(
            {"firm_id": "str", "link_id": "str", "role": "str", "weight": "float64"}
        ),
        "links": pd.DataFrame({"link_id": ids, "name_zh": ids}),
        "link_inputs": pd.DataFrame(
            {
                "upstream_id": pd.Series([u for u, _ in kept], dtype="str"),
                "downstream_id": pd.Series([d for _, d in kept], dtype="str"),
                "share": pd.Series(shares, dtype="float64"),
            }
        ),
        "region_industries": NO_REGIONS,
    }
