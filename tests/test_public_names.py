"""The public names: sorted, each where it is said to be, and used as a notebook does."""

import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pytest
from small_study import degrees, write_study

import care_map
import care_map as cm


def test_names_are_sorted_and_each_has_a_home():
    # Constants first, then classes, then functions, as the linter sorts.
    order = sorted(care_map.__all__, key=lambda name: (not name.isupper(), name[0].islower(), name))
    assert order == care_map.__all__
    assert set(care_map.__all__) == set(care_map._HOME)
    assert len(set(care_map.__all__)) == len(care_map.__all__)


@pytest.mark.parametrize("name", care_map.__all__)
def test_each_name_comes_from_its_home(name):
    thing = getattr(care_map, name)
    home = sys.modules[care_map._HOME[name]]
    assert getattr(home, name) is thing
    assert name in home.__all__
    assert name in dir(care_map)


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = care_map.no_such_name


def test_importing_the_package_loads_nothing_heavy():
    code = "import care_map, sys; print({'numba', 'pandas', 'osmium'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(Path(care_map.__file__).parents[1]), "PATH": ""},
    )
    assert done.stdout.strip() == "set()"


def test_the_lines_of_the_notebook(tmp_path):
    study = cm.read_study(write_study(tmp_path))
    result = cm.assess(study)
    assert {"unit_id", "covered", "rate_low"} <= set(result.coverage_by_unit.columns)
    folder = cm.write_outputs(result, tmp_path / "outputs" / "wanzhou")
    assert (folder / "internal" / "map.html").is_file()
    assert cm.check(study) is not None
    network = cm.read_network(tmp_path / "roads.geojson")
    there = cm.route(network, degrees(500, 0), degrees(1400, 0), profile="standard")
    assert there.minutes == pytest.approx(15, abs=1e-3)
    assert there.length_m == pytest.approx(900, abs=0.1)
    report = cm.network_report(network, demand=result.demand).set_index(["mode", "item"])["value"]
    assert report["foot", "demand_no_point"] == pytest.approx(2 / 18)
    assert result.network_report.set_index(["mode", "item"])["value"].to_dict() == pytest.approx(
        {key: value for key, value in report.items() if key[0] == "foot"}
    )
    assert cm.path_completeness(network, result.units)["score"].eq(0).all()
    with pytest.raises(cm.InputError):
        cm.network_report(network, profiles=["straight_line"])
    polygons = cm.isochrone(network, [degrees(500, 0)], minutes=[10, 15])
    assert isinstance(polygons, gpd.GeoDataFrame)
    lon, lat = cm.gcj02_to_wgs84(*cm.wgs84_to_gcj02(108.38, 30.81))
    assert (float(lon), float(lat)) == pytest.approx((108.38, 30.81), abs=1e-8)
    lon, lat = cm.bd09_to_wgs84(*cm.wgs84_to_bd09(108.38, 30.81))
    assert (float(lon), float(lat)) == pytest.approx((108.38, 30.81), abs=1e-8)


def test_errors_are_values_and_carry_their_problems():
    with pytest.raises(cm.InputError) as raised:
        cm.read_study("no/such/study.toml")
    assert isinstance(raised.value, ValueError)
    assert isinstance(raised.value, cm.CareMapError)
    assert [problem.code for problem in raised.value.problems] == ["study_missing"]
