"""A small town with everything a store must keep, and a way to compare two towns."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from store_comparison import assert_same

from zhenxing import schema
from zhenxing.town import Settings, Town

SETTINGS = {
    "town": {"name": "古镇", "mayor": "x"},
    "plan": {"base_year": 2025, "horizon_years": 3, "discount_rate": 0.05},
    "importers": {"crs": "EPSG:4547", "nested": {"deep": [1, 2.5, "三"]}, "empty": {}},
}


def conformed(name, frame):
    return schema.conform(name, frame)[0]


@pytest.fixture(scope="session")
def town():
    """Two sites with shapes, values left empty, an unknown column and an unknown table."""
    sites = gpd.GeoDataFrame(
        {
            "site_id": ["0011", "12"],
            "park_id": ["none", "NA"],
            "area_mu": [3.1, 1 / 3],
            "is_seed": [True, None],
            "备注": ['含, 逗号 "引号"\n换行', None],
        },
        geometry=[shapely.box(113.1234567890123, 22.5, 113.2, 22.6), None],
        crs="EPSG:4490",
    )
    tables = {
        "parks": conformed("parks", pd.DataFrame({"park_id": ["none", "NA"], "vacant_mu": [None, 5.0]})),
        "sites": conformed("sites", sites),
        "targets": conformed("targets", pd.DataFrame({"indicator": ["cleared_mu"], "year": [2026], "target": [-2.0]})),
        "firm_years": schema.empty("firm_years"),
        "会议记录": pd.DataFrame({"日期": ["2026-01-02", None], "fid": ["001", "x"], "FID": ["a", "b"]}, dtype="str"),
    }
    return Town(Settings.parse(SETTINGS), tables)


@pytest.fixture
def same():
    return assert_same
