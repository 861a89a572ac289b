import datetime as dt
import zipfile
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from care_map.config import FacilitySource, UnitSource
from care_map.inputs.files import read_raw
from care_map.inputs.findings import Findings
from care_map.schema import FACILITIES, UNITS

LIST = "机构名称,床位数,地址\n甲养老院,30,东街\n乙养老院,20,西街\n"


def read(path, *, table=FACILITIES, kind=FacilitySource, **settings):
    findings = Findings(path.name)
    source = kind(path=Path(path.name), **settings)
    return read_raw(path, source, table, findings), findings.problems


def codes(problems):
    return [problem.code for problem in problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings(tmp_path, encoding):
    file = tmp_path / "list.csv"
    file.write_text(LIST, encoding=encoding)
    raw, problems = read(file)
    assert raw.cells["name"].tolist() == ["甲养老院", "乙养老院"]
    assert codes(problems) == ([] if encoding.startswith("utf-8") else ["encoding_not_utf8"])


def test_big5_is_told_from_gb18030(tmp_path):
    text = "據點名稱,行政區\n臺北市信義老人服務中心,信義區\n社區照顧關懷據點,松山區\n" * 3
    file = tmp_path / "list.csv"
    file.write_text(text, encoding="big5")
    raw, problems = read(file, columns={"name": "據點名稱"})
    assert raw.cells["name"].iloc[0] == "臺北市信義老人服務中心"
    assert problems[0].value == "BIG5"


def test_no_known_encoding(tmp_path):
    file = tmp_path / "list.csv"
    file.write_bytes(b"name\n\xff\xff\x80")
    raw, problems = read(file)
    assert raw is None
    assert codes(problems) == ["encoding_unknown"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters(tmp_path, delimiter):
    file = tmp_path / "list.txt"
    rows = [["名称", "类型", "床位"], ["甲", '"护理站；诊所,药店"', "3"]]
    file.write_text("\n".join(delimiter.join(row) for row in rows), encoding="utf-8")
    raw, _ = read(file)
    assert raw.cells.loc[2].tolist() == ["甲", "护理站；诊所,药店", "3"]


def test_titles_blank_rows_footers_and_long_rows(tmp_path):
    text = "某区养老机构一览表,,\n\n序号,名称,床位\n1,甲,3\n,,\n2,乙,4,多余\n,合 计,7\n总计：,,7\n"
    file = tmp_path / "list.csv"
    file.write_text(text, encoding="utf-8")
    raw, problems = read(file)
    assert raw.cells["name"].to_dict() == {4: "甲", 6: "乙"}
    found = [(problem.code, problem.row) for problem in problems]
    assert found == [
        ("title_rows_skipped", 3),
        ("row_too_long", 6),
        ("footer_skipped", 7),
        ("footer_skipped", 8),
    ]


def test_a_cell_over_two_lines_is_one_row(tmp_path):
    file = tmp_path / "list.csv"
    file.write_text('名称,地址\n甲,"东街\n1号"\n乙,西街\n', encoding="utf-8")
    assert read(file)[0].cells["name"].to_dict() == {2: "甲", 3: "乙"}


def problem_value(problems):
    return dict(problems[0].values).get("present")


def workbook(path, rows, *, sheets=("Sheet1",)):
    book = openpyxl.Workbook()
    book.active.title = sheets[0]
    for row in rows:
        book.active.append(row)
    for name in sheets[1:]:
        book.create_sheet(name).append(["名称"])
    book.save(path)


def test_xlsx(tmp_path):
    file = tmp_path / "list.xlsx"
    day = dt.datetime(2021, 6, 30)  # noqa: DTZ001 - Excel has no time zones
    rows = [["表一"], ["编号", "名称", "床位", "运营日期"], [500101001001, "甲", 3, day], [7, "乙"]]
    workbook(file, rows, sheets=("在营", "停业"))
    raw, problems = read(file)
    assert raw.cells["facility_id"].tolist() == ["500101001001", "7"]
    assert raw.cells["operating_date"].tolist() == ["2021-06-30", ""]
    assert raw.cells.index.tolist() == [3, 4]
    assert codes(problems) == ["first_sheet_read", "title_rows_skipped"]
    raw, problems = read(file, layer="停业")
    assert (raw, codes(problems)) == (None, ["table_empty"])
    raw, problems = read(file, layer="别的")
    assert (raw, problem_value(problems)) == (None, ("在营", "停业"))


@pytest.mark.parametrize(
    "kind", [".xlsx", ".xls", ".ods", ".gpkg", ".geojson", ".shp", ".parquet", ".kml"]
)
@pytest.mark.parametrize("content", [b"", b"no such thing", b"PK\x03\x04 broken"])
def test_damaged_files_are_findings(tmp_path, kind, content):
    file = tmp_path / f"list{kind}"
    file.write_bytes(content)
    raw, problems = read(file)
    assert raw is None
    expected = "file_damaged" if content else "file_empty"
    assert [problem.code for problem in problems if problem.severity == "error"] == [expected]


def test_a_zip_bomb_is_not_unpacked(tmp_path, monkeypatch):
    file = tmp_path / "list.xlsx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 100_000)
    monkeypatch.setattr("care_map.inputs.workbooks.MAX_BYTES", 50_000)
    assert codes(read(file)[1]) == ["file_too_large"]


def test_missing_folder_and_unknown_kind(tmp_path):
    assert codes(read(tmp_path / "no.csv")[1]) == ["file_missing"]
    (tmp_path / "a.docx").write_bytes(b"x")
    assert codes(read(tmp_path / "a.docx")[1]) == ["file_kind_unknown"]
    (tmp_path / "a.csv").mkdir()
    assert codes(read(tmp_path / "a.csv")[1]) == ["file_empty"]


@pytest.mark.parametrize("kind", [".gpkg", ".geojson", ".shp", ".parquet", ".fgb"])
def test_layers(tmp_path, kind):
    frame = gpd.GeoDataFrame(
        {"unit_id": [500101001001, 7], "name": ["东社区", "西村"], "elders": [3.0, None]},
        geometry=[shapely.box(0, 0, 1, 1), None],
        crs=4326,
    )
    file = tmp_path / f"units{kind}"
    if kind == ".parquet":
        frame.to_parquet(file)
    else:
        options = {".shp": {"encoding": "utf-8"}, ".fgb": {"SPATIAL_INDEX": "NO"}}
        frame.to_file(file, **options.get(kind, {}))
    raw, _ = read(file, table=UNITS, kind=UnitSource)
    order = raw.cells.sort_values("unit_id").index
    assert raw.cells.loc[order, "unit_id"].tolist() == ["500101001001", "7"]
    assert raw.cells.loc[order, "name"].tolist() == ["东社区", "西村"]
    assert raw.cells.loc[order, "elders"].tolist() == ["3", ""]
    assert raw.crs.to_epsg() == 4326
    assert [shape is None for shape in raw.geometry[order - 1]] == [False, True]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_shapefile_without_its_encoding(tmp_path, encoding):
    file = tmp_path / "units.shp"
    frame = gpd.GeoDataFrame(
        {"unit_id": ["1"], "name": ["高笋塘街道"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4326
    )
    frame.to_file(file, encoding=encoding)
    file.with_suffix(".cpg").unlink()
    raw, _ = read(file, table=UNITS, kind=UnitSource)
    assert raw.cells["name"].tolist() == ["高笋塘街道"]


def test_plain_parquet_and_missing_layer(tmp_path):
    pd.DataFrame({"name": ["甲"]}).to_parquet(tmp_path / "list.parquet")
    raw, _ = read(tmp_path / "list.parquet")
    assert (raw.cells["name"].tolist(), raw.geometry) == (["甲"], None)
    frame = gpd.GeoDataFrame({"name": ["甲"]}, geometry=[shapely.Point(0, 0)], crs=4326)
    frame.to_file(tmp_path / "a.gpkg", layer="homes")
    raw, problems = read(tmp_path / "a.gpkg", layer="x")
    assert (raw, problems[0].code, problem_value(problems)) == (
        None,
        "layer_missing",
        ("homes",),
    )


def test_unknown_columns_are_kept_under_their_headers(tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("名称,备注,备注,,name2\n甲,a,b,c,d\n", encoding="utf-8")
    raw, _ = read(file, columns={"name": "name2"})
    assert list(raw.cells.columns) == ["名称", "备注", "备注 (2)", "column_4", "name"]
    assert raw.unknown == ("名称", "备注", "备注 (2)", "column_4")
