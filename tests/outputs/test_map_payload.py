"""What the page is given: encodings, figures, sizes, and that nothing in it can be fetched."""

import base64
import dataclasses
import hashlib
import json
import re
import tomllib
from html.parser import HTMLParser
from importlib import resources

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from outputs.map_sample import GROUPS, METRIC, empty_sample, map_sample
from shapely import LineString, Point, box

from care_map.errors import OutputError
from care_map.messages import catalogue
from care_map.outputs.map import StudyMap, write_map
from care_map.outputs.map.cells import demand_cells
from care_map.outputs.map.coverage import FIGURES, coverage_rates
from care_map.outputs.map.geometry import ROAD_CLASSES, encode_lines, road_lines, simplify_units
from care_map.outputs.map.page import POLICY, SCRIPTS
from care_map.outputs.map.payload import as_json, map_payload

FOLDER = resources.files("care_map.outputs.map")


@pytest.fixture(scope="module")
def sample():
    return map_sample(towns=8, elders=600, roads=80)


@pytest.fixture(scope="module")
def payload(sample):
    return map_payload(sample)


@pytest.fixture(scope="module")
def html(sample):
    return StudyMap(sample).get_root().render()


def decode(flat):
    return np.cumsum(np.array(flat).reshape(-1, 2), axis=0) / 1e5


# By hand


def test_line_is_first_point_then_differences():
    lines = gpd.GeoSeries([LineString([(106.5, 29.5), (106.50001, 29.49998)])], crs=4326)
    assert encode_lines(lines) == [[10650000, 2950000, 1, -2]]


def test_line_that_shrinks_to_a_point_is_dropped():
    lines = gpd.GeoSeries([LineString([(1, 1), (1.000001, 1)])], crs=4326)
    assert encode_lines(lines) == []


def test_neighbours_keep_their_common_border():
    wave = [(100, y + 0.0) for y in range(0, 101, 5)]
    bent = [(x + (2 if i % 2 else 0), y) for i, (x, y) in enumerate(wave)]
    left = shapely.Polygon([(0, 0), *bent, (0, 100)])
    right = shapely.Polygon([(200, 0), (200, 100), *reversed(bent)])
    simple = simplify_units(gpd.GeoSeries([left, right, None], crs=METRIC))
    assert simple[0].intersection(simple[1]).area == pytest.approx(0)
    assert simple[0].union(simple[1]).area == pytest.approx(left.union(right).area)
    assert simple[2] is None


def test_cells_hold_counts_and_square_centres_only():
    points = [Point(10, 10), Point(240, 240), Point(260, 10), None]
    demand = gpd.GeoDataFrame(
        {"demand_id": list("abcd"), "elders": [1, 2, 4, 8], "groups": ["", "aged_80", "", ""]},
        geometry=points,
        crs=METRIC,
    )
    access = pd.DataFrame(
        {
            "demand_id": list("abcd"),
            "circle": "c",
            "profile": "p",
            "elders": [1, 2, 4, 8],
            "status": ["covered", "uncovered", "undetermined", "undetermined"],
        }
    )
    cells = demand_cells(demand, access, ["all", "aged_80"])
    assert cells.counts == {"c|p|all": [0, 1, 2, 0, 1, 0, 0, 4], "c|p|aged_80": [0, 0, 2, 0]}
    assert [place[:2] for place in cells.places] == [[0, 0], [1, 0]]
    assert cells.unplaced == 8
    centre = gpd.GeoSeries([Point(125, 125)], crs=METRIC).to_crs(4326)[0]
    assert np.array(cells.places[0][2:]) / 1e5 == pytest.approx([centre.x, centre.y], abs=1e-5)


def test_roads_are_classed_and_capped_by_length(monkeypatch):
    lines = [LineString([(0, y), (1000 * (y + 1), y)]) for y in range(4)]
    roads = gpd.GeoDataFrame(
        {"highway": ["motorway_link", "residential", "residential", "steps"]},
        geometry=lines,
        crs=METRIC,
    )
    found = road_lines(roads)
    assert {name: len(lines.lines) for name, lines in found.items()} == {
        "major": 1,
        "minor": 2,
        "path": 1,
    }
    small = [dataclasses.replace(road_class, vertices=3) for road_class in ROAD_CLASSES]
    monkeypatch.setattr("care_map.outputs.map.geometry.ROAD_CLASSES", tuple(small))
    capped = road_lines(roads)["minor"]
    assert (len(capped.lines), capped.left_out) == (1, 1)


# Properties


@given(
    st.lists(
        st.tuples(st.floats(-179, 179), st.floats(-85, 85)), min_size=2, max_size=30, unique=True
    )
)
def test_encoding_keeps_every_vertex_within_half_a_step(points):
    line = LineString(points)
    found = encode_lines(gpd.GeoSeries([line], crs=4326))
    if not found:
        assert np.ptp(np.rint(np.array(points) * 1e5), axis=0).max() == 0
        return
    wanted = np.rint(np.array(points) * 1e5)
    wanted = wanted[np.r_[True, (np.diff(wanted, axis=0) != 0).any(axis=1)]]
    assert decode(found[0]) * 1e5 == pytest.approx(wanted)


@given(st.text())
def test_json_reads_back_and_cannot_end_a_script(text):
    written = as_json({"name": text})
    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written)["name"] == text


def test_half_a_surrogate_pair_can_be_written():
    assert json.loads(as_json({"name": "\ud800"}))["name"] == "\ufffd"
    as_json({"name": "\ud800"}).encode("utf-8")


# Figures are those of the tables


def test_rates_are_the_rows_of_the_table(sample, payload):
    table = sample.coverage_by_unit
    ids = [unit["id"] for unit in payload["units"]]
    seen = 0
    for key, rates in payload["rates"].items():
        circle, profile, group = key.split("|")
        mine = table[
            (table[["circle", "profile", "group"]] == [circle, profile, group]).all(axis=1)
        ]
        mine = mine[mine["setting"] == "all"].set_index("unit_id")
        for place, *figures in rates["units"]:
            assert figures == pytest.approx(
                list(mine.loc[ids[place], list(FIGURES)].astype(float)), abs=1e-4, nan_ok=True
            )
            seen += 1
        whole = mine.loc["all", list(FIGURES)].astype(float)
        assert rates["all"]["all"] == pytest.approx(list(whole), abs=1e-4)
    assert seen == len(table[(table["setting"] == "all") & (table["level"] != "all")])


def test_elders_in_no_unit_are_kept_apart():
    row = {"circle": "c", "profile": "p", "group": "all", "setting": "all", "level": "town"}
    row |= dict.fromkeys(FIGURES, 1)
    table = pd.DataFrame([{**row, "unit_id": "none"}, {**row, "unit_id": "t1", "elders": 7}])
    rates = coverage_rates(table, ["t1"])["c|p|all"]
    assert rates["none"]["town"] == [1] * 9
    assert rates["units"] == [[0, 7, *[1] * 8]]


def test_infinite_and_missing_figures_are_null():
    row = {"circle": "c", "profile": "p", "group": "all", "setting": "all", "level": "town"}
    row |= dict.fromkeys(FIGURES, 0) | {"rate_low": np.nan, "median_minutes": np.inf}
    table = pd.DataFrame([{**row, "unit_id": "t1"}])
    assert coverage_rates(table, ["t1"])["c|p|all"]["units"] == [
        [0, 0, 0, 0, 0, None, 0, None, 0, 0]
    ]


def test_cells_add_up_to_the_elders_with_points(sample, payload):
    placed = sample.demand[sample.demand.geometry.notna()]
    flat = payload["cells"]["counts"]["elder_care_15|standard|all"]
    assert sum(np.array(flat).reshape(-1, 4)[:, 1:].ravel()) == placed["elders"].sum()
    assert {group["id"] for group in payload["groups"]} == set(GROUPS)


def test_official_profile_comes_first(payload):
    assert [profile["id"] for profile in payload["circles"][0]["profiles"]] == ["standard", "elder"]


def test_what_is_missing_is_said():
    notes = map_payload(empty_sample())["notes"]
    texts = catalogue("zh")
    for code in ("no_coverage", "no_shapes", "no_facilities", "no_demand", "no_roads"):
        assert texts.text(f"map.note.{code}") in notes


def test_facility_without_a_point_is_counted(sample, payload):
    assert len(payload["facilities"]) == len(sample.facilities) - 1
    assert catalogue("zh").text("map.note.facilities_unplaced", count=1) in payload["notes"]


# The page


def test_vendored_files_are_unmodified():
    vendor = FOLDER / "vendor"
    listed = tomllib.loads((vendor / "VENDOR.toml").read_text(encoding="utf-8"))
    for package in listed.values():
        for name, digest in package["sha256"].items():
            content = vendor.joinpath(*name.split("/")).read_bytes()
            assert hashlib.sha256(content).hexdigest() == digest, name
        assert package["licence_file"] in package["sha256"]
        assert package["version"]


class Links(HTMLParser):
    """Collects every attribute through which a page can ask for something."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        asks = {"src", "href", "srcset", "data", "poster", "action", "background"}
        self.found += [(tag, name, value) for name, value in attrs if name in asks]


def test_page_asks_for_nothing(html):
    links = Links()
    links.feed(html)
    # Skip links lead to places of the page itself.
    assert [link for link in links.found if not str(link[2]).startswith("#")] == []
    assert POLICY.replace("'", "&#39;") in html
    assert not re.findall(r"url\((?!data:|#|\s*\"?data:)[^)]*\)", _styles(html))
    assert "sourceMappingURL" not in html


def _styles(html):
    return "".join(re.findall(r"<style>(.*?)</style>", html, re.DOTALL))


def test_leaflet_images_stand_in_the_style(html):
    image = (FOLDER / "vendor" / "images" / "layers.png").read_bytes()
    assert base64.b64encode(image).decode() in html


def test_two_runs_give_the_same_bytes(sample, tmp_path):
    for name in ("a.html", "b.html"):
        write_map(sample, tmp_path / name)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_folder_that_is_missing_is_a_problem(tmp_path):
    with pytest.raises(OutputError) as caught:
        write_map(empty_sample(), tmp_path / "missing" / "map.html")
    assert caught.value.problems[0].message(catalogue("zh"))


def test_caller_tables_are_unchanged(sample):
    before = [table.copy() for table in (sample.units, sample.demand, sample.coverage_by_unit)]
    map_payload(sample)
    for old, new in zip(
        before, (sample.units, sample.demand, sample.coverage_by_unit), strict=True
    ):
        pd.testing.assert_frame_equal(pd.DataFrame(old), pd.DataFrame(new))


def test_every_sentence_of_the_script_is_in_both_catalogues():
    code = "".join((FOLDER / "script" / name).read_text(encoding="utf-8") for name in SCRIPTS)
    said = set(re.findall(r'\bt\("(\w+)"', code))
    for language in ("zh", "en"):
        known = {
            key.removeprefix("map.script.")
            for key in catalogue(language).texts
            if key.startswith("map.script.")
        }
        assert said <= known
    files = {entry.name for entry in (FOLDER / "script").iterdir()}
    assert files - {"compare.js"} == set(SCRIPTS)


@pytest.mark.slow
def test_large_study_stays_below_eight_megabytes(tmp_path):
    sample = map_sample(towns=40, elders=20_000, roads=16_000)
    write_map(sample, tmp_path / "map.html")
    assert (tmp_path / "map.html").stat().st_size <= 8_000_000


def test_overlapping_units_are_drawn_too():
    shapes = gpd.GeoSeries([box(0, 0, 100, 100), box(50, 0, 150, 100)], crs=METRIC)
    simple = simplify_units(shapes)
    assert simple.area.tolist() == [10_000, 10_000]
