"""A workbook of one sheet per town is read whole, and every row says which sheet it is of."""

import openpyxl
import pytest

import care_map as cm
from care_map.datum_review import with_datum
from care_map.diagnostics.datum_check import DatumVerdict
from care_map.inputs.load import read_inputs

HEAD = ["名称", "类型", "经度", "纬度"]
SHEETS = {
    "封面": [["某区养老设施名单"]],
    "甲镇": [
        ["甲镇名单"],
        HEAD,
        ["甲一站", "药店", 108.4, 30.801],
        ["甲二站", "药店", 108.4, 30.8],
    ],
    "乙镇": [HEAD, ["乙一站", "药店", 108.403, 30.801], ["合计", 1]],
    "丙镇": [HEAD],
    "空表": [],
}


@pytest.fixture
def study(tmp_path):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in SHEETS.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(tmp_path / "list.xlsx")
    text = '[study]\nname = "各镇"\n[[facilities]]\npath = "list.xlsx"\nlayer = "*"\n'
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    return cm.read_study(tmp_path)


def test_every_town_is_read(study):
    inputs = read_inputs(study)
    rows = inputs.facilities[["name", "source_file", "source_row"]]
    assert rows.to_numpy().tolist() == [
        ["甲一站", "list.xlsx#甲镇", 3],
        ["甲二站", "list.xlsx#甲镇", 4],
        ["乙一站", "list.xlsx#乙镇", 2],
    ]
    assert inputs.facilities["facility_id"].is_unique


def test_what_is_not_read_is_said(study):
    found = [(p.severity, p.code, p.source, p.row, p.value) for p in cm.check(study)]
    assert ("warning", "sheet_not_read", "list.xlsx", None, "封面") in found
    assert ("info", "sheet_not_read", "list.xlsx", None, "空表") in found
    assert ("info", "footer_skipped", "list.xlsx#乙镇", 3, "合计") in found
    assert ("warning", "table_empty", "list.xlsx#丙镇", None, None) in found
    [read] = [problem for problem in cm.check(study) if problem.code == "sheets_read"]
    assert read.values["names"] == ("甲镇", "乙镇", "丙镇")
    assert not any(severity == "error" for severity, *_ in found)


def test_no_sheet_has_the_header(tmp_path, study):
    openpyxl.Workbook().save(tmp_path / "list.xlsx")
    errors = [p.code for p in cm.check(study) if p.severity == "error"]
    assert errors == ["table_empty"]


def test_another_datum_for_one_sheet(study):
    """What would happen if one town's coordinates were of another datum can be asked."""
    verdict = DatumVerdict(
        kind="facilities",
        source="list.xlsx#甲镇",
        layer="甲镇",
        declared="wgs84",
        outcome="contradicts",
        better="gcj02",
        also_possible=(),
        shift_m={},
        points=2,
        places=2,
        evidence=(),
    )
    before = read_inputs(study).facilities.to_crs("EPSG:4326").geometry
    after = read_inputs(with_datum(study, verdict, "gcj02")).facilities.to_crs("EPSG:4326").geometry
    shift = abs(before.x.to_numpy() - after.x.to_numpy()) > 1e-3
    assert shift.tolist() == [True, True, False]
