"""Ten elders, five covered and two undetermined: 50–70 % in every output of a run."""

import json
import re

import docx
import pandas as pd
import pyogrio
import pytest
from openpyxl import load_workbook
from small_study import write_study

from care_map.outputs.map.payload import map_payload
from care_map.workflows.run import run

ELDERS = (
    ("in", 5, 500, 0, ""),
    ("out", 3, 5000, 0, ""),
    ("nowhere", 2, None, None, ""),
)
COUNTS = {"elders": 10, "covered": 5, "uncovered": 3, "undetermined": 2}
RATES = {"rate_low": 0.5, "rate_high": 0.7}
RANGE = re.compile(r"50(\.0)?%?\s*[～–-]\s*70(\.0)?%")


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    return run(write_study(tmp_path_factory.mktemp("ten"), elders=ELDERS))


def whole(table):
    keys = {"circle": "care", "profile": "standard", "group": "all", "setting": "all"}
    for name, value in keys.items():
        table = table[table[name] == value]
    return table[table["level"] == "all"].iloc[0]


def assert_row(row):
    assert {name: int(row[name]) for name in COUNTS} == COUNTS
    assert {name: float(row[name]) for name in RATES} == RATES
    assert sum(int(row[name]) for name in ("covered", "uncovered", "undetermined")) == 10


def test_tables_and_summary(done):
    tables = done.folder / "internal" / "tables"
    csv = pd.read_csv(tables / "coverage_by_unit.csv", encoding="utf-8-sig")
    for table in (csv, pd.read_parquet(tables / "coverage_by_unit.parquet")):
        assert_row(whole(table))
    summary = json.loads((done.folder / "summary.json").read_text(encoding="utf-8"))
    assert_row(summary["circles"][0])


def test_layers(done):
    table = pyogrio.read_dataframe(
        done.folder / "internal" / "layers.gpkg", layer="coverage_by_unit", read_geometry=False
    )
    assert_row(whole(table))


def test_map(done):
    payload = map_payload(done.result)
    found = payload["rates"]["care|standard|all"]["all"]["all"]
    assert found[:6] == [10, 5, 3, 2, 0.5, 0.7]


def test_workbook(done):
    book = load_workbook(done.folder / "internal" / "report.xlsx", read_only=True)
    rows = [list(row) for sheet in book for row in sheet.iter_rows(values_only=True)]
    assert any(RANGE.search(str(cell)) for row in rows for cell in row if cell is not None)
    numbers = [[cell for cell in row if isinstance(cell, int | float)] for row in rows]
    assert [10, 5, 3, 2, 0.5, 0.7] in [row[:6] for row in numbers]


def test_report(done):
    internal = done.folder / "internal"
    page = (internal / "report.html").read_text(encoding="utf-8")
    document = docx.Document(str(internal / "report.docx"))
    for text in (page, "\n".join(paragraph.text for paragraph in document.paragraphs)):
        assert RANGE.search(text)
    cells = [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]
    wanted = ["10", "5", "3", "2", "50.0%", "70.0%"]
    assert any(row[at : at + 6] == wanted for row in cells for at in range(len(row) - 5))
