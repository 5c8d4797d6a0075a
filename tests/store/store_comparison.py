"""Two towns compared as exactly as a store must keep them."""

import geopandas as gpd
import pandas as pd
import shapely


def assert_same(left, right):
    """Two towns hold the same: settings, tables in their order, columns, types, values and coordinates."""
    assert left.settings == right.settings
    assert left.settings.content() == right.settings.content()
    assert list(left) == list(right)
    for name in left:
        one, other = left[name], right[name]
        assert isinstance(one, gpd.GeoDataFrame) == isinstance(other, gpd.GeoDataFrame), name
        if isinstance(one, gpd.GeoDataFrame):
            assert one.crs == other.crs
            assert list(shapely.to_wkb(one.geometry.to_numpy())) == list(shapely.to_wkb(other.geometry.to_numpy()))
            one, other = one.drop(columns="geometry"), other.drop(columns="geometry")
        pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(other), check_exact=True, obj=name)
