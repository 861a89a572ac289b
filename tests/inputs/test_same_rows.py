"""The same rows in every kind of file are the same table."""

import shutil
from functools import partial

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely

import care_map as cm
from care_map.inputs.load import read_inputs

ROWS = pd.DataFrame(
    {
        "facility_id": ["F1", "F2", "F3"],
        "name": ["高笋塘养老服务站", "太白岩老年食堂", "无坐标敬老院"],
        "roles": ["社区养老服务站", "老年食堂、送餐企业", "敬老院"],
        "beds": ["20", "", "35"],
        "updated": ["2021-06-30", "2022-01-01", ""],
    }
)
POINTS = [shapely.Point(108.405, 30.805), shapely.Point(108.415, 30.815), None]
TEXT = ROWS.assign(
    lon=["" if point is None else str(point.x) for point in POINTS],
    lat=["" if point is None else str(point.y) for point in POINTS],
)
WKT = ROWS.assign(wkt=["" if point is None else point.wkt for point in POINTS])
LAYER = gpd.GeoDataFrame(ROWS, geometry=POINTS, crs=4326)


def workbook(file):
    book = openpyxl.Workbook()
    for row in [list(TEXT.columns), *TEXT.to_numpy().tolist()]:
        book.active.append(row)
    book.save(file)


def kmz(file):
    inner = file.with_name("doc.kml")
    pyogrio.write_dataframe(LAYER, inner, driver="KML")
    shutil.make_archive(str(file.with_suffix("")), "zip", file.parent, inner.name)
    file.with_suffix(".zip").rename(file)
    inner.unlink()


WRITERS = {
    "list.csv": lambda file: TEXT.to_csv(file, index=False),
    "bom.csv": lambda file: TEXT.to_csv(file, index=False, encoding="utf-8-sig"),
    "gb.csv": lambda file: TEXT.to_csv(file, index=False, encoding="gb18030"),
    "tab.tsv": lambda file: TEXT.to_csv(file, index=False, sep="\t"),
    "semicolon.txt": lambda file: TEXT.to_csv(file, index=False, sep=";"),
    "wkt.csv": lambda file: WKT.to_csv(file, index=False),
    "list.xlsx": workbook,
    "list.geojson": partial(pyogrio.write_dataframe, LAYER),
    "list.gpkg": partial(pyogrio.write_dataframe, LAYER),
    "utf8.shp": lambda file: pyogrio.write_dataframe(
        LAYER.rename(columns={"facility_id": "id"}), file, encoding="utf-8"
    ),
    "gb.shp": lambda file: pyogrio.write_dataframe(
        LAYER.rename(columns={"facility_id": "id"}), file, encoding="gb18030"
    ),
    "list.kml": lambda file: pyogrio.write_dataframe(LAYER, file, driver="KML"),
    "list.kmz": kmz,
    "list.parquet": LAYER.to_parquet,
    "plain.parquet": TEXT.to_parquet,
}


def table(folder, name):
    text = f'[study]\nname = "同表"\n[[facilities]]\npath = "{name}"\n'
    if ".km" in name:  # beside the column there is the id that every place in KML has
        text += 'columns = { facility_id = "facility_id" }\n'
    (folder / "study.toml").write_text(text, encoding="utf-8")
    inputs = read_inputs(cm.read_study(folder))
    assert not [problem for problem in inputs.problems if problem.severity == "error"]
    rows = inputs.facilities.to_crs(4326)
    at = [None if p is None else (round(p.x, 9), round(p.y, 9)) for p in rows.geometry]
    beds = [None if pd.isna(count) else int(count) for count in rows["beds"]]
    words = (rows[column] for column in ("facility_id", "name", "roles", "updated"))
    return list(zip(*words, beds, at, strict=True))


@pytest.mark.parametrize("name", WRITERS)
def test_same_rows(tmp_path, name):
    WRITERS[name](tmp_path / name)
    assert table(tmp_path, name) == [
        ("F1", "高笋塘养老服务站", "community_station", "2021-06-30", 20, (108.405, 30.805)),
        ("F2", "太白岩老年食堂", "meal_point;meal_provider", "2022-01-01", None, (108.415, 30.815)),
        ("F3", "无坐标敬老院", "care_home", "", 35, None),
    ]
