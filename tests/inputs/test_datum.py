import math

import geocoordinates_ffi as rust
import numpy as np
import pytest
from coord_convert import transform
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


WEST, SOUTH, EAST, NORTH = datum.CHINA_RECTANGLE


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
@settings(deadline=None)
@given(
    lon=arrays(float, 5, elements=st.floats(WEST, EAST)),
    lat=arrays(float, 5, elements=st.floats(SOUTH, NORTH)),
)
def test_round_trip(pair, lon, lat):
    there, back = pair
    moved = there(lon, lat)
    assert (datum.shift_m(lon, lat, *back(*moved)) < 1e-3).all()
    assert (datum.shift_m(lon, lat, *moved) > 10).all()


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_round_trip_on_a_dense_grid_with_its_edges(pair):
    """Every 10 km or so, where sines of other wavelengths could hide a slow place."""
    lon, lat = np.meshgrid(np.linspace(WEST, EAST, 601), np.linspace(SOUTH, NORTH, 551))
    there, back = pair
    moved = there(lon, lat)
    assert float(datum.shift_m(lon, lat, *back(*moved)).max()) < 1e-6


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
@pytest.mark.parametrize("at", [(105.0, 35.0), (105.0, 0.83), (72.004, 35.0), (137.8347, 55.8271)])
def test_round_trip_where_the_formula_has_its_kinks(pair, at):
    """Beside 105 E the formula has the root of a distance, whose slope is infinite there."""
    steps = np.array([0.0, 1e-12, 1e-9, 1e-6, 1e-3])
    lon = np.concatenate([at[0] - steps, at[0] + steps])
    lon = lon.clip(WEST, EAST)
    there, back = pair
    moved = there(lon, np.full(len(lon), at[1]))
    assert float(datum.shift_m(lon, np.full(len(lon), at[1]), *back(*moved)).max()) < 1e-3


def places(count):
    random = np.random.default_rng(4)
    return random.uniform(73.5, 135.0, count), random.uniform(3.9, 53.5, count)


def all_of(convert, lon, lat):
    """Let a library that takes one point at a time convert many."""
    moved = [convert(float(x), float(y)) for x, y in zip(lon, lat, strict=True)]
    return np.array(moved).T


def rusty(kind, convert):
    def one(lon, lat):
        point = convert(kind(lat=lat, lon=lon))
        return point.lon, point.lat

    return one


@pytest.mark.parametrize(
    ("ours", "theirs", "within_m"),
    [
        (datum.wgs84_to_gcj02, transform.wgs2gcj, 1e-6),
        (datum.gcj02_to_bd09, transform.gcj2bd, 1e-6),
        (datum.wgs84_to_bd09, transform.wgs2bd, 1e-6),
        # It stops at 1e-6 degrees, and does not iterate the inverse of BD-09 at all.
        (datum.gcj02_to_wgs84, transform.gcj2wgs, 0.01),
        (datum.bd09_to_gcj02, transform.bd2gcj, 1.0),
        (datum.bd09_to_wgs84, transform.bd2wgs, 1.0),
    ],
)
def test_agrees_with_coord_convert(ours, theirs, within_m):
    lon, lat = places(3000)
    assert datum.shift_m(*ours(lon, lat), *all_of(theirs, lon, lat)).max() < within_m


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (datum.wgs84_to_gcj02, rusty(rust.Wgs84, rust.wgs84_to_gcj02)),
        (datum.gcj02_to_bd09, rusty(rust.Gcj02, rust.gcj02_to_bd09)),
        (datum.wgs84_to_bd09, rusty(rust.Wgs84, rust.wgs84_to_bd09)),
        (datum.gcj02_to_wgs84, rusty(rust.Gcj02, rust.gcj02_to_wgs84_refined)),
        (datum.bd09_to_gcj02, rusty(rust.Bd09, rust.bd09_to_gcj02_refined)),
        (datum.bd09_to_wgs84, rusty(rust.Bd09, rust.bd09_to_wgs84_refined)),
    ],
)
def test_agrees_with_geocoordinates_rs(ours, theirs):
    lon, lat = places(3000)
    assert datum.shift_m(*ours(lon, lat), *all_of(theirs, lon, lat)).max() < 1e-4


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


def test_wgs84_and_cgcs2000_stay_as_they_are_anywhere():
    lon, lat = np.array([108.4, -8.6]), np.array([30.8, 41.1])
    for name in ("wgs84", "cgcs2000"):
        for convert in (datum.to_wgs84, datum.from_wgs84):
            moved = convert(lon, lat, datum=name)
            assert (moved[0] == lon).all()
            assert (moved[1] == lat).all()
    for name in ("gcj02", "bd09"):
        for convert in (datum.to_wgs84, datum.from_wgs84):
            with pytest.raises(InputError):
                convert(lon, lat, datum=name)
    there = datum.from_wgs84(108.4, 30.8, datum="bd09")
    assert [float(part) for part in there] == [float(p) for p in datum.wgs84_to_bd09(108.4, 30.8)]
    back = datum.to_wgs84(*there, datum="bd09")
    assert float(datum.shift_m(108.4, 30.8, *back)) < 1e-6
