"""The datum check on a made-up town, by hand and at random, and on real labels and roads."""

import dataclasses

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from care_map.config import DemandSource, FacilitySource, Study, UnitSource
from care_map.diagnostics.datum_check import DEFAULT_RULE, datum_check
from care_map.diagnostics.datum_evidence import HYPOTHESES, positions
from care_map.inputs import datum as datums
from care_map.inputs.datum import from_wgs84, shift_m, to_wgs84
from care_map.inputs.load import read_inputs
from care_map.inputs.point_samples import SAMPLE_PLACES
from care_map.inputs.tables import PointSample

CENTRE = 108.4, 30.8
ZONE = CRS.from_epsg(4545)
TO_METRES = Transformer.from_crs("EPSG:4490", ZONE, always_xy=True)
TO_DEGREES = Transformer.from_crs(ZONE, "EPSG:4490", always_xy=True)
X0, Y0 = TO_METRES.transform(*CENTRE)
BLOCK_M = 400.0
CITY = 12


def grid_units(source_file="units.gpkg"):
    """Squares of 400 m, twelve by twelve."""
    west, south = np.meshgrid(np.arange(CITY) * BLOCK_M, np.arange(CITY) * BLOCK_M)
    west, south = X0 + west.ravel(), Y0 + south.ravel()
    squares = shapely.box(west, south, west + BLOCK_M, south + BLOCK_M)
    ids = [f"U{number}" for number in range(CITY * CITY)]
    return gpd.GeoDataFrame(
        {"unit_id": ids, "source_file": source_file}, geometry=squares, crs=ZONE
    )


def grid_roads(spacing_m=300.0):
    """Streets every 300 m, so that a kilometre's shift cannot fall on them again by chance."""
    across = np.arange(0, CITY * BLOCK_M + 1, spacing_m)
    end = CITY * BLOCK_M
    lines = [[(X0 + at, Y0), (X0 + at, Y0 + end)] for at in across]
    lines += [[(X0, Y0 + at), (X0 + end, Y0 + at)] for at in across]
    return shapely.linestrings(lines)


def sample_at(x, y, *, units=None, declared="wgs84", written="wgs84", kind="facilities"):
    """Return a list at these metres, its coordinates written in one datum, declared in another."""
    lon, lat = TO_DEGREES.transform(np.asarray(x), np.asarray(y))
    lon, lat = to_wgs84(*from_wgs84(lon, lat, datum=written), datum=declared)
    stated = np.full(len(lon), "", dtype=object)
    if units is not None:
        column = ((np.asarray(x) - X0) // BLOCK_M).astype(int)
        row = ((np.asarray(y) - Y0) // BLOCK_M).astype(int)
        stated = np.array([f"U{r * CITY + c}" for r, c in zip(row, column, strict=True)], object)
    exact = np.ones(len(lon), dtype=bool)
    return PointSample(kind, f"{kind}.csv", None, declared, lon, lat, stated, exact, len(lon))


def scattered(count, seed=1):
    random = np.random.default_rng(seed)
    return X0 + random.uniform(0, CITY * BLOCK_M, count), Y0 + random.uniform(
        0, CITY * BLOCK_M, count
    )


def beside_roads(count, spacing_m=300.0, within_m=20.0, seed=1):
    x, y = scattered(count, seed)
    random = np.random.default_rng(seed + 1)
    x = X0 + np.round((x - X0) / spacing_m) * spacing_m + random.uniform(-within_m, within_m, count)
    return x, y


def no_units():
    return gpd.GeoDataFrame({"unit_id": []}, geometry=gpd.GeoSeries([], crs=ZONE))


PAIRS = [(written, declared) for written in HYPOTHESES for declared in HYPOTHESES]


@pytest.mark.parametrize(("written", "declared"), PAIRS)
def test_labels_tell_the_datum(written, declared):
    units = grid_units()
    sample = sample_at(*scattered(60), units=units, declared=declared, written=written)
    (verdict,) = datum_check([sample], units=units)
    if written == declared:
        assert (verdict.outcome, verdict.better) == ("agrees", None)
    else:
        assert (verdict.outcome, verdict.better) == ("contradicts", written)
        assert verdict.also_possible == ()
    (evidence,) = verdict.evidence
    assert evidence.kind == "units"
    assert evidence.points == verdict.points == 60
    assert evidence.share(written) == 1.0
    assert max(evidence.share(datum) for datum in HYPOTHESES if datum != written) < 0.5


@pytest.mark.parametrize(("written", "declared"), PAIRS)
@pytest.mark.parametrize("kind", ["roads", "buildings"])
def test_roads_and_buildings_tell_the_datum(written, declared, kind):
    lines = grid_roads()
    given = {"roads": lines} if kind == "roads" else {"buildings": shapely.buffer(lines, 30.0)}
    sample = sample_at(*beside_roads(60), declared=declared, written=written)
    (verdict,) = datum_check([sample], units=no_units(), **given)
    expected = ("agrees", None) if written == declared else ("contradicts", written)
    assert (verdict.outcome, verdict.better) == expected
    assert [one.kind for one in verdict.evidence] == [kind]
    assert verdict.evidence[0].share(written) == 1.0


def test_cgcs2000_is_wgs84():
    units = grid_units()
    sample = sample_at(*scattered(60), units=units, declared="cgcs2000", written="wgs84")
    (verdict,) = datum_check([sample], units=units)
    assert (verdict.declared, verdict.outcome) == ("cgcs2000", "agrees")
    assert set(verdict.shift_m) == {"gcj02", "bd09"}


def test_the_shift_is_that_of_the_place():
    """DOMAIN §3: 461-516 m and 1.0-1.15 km over the district."""
    sample = sample_at(*scattered(200), declared="wgs84")
    (verdict,) = datum_check([sample], units=no_units(), roads=grid_roads())
    assert 461 < verdict.shift_m["gcj02"] < 530
    assert 1000 < verdict.shift_m["bd09"] < 1160
    lon, lat = sample.lon, sample.lat
    exact = np.median(shift_m(lon, lat, *datums.gcj02_to_wgs84(lon, lat)))
    assert verdict.shift_m["gcj02"] == pytest.approx(float(exact), abs=1e-6)


@settings(deadline=None, max_examples=30)
@given(st.sampled_from(HYPOTHESES), st.integers(0, 10_000))
def test_coordinates_are_read_as_they_stand_in_the_file(declared, seed):
    x, y = scattered(20, seed)
    sample = sample_at(x, y, declared=declared, written=declared)
    found = positions(sample, ZONE)
    lon, lat = TO_DEGREES.transform(x, y)
    assert np.hypot(found.x[declared] - x, found.y[declared] - y).max() < 1e-3
    # What stands in the file, read as any datum, is that datum's own conversion.
    written = from_wgs84(lon, lat, datum=declared)
    for datum in HYPOTHESES:
        there = to_wgs84(*written, datum=datum)
        assert shift_m(found.lon[datum], found.lat[datum], *there).max() < 1e-3


@pytest.mark.parametrize("count", [20, 100])
def test_noise_rarely_contradicts_anything(count):
    """Labels drawn by lot: no reading is better, and at most one list in fifty is said to be."""
    quarters = grid_units().dissolve(by=(np.arange(CITY * CITY) // (CITY * CITY // 4)).astype(str))
    units = quarters.assign(unit_id=quarters.index).reset_index(drop=True)
    alarms = 0
    for seed in range(200):
        sample = sample_at(*scattered(count, seed))
        stated = np.random.default_rng(seed).choice(units["unit_id"].to_numpy(object), count)
        (verdict,) = datum_check([dataclasses.replace(sample, unit_id=stated)], units=units)
        assert verdict.evidence[0].share("wgs84") < 0.6
        alarms += verdict.outcome == "contradicts"
    assert alarms <= 4


def test_few_points_cannot_tell():
    units = grid_units()
    sample = sample_at(*scattered(5), units=units, declared="wgs84", written="gcj02")
    (verdict,) = datum_check([sample], units=units)
    assert verdict.outcome == "cannot_tell"
    assert verdict.better is None


def test_seven_to_none_is_the_least_that_tells():
    """The sign test by hand: 2 to the power of -6 is over 1%, of -7 under it."""
    units = grid_units()
    # A square's middle moves out of it with 500 m; all agree or all contradict.
    ends = {}
    for count in (6, 7):
        x, y = X0 + BLOCK_M * (np.arange(count) + 0.5), np.full(count, Y0 + BLOCK_M * 2.5)
        sample = sample_at(x, y, units=units, declared="wgs84", written="gcj02")
        ends[count] = datum_check([sample], units=units)[0].outcome
    assert DEFAULT_RULE.level == 0.01
    assert ends == {6: "cannot_tell", 7: "contradicts"}


def test_evidence_that_disagrees_tells_nothing():
    """Labels say GCJ-02, roads say WGS84, and nothing speaks against the units themselves."""
    units = grid_units()
    x, y = beside_roads(80)
    sample = sample_at(x, y, declared="wgs84")
    lon, lat = datums.gcj02_to_wgs84(sample.lon, sample.lat)
    there_x, there_y = TO_METRES.transform(lon, lat)
    inside = (there_x > X0) & (there_y > Y0)
    moved = sample_at(there_x[inside], there_y[inside], units=units)
    parts = {name: getattr(sample, name)[inside] for name in ("lon", "lat", "exact")}
    mixed = dataclasses.replace(sample, unit_id=moved.unit_id, places=int(inside.sum()), **parts)
    (verdict,) = datum_check([mixed], units=units, roads=grid_roads())
    assert [one.kind for one in verdict.evidence] == ["units", "roads"]
    assert verdict.outcome == "cannot_tell"


def test_without_anything_to_compare_with():
    sample = sample_at(*scattered(50), declared="gcj02")
    (verdict,) = datum_check([sample], units=no_units())
    assert verdict.outcome == "cannot_tell"
    assert verdict.evidence == ()


def test_a_place_in_an_area_is_not_asked_for_roads():
    sample = sample_at(*beside_roads(50), written="gcj02")
    vague = dataclasses.replace(sample, exact=np.zeros(50, dtype=bool))
    (verdict,) = datum_check([vague], units=no_units(), roads=grid_roads())
    assert verdict.evidence == ()


def test_outside_china_only_wgs84_is_possible():
    lon, lat = np.full(30, -8.6), np.linspace(41.1, 41.2, 30)
    none = np.full(30, "", dtype=object)
    sample = PointSample("demand", "d.csv", None, "wgs84", lon, lat, none, none == "", 30)
    crs = CRS.from_epsg(32629)
    units = gpd.GeoDataFrame({"unit_id": []}, geometry=gpd.GeoSeries([], crs=crs))
    (verdict,) = datum_check([sample], units=units, roads=shapely.linestrings([[(0, 0), (1, 1)]]))
    assert verdict.outcome == "only_wgs84"
    assert verdict.evidence == ()
    assert verdict.points == 0


def units_moved(units, *, written, declared):
    """Return units whose boundaries are written in one datum and read as another."""

    def move(points):
        lon, lat = TO_DEGREES.transform(*points.T)
        lon, lat = to_wgs84(*from_wgs84(lon, lat, datum=written), datum=declared)
        return np.column_stack(TO_METRES.transform(lon, lat))

    return units.set_geometry(shapely.transform(units.geometry.to_numpy(), move), crs=ZONE)


@pytest.mark.parametrize(("written", "declared"), PAIRS)
def test_wrong_units_are_told_from_wrong_lists_by_roads(written, declared):
    true_units = grid_units()
    units = units_moved(true_units, written=written, declared=declared)
    sample = sample_at(*beside_roads(100), units=true_units)
    verdicts = datum_check(
        [sample], units=units, roads=grid_roads(), unit_datums={"units.gpkg": declared}
    )
    mine, theirs = verdicts
    assert (mine.kind, mine.outcome) == ("facilities", "agrees")
    assert (theirs.kind, theirs.source) == ("units", "units.gpkg")
    if written == declared:
        assert theirs.outcome == "agrees"
    else:
        assert (theirs.outcome, theirs.better) == ("contradicts", written)


def test_several_lists_against_the_units_blame_the_units():
    true_units = grid_units()
    units = units_moved(true_units, written="wgs84", declared="gcj02")
    lists = [sample_at(*scattered(80, seed), units=true_units) for seed in (1, 2)]
    *both, theirs = datum_check(lists, units=units, unit_datums={"units.gpkg": "gcj02"})
    assert [one.outcome for one in both] == ["cannot_tell", "cannot_tell"]
    assert (theirs.outcome, theirs.better) == ("contradicts", "wgs84")


def test_units_that_no_other_datum_of_a_list_explains_are_blamed():
    true_units = grid_units()
    units = units_moved(true_units, written="gcj02", declared="wgs84")
    sample = sample_at(*scattered(80), units=true_units)
    mine, theirs = datum_check([sample], units=units, unit_datums={"units.gpkg": "wgs84"})
    assert mine.outcome == "cannot_tell"
    assert (theirs.outcome, theirs.better) == ("contradicts", "gcj02")


def test_one_list_among_several_is_blamed_itself():
    units = grid_units()
    lists = [
        sample_at(*scattered(80, 1), units=units),
        sample_at(*scattered(80, 2), units=units, declared="gcj02", written="wgs84"),
    ]
    good, bad, theirs = datum_check(lists, units=units, unit_datums={"units.gpkg": "wgs84"})
    assert good.outcome == "agrees"
    assert (bad.outcome, bad.better) == ("contradicts", "wgs84")
    assert theirs.outcome != "contradicts"


# Samples of a study


def test_a_sample_is_bounded_distinct_and_the_same_again(tmp_path):
    count = 3 * SAMPLE_PLACES
    lon = 108.4 + np.arange(count) % (2 * SAMPLE_PLACES) * 2e-4
    rows = [f"甲{number},{value!r},30.8" for number, value in enumerate(lon.tolist())]
    rows.append("无,,")
    (tmp_path / "f.csv").write_text("名称,经度,纬度\n" + "\n".join(rows), encoding="utf-8")
    study = Study(root=tmp_path, name="x", facilities=(FacilitySource(path="f.csv"),))
    (sample,) = read_inputs(study).samples
    (again,) = read_inputs(study).samples
    assert (sample.places, len(sample.lon)) == (2 * SAMPLE_PLACES, SAMPLE_PLACES)
    assert len(np.unique(sample.lon.round(4))) == SAMPLE_PLACES
    assert (sample.lon == again.lon).all()
    assert sample.exact.all()


def test_stated_units_are_those_of_the_row_not_of_the_point(tmp_path):
    squares = [shapely.box(108.40 + 0.01 * n, 30.80, 108.41 + 0.01 * n, 30.81).wkt for n in (0, 1)]
    (tmp_path / "u.csv").write_text(
        f'unit_id,name,level,wkt\n500101001,甲镇,town,"{squares[0]}"\n'
        f'500101002,乙镇,town,"{squares[1]}"\n',
        encoding="utf-8",
    )
    (tmp_path / "e.csv").write_text(
        "编号,经度,纬度,区划代码,所属镇街\n"
        "1,108.405,30.805,500101002,\n2,108.415,30.805,,甲镇\n3,108.406,30.806,,\n",
        encoding="utf-8",
    )
    study = Study(
        root=tmp_path,
        name="x",
        units=(UnitSource(path="u.csv"),),
        demand=(DemandSource(path="e.csv", columns={"town_name": "所属镇街"}),),
    )
    (sample,) = read_inputs(study).samples
    assert sample.unit_id.tolist() == ["500101002", "500101001", ""]
    assert sample.kind == "demand"
