"""From an OSM extract alone to a finished run, on two real ones."""

import json

import openpyxl
import pandas as pd
import pytest

from care_map.messages import catalogue
from care_map.schema import ISSUES
from care_map.workflows.run import Run, run
from care_map.workflows.start import start

pytestmark = pytest.mark.real_data

PARISHES = {
    "Andorra la Vella",
    "Encamp",
    "Escaldes-Engordany",
    "La Massana",
    "Ordino",
    "Sant Julià de Lòria",
}


def started(extract, folder) -> Run:
    study, problems = start(extract, out=folder)
    return run(study, more_problems=problems)


@pytest.fixture(scope="module")
def andorra(shared_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("andorra") / "study"
    return started(shared_data / "andorra" / "andorra.osm.pbf", folder)


@pytest.fixture(scope="module")
def helsinki(shared_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("helsinki") / "study"
    return started(shared_data / "helsinki" / "helsinki.osm.pbf", folder)


@pytest.fixture(params=["andorra", "helsinki"])
def either(request):
    return request.getfixturevalue(request.param)


def issues(done):
    table = pd.read_csv(done.folder / "issues.csv", encoding="utf-8-sig", keep_default_na=False)
    assert list(table.columns) == ISSUES.names
    return table


def test_the_folder_is_complete(either):
    internal = either.folder / "internal"
    for name in ("map.html", "report.xlsx", "layers.gpkg", "tables/coverage_by_unit.parquet"):
        assert (internal / name).stat().st_size > 0
    for name in ("summary.json", "manifest.json", "issues.csv"):
        assert (either.folder / name).stat().st_size > 0
    table = either.result.coverage_by_unit
    parts = table["covered"] + table["uncovered"] + table["undetermined"]
    assert (parts == table["elders"]).all()
    whole = table[(table["level"] == "all") & (table["setting"] == "all")]
    assert (whole["elders"] == 10_000).all()
    assert (whole["covered"] > 0).any()


def test_proxies_and_weights_say_so_on_every_output(either):
    assert {"proxy", "weights"} <= set(either.result.labels)
    texts = catalogue("zh")
    said = [texts.text("data.proxy"), texts.text("data.weights")]
    page = (either.folder / "internal" / "map.html").read_text(encoding="utf-8")
    book = openpyxl.load_workbook(either.folder / "internal" / "report.xlsx", read_only=True)
    for sentence in said:
        assert sentence in page
        for sheet in book.worksheets:
            head = " ".join(str(c.value) for row in sheet["A1:H6"] for c in row if c.value)
            assert sentence in head, sheet.title
    summary = json.loads((either.folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["data"] == "proxy"


def test_six_parishes_of_andorra_and_a_seventh_that_is_cut(andorra):
    units = andorra.result.units
    assert set(units.loc[units["level"] == "town", "name"]) == PARISHES
    assert units.geometry.notna().all()
    listed = issues(andorra)
    cut = listed[listed["code"] == "admin_not_closed"]
    assert len(cut) == 1
    assert "Canillo" in cut["message"].iloc[0]


def test_helsinki_is_one_unit_and_that_is_listed(helsinki):
    assert len(helsinki.result.units) == 1
    name = helsinki.result.units["name"].iloc[0]
    listed = issues(helsinki)
    hull = listed[listed["code"] == "unit_hull"]
    assert len(hull) == 1
    assert name in hull["message"].iloc[0]


def test_what_both_steps_find_is_listed_once(either):
    listed = issues(either)
    assert not listed.duplicated().any()
