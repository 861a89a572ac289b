"""Hostile names in a real run: every file holds them as text, and as nothing else."""

import csv
import io
import json
import re
import sqlite3
import zipfile

import pyarrow.parquet as pq
import pytest
from docx import Document
from hostile import HOSTILE, plain
from lxml import etree
from openpyxl import load_workbook

NAMES = {plain(name) for name in HOSTILE}
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?|-?inf|nan|")
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")
LONGEST_CELL = 32_767


def files(run, *endings):
    found = sorted(path for path in run.folder.rglob("*") if path.suffix in endings)
    assert found
    return found


def test_the_list_is_long_and_has_no_doubles():
    assert len(HOSTILE) >= 40
    assert len(set(HOSTILE)) == len(HOSTILE)


def test_every_name_is_read_as_it_is_written(hostile_run):
    units = hostile_run.result.units
    names = {plain(name) for name in units.loc[units["level"] == "community", "name"]}
    assert names == NAMES
    assert {plain(name) for name in hostile_run.result.facilities["name"]} == NAMES


def test_no_file_has_a_name_from_the_data(hostile_run):
    for path in hostile_run.folder.rglob("*"):
        assert re.fullmatch(r"[\w.-]+", path.name, re.ASCII), path
    outside = {path.name for path in hostile_run.folder.parent.iterdir()}
    assert outside == {
        "study.toml",
        "units.csv",
        "facilities.csv",
        "elders.csv",
        "roads.geojson",
        hostile_run.folder.name,
    }


def test_csv_cells_are_no_formulas(hostile_run):
    seen = set()
    for path in files(hostile_run, ".csv"):
        text = path.read_bytes().decode("utf-8-sig")
        for row in csv.reader(io.StringIO(text, newline="")):
            for cell in row:
                assert NUMBER.fullmatch(cell) or not FORMULA.match(cell), (path.name, cell)
                assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f]", cell), (path.name, cell)
                seen |= {plain(cell), plain(cell.removeprefix("'"))}
    assert seen >= NAMES


def test_csv_numbers_stay_numbers(hostile_run):
    table = hostile_run.folder / "internal" / "tables" / "coverage_by_unit.csv"
    with table.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            assert int(row["elders"]) == int(row["covered"]) + int(row["uncovered"]) + int(
                row["undetermined"]
            )


@pytest.mark.parametrize("name", ["report.xlsx", "quarterly.xlsx"])
def test_workbooks_hold_no_formulas_and_no_links(hostile_run, name):
    path = hostile_run.folder / "internal" / name
    texts = set()
    for sheet in load_workbook(path):
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            assert cell.data_type != "f", (sheet.title, cell.coordinate)
            assert cell.hyperlink is None
            if isinstance(cell.value, str):
                texts.add(plain(_unescaped(cell.value)))
    with zipfile.ZipFile(path) as archive:
        for part in archive.namelist():
            assert not re.search(r"externalLink|vbaProject", part)
            content = archive.read(part)
            assert b"<f>" not in content
            assert b"<f " not in content
    assert name == "quarterly.xlsx" or texts >= NAMES


def _unescaped(text):
    """Return a cell's text: ``_x0041_`` is how a workbook would spell an A."""
    return text.replace("_x005F_", "_")


def test_figures_of_the_report_are_numbers(hostile_run):
    book = load_workbook(hostile_run.folder / "internal" / "report.xlsx")
    rows = [row for sheet in book for row in sheet.iter_rows(values_only=True)]
    mine = [
        row for row in rows if any(isinstance(cell, str) and plain(cell) in NAMES for cell in row)
    ]
    assert len(mine) >= len(NAMES)
    assert all(any(isinstance(cell, int | float) for cell in row) for row in mine if len(row) > 8)


def test_documents_open_and_say_the_names(hostile_run):
    for path in files(hostile_run, ".docx"):
        with zipfile.ZipFile(path) as archive:
            for part in archive.namelist():
                if part.endswith((".xml", ".rels")):
                    tree = etree.fromstring(
                        archive.read(part), etree.XMLParser(resolve_entities=False)
                    )
                    assert tree.getroottree().docinfo.doctype == ""
                if part.endswith(".rels"):
                    assert b'TargetMode="External"' not in archive.read(part)
        document = Document(path)
        cells = {
            plain(cell.text)
            for table in document.tables
            for row in table.rows
            for cell in row.cells
        }
        assert document.paragraphs
        assert cells


def test_layers_hold_the_names(hostile_run):
    path = hostile_run.folder / "internal" / "layers.gpkg"
    with sqlite3.connect(path) as base:
        tables = [name for (name,) in base.execute("SELECT table_name FROM gpkg_contents")]
        assert all(re.fullmatch(r"\w+", name, re.ASCII) for name in tables)
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        units = {plain(name) for (name,) in base.execute("SELECT name FROM units") if name}
        facilities = {plain(name) for (name,) in base.execute("SELECT name FROM facilities")}
    base.close()
    assert units >= NAMES
    assert facilities >= NAMES


def test_parquet_and_csv_say_the_same(hostile_run):
    for path in files(hostile_run, ".parquet"):
        table = pq.read_table(path)
        assert table.num_columns
        for column in table.columns:
            for text in column.unique().to_pylist():
                assert not isinstance(text, str) or "\x00" not in text


def test_json_files_are_json(hostile_run):
    for path in files(hostile_run, ".json"):
        json.loads(path.read_text(encoding="utf-8"))


def test_the_script_of_the_map_cannot_be_left(hostile_run):
    page = (hostile_run.folder / "internal" / "map.html").read_text(encoding="utf-8")
    assert "\x00" not in page
    payload = page.partition('id="payload">')[2].partition("</script>")[0]
    assert not re.search("[<>&\u2028\u2029]", payload)
    names = {plain(unit["name"]) for unit in json.loads(payload)["units"]}
    assert names >= NAMES
