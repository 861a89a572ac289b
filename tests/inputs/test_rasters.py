"""Population rasters by age: cells become places, sums stay, what is no person is counted."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_places import square

from care_map.config import DemandSource, Study, UnitSource
from care_map.inputs.load import load_inputs, read_inputs

NODATA = -99999.0
STEP = 1 / 1200
"""Three seconds of arc, as WorldPop has them."""


def found(problems, code):
    return [problem for problem in problems if problem.code == code]


def from_origin(west, north, step):
    """Return where the cells of a raster are."""
    return Affine(step, 0.0, west, 0.0, -step, north)


def write(path, bands, *, transform=None, crs="EPSG:4326", names=None):
    """Write bands as a GeoTIFF at 108.40 E, 30.81 N, one degree cell as WorldPop's."""
    bands = np.asarray(bands, dtype=np.float32)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=bands.shape[1],
        width=bands.shape[2],
        count=len(bands),
        dtype="float32",
        crs=crs,
        transform=transform or from_origin(108.40, 30.81, STEP),
        nodata=NODATA,
    ) as file:
        file.write(bands)
        for number, name in enumerate(names or [], start=1):
            file.set_band_description(number, name)


@pytest.fixture
def towns(tmp_path):
    text = (
        "unit_id,name,level,parent_id,wkt\n"
        f"t1,甲街道,town,,{square(108.40, 30.80)}\n"
        f"t2,乙镇,town,,{square(108.41, 30.80)}\n"
    )
    (tmp_path / "units.csv").write_text(text, encoding="utf-8")
    return tmp_path


def study_of(folder, *sources):
    return Study(
        root=folder,
        name="test",
        units=(UnitSource(path="units.csv"),),
        demand=tuple(DemandSource(**source) for source in sources),
    )


def people(seed=1, size=(12, 30)):
    return np.random.default_rng(seed).gamma(0.6, 2.0, size)


def test_cells_become_places_and_sums_stay(towns):
    women, men, old = people(1), people(2), people(3)
    women[0, 0], women[1, 1], men[2, 2] = NODATA, -3.0, np.nan
    for name, band in (("f_60", women), ("m_60", men), ("f_80", old)):
        write(towns / f"chn_{name}_2020.tif", [band])
    names = ("f_60", "m_60", "f_80")
    inputs = load_inputs(study_of(towns, *({"path": f"chn_{name}_2020.tif"} for name in names)))
    demand = inputs.demand
    real = [
        np.where(np.nan_to_num(band, nan=-1) > 0, band, 0).astype(np.float32)
        for band in (women, men, old)
    ]
    # 24 columns of 30 lie in the two towns of 12 × 12 cells each.
    by_town = [
        sum(float(band[:, part].sum()) for band in real) for part in (slice(0, 12), slice(12, 24))
    ]
    sums = demand.groupby("unit_id")["elders"].sum()
    assert sums.sum() == round(sum(by_town))
    assert sums.tolist() == pytest.approx(by_town, abs=1)
    aged = demand.loc[demand["groups"] == "aged_80"].groupby("unit_id")["elders"].sum()
    old_by_town = [float(real[2][:, part].sum()) for part in (slice(0, 12), slice(12, 24))]
    assert aged.tolist() == [round(number) for number in old_by_town]
    assert demand["demand_id"].is_unique
    assert set(demand["origin"]) == {"raster"}
    assert set(demand["location_quality"]) == {"building"}
    assert set(demand["counted_unit_id"]) == {""}
    assert set(demand["setting"]) == {"urban", "rural"}
    [negative] = found(inputs.problems, "raster_negative")
    assert (negative.source, negative.count) == ("chn_f_60_2020.tif", 1)
    assert [p.values["holes"] for p in found(inputs.problems, "raster_read")] == [1, 1, 0]
    outside = found(inputs.problems, "raster_outside")
    assert sum(p.values["people"] for p in outside) == pytest.approx(
        sum(float(band[:, 24:].sum()) for band in real), abs=2
    )
    # Rows in are rows used and rows counted.
    for problem, band in zip(outside, real, strict=True):
        assert problem.count == (band[:, 24:] > 0).sum()


def test_the_middle_of_a_cell_is_where_it_should_be(towns):
    band = np.full((12, 24), NODATA)
    band[3, 5] = 8.0
    write(towns / "t_60.tif", [band])
    [row] = load_inputs(study_of(towns, {"path": "t_60.tif"})).demand.to_crs(4326).itertuples()
    assert row.elders == 8
    assert row.geometry.x == pytest.approx(108.40 + 5.5 * STEP, abs=1e-9)
    assert row.geometry.y == pytest.approx(30.81 - 3.5 * STEP, abs=1e-9)


def test_a_projected_raster_gives_the_same(towns):
    points = gpd.GeoSeries([shapely.Point(108.4075, 30.8055)], crs=4326).to_crs(32649)
    x, y = points.x[0], points.y[0]
    band = np.full((3, 3), NODATA)
    band[1, 1] = 5.0
    transform = from_origin(x - 150, y + 150, 100)
    write(towns / "t_60.tif", [band], crs="EPSG:32649", transform=transform)
    inputs = load_inputs(study_of(towns, {"path": "t_60.tif"}))
    [row] = inputs.demand.to_crs(4326).itertuples()
    assert (row.geometry.x, row.geometry.y) == pytest.approx((108.4075, 30.8055), abs=1e-8)
    [said] = found(inputs.problems, "raster_read")
    assert said.values["side"] == pytest.approx(100, abs=0.2)


def test_bands_by_name_and_by_the_study(towns):
    bands = [np.full((12, 24), value) for value in (4.0, 2.0, 1.0)]
    write(towns / "all.tif", bands, names=["f_55", "f_60", "f_80"])
    inputs = load_inputs(study_of(towns, {"path": "all.tif"}))
    assert inputs.demand["elders"].sum() == 3 * 288
    assert found(inputs.problems, "raster_bands_left_out")[0].value == "1"
    aged = inputs.demand.loc[inputs.demand["groups"] == "aged_80", "elders"].sum()
    assert aged == 288
    chosen = load_inputs(study_of(towns, {"path": "all.tif", "bands": {"1": 60, "3": 70}}))
    assert chosen.demand["elders"].sum() == 5 * 288
    assert set(chosen.demand["groups"]) == {""}


def test_coarse_cells_say_nothing_of_smaller_units(tmp_path):
    text = (
        "unit_id,name,level,parent_id,wkt\n"
        f"t1,甲镇,town,,{square(108.40, 30.80, 0.02)}\n"
        + "".join(
            f"v{number},{number}村,community,t1,{square(108.40 + 0.005 * number, 30.80, 0.005)}\n"
            for number in range(4)
        )
    )
    (tmp_path / "units.csv").write_text(text, encoding="utf-8")
    write(
        tmp_path / "t_60.tif",
        [np.full((2, 2), 10.0)],
        transform=from_origin(108.40, 30.82, 0.01),
    )
    demand = load_inputs(study_of(tmp_path, {"path": "t_60.tif"})).demand
    assert demand["elders"].sum() == 40
    assert set(demand["location_quality"]) == {"village"}
    inside = demand[demand["unit_id"].str.startswith("v")]
    assert set(inside["counted_unit_id"]) <= {"t1"}


def test_rasters_that_cannot_be_used(towns):
    band = np.ones((4, 4))
    write(towns / "no_crs.tif", [band], crs=None)
    write(towns / "bands.tif", [band, band])
    write(towns / "t_60.tif", [band])
    write(towns / "far_60.tif", [band], transform=from_origin(10.0, 50.0, STEP))
    (towns / "text.tif").write_text("no raster", encoding="utf-8")
    expected = {
        "no_crs.tif": "raster_without_crs",
        "bands.tif": "raster_bands_unknown",
        "far_60.tif": "raster_elsewhere",
        "text.tif": "raster_unreadable",
    }
    for path, code in expected.items():
        problems = read_inputs(study_of(towns, {"path": path})).problems
        errors = [problem.code for problem in problems if problem.severity == "error"]
        assert errors == [code], path
    problems = read_inputs(study_of(towns, {"path": "t_60.tif", "bands": {"2": 60}})).problems
    assert found(problems, "raster_band_missing")
    plain = read_inputs(study_of(towns, {"path": "t_60.tif", "elder_age": 65}))
    assert found(plain.problems, "raster_bands_left_out")
    assert plain.demand.empty


def test_nobody_inside_the_units(towns):
    band = np.full((12, 30), NODATA)
    band[3, 27] = 8.0
    write(towns / "t_60.tif", [band])
    inputs = load_inputs(study_of(towns, {"path": "t_60.tif"}))
    assert inputs.demand.empty
    assert [problem.count for problem in found(inputs.problems, "raster_outside")] == [1]


def test_beside_a_list(towns):
    write(towns / "t_60.tif", [np.ones((12, 12))])
    (towns / "elders.csv").write_text("编号,年龄\nR000001,70\nb,81\n", encoding="utf-8")
    inputs = load_inputs(study_of(towns, {"path": "elders.csv"}, {"path": "t_60.tif"}))
    assert inputs.demand["elders"].sum() == 146
    assert inputs.demand["demand_id"].is_unique
    assert inputs.demand["groups"].tolist().count("aged_80") == 1


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, 10_000), st.floats(0.001, 3.0))
def test_small_numbers_add_up(towns, seed, scale):
    young, old = (scale * people(seed + part, (12, 24)) for part in (0, 1))
    write(towns / "all.tif", [young, old], names=["t_60", "t_80"])
    demand = load_inputs(study_of(towns, {"path": "all.tif"})).demand
    total = float(young.astype(np.float32).sum()) + float(old.astype(np.float32).sum())
    assert demand["elders"].sum() == pytest.approx(total, abs=0.51)
    aged = demand.loc[demand["groups"] == "aged_80", "elders"].sum()
    assert aged == pytest.approx(float(old.astype(np.float32).sum()), abs=1.01)


def test_helsinki_population_grid(shared_data, tmp_path):
    """Polygons with counts are places: each cell keeps its own number."""
    grid = shared_data / "helsinki" / "helsinki_population_grid_2020.gpkg"
    table = gpd.read_file(grid)
    column = next(
        name for name in table if table[name].dtype.kind in "iu" and table[name].sum() == 71_724
    )
    study = Study(
        root=tmp_path, name="grid", demand=(DemandSource(path=grid, columns={"elders": column}),)
    )
    demand = load_inputs(study).demand
    assert len(demand) == 92
    assert demand["elders"].sum() == 71_724
    assert set(demand["origin"]) == {"unit"}
    assert set(demand["counted_unit_id"]) == {""}
