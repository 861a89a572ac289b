"""A study's network: kept and opened again, and what is wrong with its roads and elevation."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from affine import Affine
from small_study import COUNTRY, ELDERS, WEST, degrees, write_study

import care_map.study_network
from care_map.accessibility.coverage import ALL, NONE
from care_map.assessment import Assessment, assess
from care_map.config import read_study
from care_map.errors import InputError, OutputError, Problem
from care_map.messages import catalogue
from care_map.network.reading import keep_reading, kept_reading
from care_map.study_network import read_ground
from care_map.workflows.check import check
from care_map.workflows.run import run

CACHE = 'cache = "kept"'
FAR = (20.0, 40.0)


@pytest.fixture
def no_reading(monkeypatch):
    """Make reading roads or elevation an error: what is kept must do."""

    def refuse(*_, **__):
        pytest.fail("the roads or the elevation were read")

    return lambda: [
        monkeypatch.setattr(care_map.study_network, name, refuse)
        for name in ("read_roads", "read_elevation", "build_network")
    ]


def write_hill(file, *, at=None, crs="EPSG:4326", holes=False):
    """Write heights that rise by a tenth to the east over the street, or round another place."""
    west, south = degrees(-300, -1200)
    east, north = degrees(6300, 1200)
    if at is not None:
        west, south, east, north = at[0], at[1], at[0] + east - west, at[1] + north - south
    height = np.tile(np.linspace(200.0, 860.0, 200, dtype=np.float32), (40, 1))
    if holes:
        height[:, 100:] = -9999.0
    with rasterio.open(
        file,
        "w",
        driver="GTiff",
        width=200,
        height=40,
        count=1,
        dtype="float32",
        crs=crs,
        nodata=-9999.0,
        transform=Affine((east - west) / 200, 0, west, 0, (south - north) / 40, north),
    ) as raster:
        raster.write(height, 1)
    return file


def study_of(folder, *, cache="", hill=None, **options):
    """Write the small study, with keys of its roads and with the elevation of `hill`."""
    more = ""
    folder.mkdir(parents=True, exist_ok=True)
    if hill is not None:
        write_hill(folder / "dem.tif", **hill)
        more = '[elevation]\npath = "dem.tif"\n'
    file = write_study(folder, more=more, **options)
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("[roads]\n", f"[roads]\n{cache}\n"), encoding="utf-8")
    return read_study(file)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Return the assessment of the small study, of which nothing is kept."""
    return assess(study_of(tmp_path_factory.mktemp("plain") / "s"))


@pytest.fixture(scope="module")
def kept_study(tmp_path_factory):
    """Return a folder whose study has been assessed and its network kept, and what was found."""
    folder = tmp_path_factory.mktemp("kept")
    return folder, assess(study_of(folder, cache=CACHE))


def spoil_units(folder):
    """Give a unit an id that is ours."""
    file = folder / "units.csv"
    file.write_text(file.read_text("utf-8").replace(WEST, "all"), encoding="utf-8")


def assert_same(one, other):
    """Assert that two assessments hold the same, bit by bit."""
    for field in fields(Assessment):
        if field.name != "study":
            assert_same_value(getattr(one, field.name), getattr(other, field.name), field.name)


def assert_same_value(a, b, where):
    assert type(a) is type(b), where
    if isinstance(a, gpd.GeoDataFrame):
        assert a.crs == b.crs
        assert a.geometry.to_wkb().equals(b.geometry.to_wkb()), where
        a, b = (pd.DataFrame(table.drop(columns="geometry")) for table in (a, b))
    if isinstance(a, pd.DataFrame):
        pd.testing.assert_frame_equal(a, b, check_exact=True)
    elif isinstance(a, np.ndarray):
        np.testing.assert_array_equal(a, b, err_msg=where)
    elif is_dataclass(a):
        for field in fields(a):
            assert_same_value(
                getattr(a, field.name), getattr(b, field.name), f"{where}.{field.name}"
            )
    elif isinstance(a, Mapping):
        assert list(a) == list(b), where
        for key in a:
            assert_same_value(a[key], b[key], f"{where}[{key}]")
    elif isinstance(a, tuple):
        assert len(a) == len(b), where
        for number, (x, y) in enumerate(zip(a, b, strict=True)):
            assert_same_value(x, y, f"{where}[{number}]")
    else:
        assert a == b, where


def run_files(folder):
    """Return the bytes of a run's files but the manifest, whose times differ."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and file.name != "manifest.json"
    }


# What is kept


def test_a_kept_network_gives_the_same_files(tmp_path, no_reading):
    study = study_of(tmp_path, cache=CACHE, hill={"holes": True})
    plain = run(study.model_copy(update={"roads": study.roads.model_copy(update={"cache": None})}))
    wanted = run_files(plain.folder)
    assert "internal/map.html" in wanted
    assert_same(assess(study), plain.result)
    assert sorted(entry.suffix for entry in (tmp_path / "kept").iterdir())[1] == ".reading"
    no_reading()
    assert run_files(run(study).folder) == wanted


def test_nothing_is_kept_unless_it_is_asked_for(plain):
    root = plain.study.root
    assert {entry.name for entry in root.iterdir()} == {
        *("study.toml", "roads.geojson", "units.csv", "facilities.csv", "elders.csv"),
    }
    assert [*root.parent.iterdir()] == [root]


def test_the_demonstration_with_its_river_and_hills(demo_study, demo_result, tmp_path, no_reading):
    study = read_study(demo_study)
    roads = study.roads.model_copy(update={"cache": tmp_path})
    study = study.model_copy(update={"roads": roads})
    assert len(demo_result.barriers)
    read_ground(study).network(demo_result.crs)
    no_reading()
    assert_same(assess(study), demo_result)


def test_a_change_of_the_roads_or_of_how_they_are_read_is_another_network(tmp_path):
    study = study_of(tmp_path, cache=CACHE, hill={})
    keys = {read_ground(study).key}
    for change in ({"tolerance_m": 1.0}, {"columns": {"name": "name"}}):
        roads = study.roads.model_copy(update=change)
        keys.add(read_ground(study.model_copy(update={"roads": roads})).key)
    keys.add(read_ground(study.model_copy(update={"elevation": None})).key)
    write_hill(tmp_path / "dem.tif", holes=True)
    keys.add(read_ground(study).key)
    file = tmp_path / "roads.geojson"
    file.write_text(file.read_text("utf-8").replace("长街", "短街"), encoding="utf-8")
    keys.add(read_ground(study).key)
    assert len(keys) == 6


@pytest.mark.parametrize(
    ("kind", "harm"),
    [
        ("reading", "flip"),
        ("reading", "cut"),
        ("network", "flip"),
        ("network", "empty"),
        ("both", "cut"),
    ],
)
def test_what_is_damaged_is_built_again_and_said(tmp_path, kept_study, kind, harm):
    folder, wanted = kept_study
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    study = read_study(tmp_path)
    kept = [*(tmp_path / "kept").iterdir()]
    files = {
        "reading": next(entry for entry in kept if entry.suffix == ".reading"),
        "network": next(entry for entry in kept if entry.is_dir()) / "vertex_x.npy",
    }
    for name in files if kind == "both" else [kind]:
        content = bytearray(files[name].read_bytes())
        content[-9] ^= 4
        harmed = {"flip": content, "cut": content[: len(content) // 2], "empty": b""}[harm]
        files[name].write_bytes(bytes(harmed))
    again = assess(study)
    told = [problem for problem in again.problems if problem.code == "cache_damaged"]
    assert len(told) == (2 if kind == "both" else 1)
    assert {problem.source for problem in told} == {"kept"}
    assert all(problem.value in {entry.name for entry in kept} for problem in told)
    assert told[0].message(catalogue("en")).startswith("the kept network is damaged")
    assert [p for p in again.problems if p not in told] == [*wanted.problems]
    assert again.summary == wanted.summary
    # What was built is kept: the next run has nothing to say.
    assert check(study) == wanted.problems


def test_a_cache_that_cannot_be_written_stops_nothing(tmp_path, plain):
    (tmp_path / "kept").write_text("a file in the way")
    study = study_of(tmp_path, cache=CACHE)
    result = assess(study)
    told = [problem for problem in result.problems if problem.code == "cache_unwritable"]
    assert len(told) == 1
    assert "exists" in told[0].message(catalogue("en"))
    assert result.summary == plain.summary
    assert [p for p in result.problems if p not in told] == [*plain.problems]


def test_a_network_folder_of_others_is_left_alone(tmp_path, kept_study):
    shutil.copytree(kept_study[0], tmp_path, dirs_exist_ok=True)
    network = next(entry for entry in (tmp_path / "kept").iterdir() if entry.is_dir())
    (network / "thesis.docx").write_text("years of work")
    (network / "meta.json").unlink()
    codes = [problem.code for problem in check(tmp_path)]
    assert codes.count("cache_damaged") == codes.count("cache_unwritable") == 1
    assert (network / "thesis.docx").read_text() == "years of work"


def test_findings_are_kept_as_they_are(tmp_path):
    ground = read_ground(study_of(tmp_path))
    problem = Problem(
        "x", "info", "s", row=3, column="c", value="值\n", values={"km": np.float64(2)}
    )
    reading = type(ground.reading)(ground.reading.extent, None, (*ground.problems, problem))
    keep_reading(reading, tmp_path / "a" / "r.reading", key="k")
    found = kept_reading(tmp_path / "a" / "r.reading", key="k")
    assert found.problems == reading.problems
    assert found.extent == reading.extent
    assert found.barriers is None
    assert kept_reading(tmp_path / "a" / "r.reading", key="other") is None
    assert kept_reading(tmp_path / "a" / "none.reading", key="k") is None
    with pytest.raises(OutputError):
        keep_reading(reading, tmp_path / "a" / "r.reading" / "in_a_file", key="k")


# What is wrong with roads and elevation


def _dem(folder, kind):
    file = folder / "dem.tif"
    if kind == "elevation_elsewhere":
        write_hill(file, at=FAR)
    elif kind == "elevation_without_crs":
        write_hill(file, crs=None)
    else:
        file.write_bytes(b"no raster")


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("cache", ["", CACHE])
@pytest.mark.parametrize(
    "kind", ["elevation_elsewhere", "elevation_without_crs", "elevation_unreadable"]
)
def test_bad_heights_are_told_with_bad_lists_by_run_and_by_check(tmp_path, kind, cache):
    study = study_of(tmp_path, cache=cache, hill={})
    _dem(tmp_path, kind)
    spoil_units(tmp_path)
    with pytest.raises(InputError) as raised:
        assess(study)
    codes = [problem.code for problem in raised.value.problems]
    assert codes[0] == kind
    assert len(codes) > 1
    assert raised.value.problems[0].source == "dem.tif"
    found = [problem.code for problem in check(study) if problem.severity == "error"]
    assert found == codes


def test_bad_roads_and_bad_heights_are_told_together(tmp_path):
    study = study_of(tmp_path, hill={})
    _dem(tmp_path, "elevation_unreadable")
    (tmp_path / "roads.geojson").write_text("{}")
    with pytest.raises(InputError) as raised:
        assess(study)
    assert len({problem.source for problem in raised.value.problems}) == 2


@pytest.mark.parametrize("hill", [None, {}, {"holes": True}])
def test_check_finds_what_a_run_finds(tmp_path, plain, hill):
    result = plain if hill is None else assess(study_of(tmp_path, hill=hill))
    problems = check(result.study)
    assert problems == result.problems
    codes = {problem.code for problem in problems}
    assert {"network_demand_off", "network_classes_missing", "snap_demand_beyond"} <= codes
    assert ("elevation_holes" in codes) == (hill == {"holes": True})


def test_check_looks_at_the_hills_though_a_list_is_bad(tmp_path):
    study = study_of(tmp_path, hill={"holes": True})
    spoil_units(tmp_path)
    problems = check(study)
    assert "elevation_holes" in {problem.code for problem in problems}
    assert "error" in {problem.severity for problem in problems}


# What is said of the network in a run


def test_shares_of_elders_on_each_part_of_the_network(plain):
    report = plain.network_report[plain.network_report["mode"] == "foot"]
    found = dict(zip(report["item"], report["value"], strict=True))
    shares = {name: value for name, value in found.items() if name.startswith("demand")}
    elders = {row[0]: row[1] for row in ELDERS}
    assert sum(elders.values()) == 18
    assert shares == pytest.approx(
        {
            "demand_no_point": elders["g"] / 18,
            "demand_no_road": elders["f"] / 18,
            "demand_island": 0.0,
            "demand_under_10_km": 15 / 18,
            "demand_under_100_km": 0.0,
            "demand_from_100_km": 0.0,
        }
    )
    assert sum(shares.values()) == pytest.approx(1.0)
    told = next(p for p in plain.problems if p.code == "network_demand_off")
    assert asdict(told)["values"]["no_point"] == shares["demand_no_point"]


def test_shares_add_up_in_the_demonstration(demo_result):
    report = demo_result.network_report
    shares = report[report["item"].str.startswith("demand_")].groupby("mode")["value"].sum()
    assert set(shares.index) == {"foot", "car"}
    assert shares.to_numpy() == pytest.approx(1.0)


def test_path_completeness_stands_beside_rates_on_foot(tmp_path):
    study = study_of(tmp_path)
    file = tmp_path / "roads.geojson"
    layer = json.loads(file.read_text("utf-8"))
    path = {"type": "LineString", "coordinates": [degrees(x, 40) for x in (-100, 750)]}
    layer["features"].append(
        {"type": "Feature", "properties": {"highway": "footway"}, "geometry": path}
    )
    file.write_text(json.dumps(layer), encoding="utf-8")
    table = assess(study).coverage_by_unit
    table = table[(table["circle"] == "care") & (table["group"] == ALL)]
    score = table.pivot_table(
        index="unit_id", columns="profile", values="path_completeness", dropna=False
    )
    # 750 m and those 92 m further that are within 100 m of the path's end, of 1500 m.
    assert score.loc[WEST].to_numpy() == pytest.approx(842 / 1500, abs=0.02)
    assert score.loc[COUNTRY].tolist() == [0.0, 0.0]
    assert score.loc[ALL].to_numpy() == pytest.approx(842 / 6000, abs=0.01)
    assert score.loc[NONE].isna().all()


@pytest.mark.parametrize("options", [{"units": "names"}, {"units": False}, {"roads": False}])
def test_path_completeness_is_empty_where_it_is_unknown(tmp_path, options):
    table = assess(study_of(tmp_path, **options)).coverage_by_unit
    assert len(table)
    assert table["path_completeness"].isna().all()


def test_path_completeness_is_nothing_for_a_drive(tmp_path):
    circle = 'id = "{0}"\nrequire = [["community_station"]]\nprofile = "{0}"\nminutes = 15'
    profiles = {"rural_drive": False, "straight_line": False, "standard": True}
    study = study_of(tmp_path, circles=[circle.format(profile) for profile in profiles])
    known = assess(study).coverage_by_unit.groupby("circle")["path_completeness"].count() > 0
    assert known.to_dict() == profiles
