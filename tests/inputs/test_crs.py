import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Geod, Transformer

from care_map.inputs.crs import has_no_transformation, metric_crs


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"),
    [
        (106.4, 29.5, 4544),
        (108.4, 30.8, 4545),
        (121.55, 25.05, 4550),
        (73.6, 39.4, 4534),
        (135.0, 48.3, 4554),
        (-8.6, 41.1, 32629),
        (24.9, 60.2, 32635),
        (-70.6, -33.4, 32719),
        (180.0, 0.0, 32660),
    ],
)
def test_by_hand(lon, lat, epsg):
    assert metric_crs(lon, lat).to_epsg() == epsg


@settings(deadline=None, max_examples=50)
@given(st.floats(-179.9, 179.9), st.floats(-79, 79))
def test_metres_are_metres(lon, lat):
    crs = metric_crs(lon, lat)
    x, y = Transformer.from_crs(4326, crs, always_xy=True).transform([lon, lon], [lat, lat + 0.01])
    flat = float(np.hypot(x[1] - x[0], y[1] - y[0]))
    _, _, true = Geod(ellps="WGS84").inv(lon, lat, lon, lat + 0.01)
    assert flat == pytest.approx(true, rel=0.0015)


@pytest.mark.parametrize("epsg", [4610, 4214, 4555, 2380, 2433])
def test_old_chinese_datums_are_refused(epsg):
    assert has_no_transformation(CRS.from_epsg(epsg))


@pytest.mark.parametrize("epsg", [4326, 4490, 4545, 3857, 3826, 3067])
def test_others_are_not(epsg):
    assert not has_no_transformation(CRS.from_epsg(epsg))


def test_esri_spelling_of_cgcs2000():
    wkt = (
        'GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",'
        'SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],'
        'UNIT["Degree",0.0174532925199433]]'
    )
    assert not has_no_transformation(CRS.from_wkt(wkt))
