import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from care_map.errors import InputError
from care_map.inputs import datum

PAIRS = {
    "gcj02": (datum.wgs84_to_gcj02, datum.gcj02_to_wgs84),
    "bd09_of_gcj02": (datum.gcj02_to_bd09, datum.bd09_to_gcj02),
    "bd09": (datum.wgs84_to_bd09, datum.bd09_to_wgs84),
}


def slow_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """The published formula, term by term, with no shared code."""
    x, y = lon - 105, lat - 35
    pi = math.pi
    d_lat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    d_lat += (20 * math.sin(6 * x * pi) + 20 * math.sin(2 * x * pi)) * 2 / 3
    d_lat += (20 * math.sin(y * pi) + 40 * math.sin(y / 3 * pi)) * 2 / 3
    d_lat += (160 * math.sin(y / 12 * pi) + 320 * math.sin(y * pi / 30)) * 2 / 3
    d_lon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    d_lon += (20 * math.sin(6 * x * pi) + 20 * math.sin(2 * x * pi)) * 2 / 3
    d_lon += (20 * math.sin(x * pi) + 40 * math.sin(x / 3 * pi)) * 2 / 3
    d_lon += (150 * math.sin(x / 12 * pi) + 300 * math.sin(x / 30 * pi)) * 2 / 3
    ee, a = 0.00669342162296594323, 6378245.0
    magic = 1 - ee * math.sin(lat / 180 * pi) ** 2
    d_lat = d_lat * 180 / ((a * (1 - ee)) / (magic * math.sqrt(magic)) * pi)
    d_lon = d_lon * 180 / (a / math.sqrt(magic) * math.cos(lat / 180 * pi) * pi)
    return lon + d_lon, lat + d_lat


def test_published_pair():
    """The example of the README of wandergis/coordtransform."""
    lon, lat = datum.wgs84_to_gcj02(116.404, 39.915)
    assert (float(lon), float(lat)) == pytest.approx((116.41024449916938, 39.91640428150164))
    lon, lat = datum.gcj02_to_bd09(116.404, 39.915)
    assert (float(lon), float(lat)) == pytest.approx((116.41036949371029, 39.92133699351021))


@settings(deadline=None)
@given(st.floats(72.5, 137.5), st.floats(1.5, 55.5))
def test_agrees_with_the_slow_formula(lon, lat):
    fast = datum.wgs84_to_gcj02(lon, lat)
    slow = slow_gcj02(lon, lat)
    assert float(datum.shift_m(*fast, *slow)) < 1e-6


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
@settings(deadline=None)
@given(
    lon=arrays(float, 5, elements=st.floats(72.1, 137.7)),
    lat=arrays(float, 5, elements=st.floats(0.9, 55.7)),
)
def test_round_trip(pair, lon, lat):
    there, back = pair
    moved = there(lon, lat)
    assert (datum.shift_m(lon, lat, *back(*moved)) < 1e-3).all()
    assert (datum.shift_m(lon, lat, *moved) > 10).all()


def test_shift_over_the_district():
    """DOMAIN §3: over the five districts GCJ-02 is 461-516 m off, BD-09 1.02-1.15 km."""
    lon, lat = np.meshgrid(np.linspace(105.7, 108.9, 30), np.linspace(29.5, 31.4, 30))
    gcj = datum.shift_m(lon, lat, *datum.wgs84_to_gcj02(lon, lat))
    bd = datum.shift_m(lon, lat, *datum.wgs84_to_bd09(lon, lat))
    assert 400 < gcj.min() < gcj.max() < 560
    assert 950 < bd.min() < bd.max() < 1250


@pytest.mark.parametrize("convert", [f for pair in PAIRS.values() for f in pair])
def test_outside_china_is_never_passed_through(convert):
    with pytest.raises(InputError) as raised:
        convert([108.0, -8.6], [30.0, 41.1])
    assert raised.value.problems[0].code == "datum_outside_china"
    assert raised.value.problems[0].count == 1


def test_missing_stays_missing_and_input_is_not_changed():
    lon, lat = np.array([108.0, np.nan]), np.array([30.0, np.nan])
    moved_lon, moved_lat = datum.bd09_to_wgs84(lon, lat)
    assert np.isnan([moved_lon[1], moved_lat[1]]).all()
    assert lon[0] == 108.0
    assert datum.gcj02_to_wgs84([], [])[0].size == 0
