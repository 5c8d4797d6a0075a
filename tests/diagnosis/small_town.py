"""A town of a few firms whose diagnosis can be followed by hand."""

from __future__ import annotations

import pandas as pd

from zhenxing import schema
from zhenxing.town import Settings, Town


def small_tables() -> dict[str, pd.DataFrame]:
    firms = pd.DataFrame(
        {
            "firm_id": ["a", "b", "c"],
            "name": ["甲灯饰厂（合成）", "乙电源厂（合成）", "丙灯饰店（合成）"],
            "scope": ["照明器具制造", "LED驱动电源制造", "灯具销售"],
            "industry_code": ["3872", "3879", "5282"],
            "industry_edition": ["2017"] * 3,
            "founded": ["2010-01-01"] * 3,
            "parcel_id": [None] * 3,
        }
    )
    rows = [
        (firm, year, revenue * (1 + 0.05 * (year - 2025)), land)
        for firm, revenue, land in (("a", 1900.0, 5.0), ("b", 100.0, 2.0), ("c", 450.0, 0.0))
        for year in range(2020, 2026)
    ]
    years = pd.DataFrame(rows, columns=["firm_id", "year", "revenue_wan", "land_mu"])
    years = years.assign(output_wan=years["revenue_wan"], tax_wan=0.03 * years["revenue_wan"], employees=20.0)
    inputs = pd.DataFrame({"upstream_id": ["DRV", "CHIP"], "downstream_id": ["LAMP", "LAMP"], "share": [0.1, 0.05]})
    return {"firms": firms, "firm_years": years, "link_inputs": inputs}


def small_town(**more: pd.DataFrame) -> Town:
    """Return the town with a plan section, so that derived rows have somewhere to go."""
    content = {
        "town": {"name": "小镇（合成）", "name_en": "Small (synthetic)", "note": "合成 / synthetic", "code": "999"},
        "plan": {"base_year": 2026, "horizon_years": 3},
    }
    parks = pd.DataFrame({"park_id": ["P1"], "vacant_mu": [50.0]})
    frames = {"parks": parks, **small_tables(), **more}
    return Town(Settings.parse(content), {name: schema.conform(name, frame)[0] for name, frame in frames.items()})
