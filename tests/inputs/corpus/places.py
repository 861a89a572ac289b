"""Datums, reference systems, geometries, duplicates and labels."""

import geopandas as gpd
import pyogrio
import shapely
from inputs.corpus.case import HERE, THERE, Case, elders, facilities, raw, text

POINT = shapely.Point(108.405, 30.805)
GCJ = 'datum = "gcj02"'
BD = 'datum = "bd09"'
AWAY = "11.57,48.14"


def layer(name, geometry, crs=4326, *, prj=True):
    """Write one facility per geometry as a layer."""

    def build(folder):
        names = [f"{at}号站" for at, _ in enumerate(geometry)]
        frame = gpd.GeoDataFrame(
            {"name": names, "roles": ["药店"] * len(names)}, geometry=geometry, crs=4326
        )
        frame = frame.to_crs(crs) if crs else frame.set_crs(None, allow_override=True)
        if name.endswith("parquet"):
            frame.to_parquet(folder / name)
        else:
            options = {"encoding": "utf-8"} if name.endswith("shp") else {}
            pyogrio.write_dataframe(frame, folder / name, **options)
        if not prj:
            (folder / name).with_suffix(".prj").unlink()
        return name

    return build


def layer_said_to_be(code):
    """Write a GeoPackage of plane coordinates under a code that they are not in."""

    def build(folder):
        frame = gpd.GeoDataFrame({"name": ["甲站"], "roles": ["药店"]}, geometry=[POINT], crs=code)
        pyogrio.write_dataframe(frame, folder / "list.gpkg")
        return "list.gpkg"

    return build


def geojson(geometry, crs=""):
    """Write a GeoJSON by hand: whatever the geometry says."""
    feature = (
        '{"type":"Feature","properties":{"name":"甲站","roles":"药店"},"geometry":' + geometry + "}"
    )
    words = '{"type":"FeatureCollection",' + crs + '"features":[' + feature + "]}"
    return raw(words.encode(), "list.geojson")


def crs_of(name):
    return '"crs":{"type":"name","properties":{"name":"' + name + '"}},'


DATUMS = [
    Case(
        "datum",
        "GCJ-02 declared",
        facilities(f"甲站,药店,{HERE}"),
        {"datum_converted": 1},
        1,
        1,
        settings=GCJ,
    ),
    Case(
        "datum",
        "BD-09 declared",
        facilities(f"甲站,药店,{HERE}"),
        {"datum_converted": 1},
        1,
        1,
        settings=BD,
    ),
    Case(
        "datum",
        "CGCS2000 declared",
        facilities(f"甲站,药店,{HERE}"),
        {},
        1,
        1,
        settings='datum = "cgcs2000"',
    ),
    Case(
        "datum",
        "GCJ-02 outside China",
        facilities(f"甲站,药店,{AWAY}"),
        {"datum_outside_china": 1, "facility_without_point": 1},
        1,
        1,
        settings=GCJ,
    ),
    Case(
        "datum",
        "BD-09, one of two outside China",
        facilities(f"甲站,药店,{HERE}", f"乙站,药店,{AWAY}"),
        {"datum_outside_china": 1, "facility_without_point": 1},
        2,
        2,
        settings=BD,
    ),
    Case(
        "datum",
        "GCJ-02 and exchanged",
        facilities("甲站,药店,30.805,108.405"),
        {"coordinates_swapped": 1, "facility_without_point": 1},
        1,
        1,
        settings=GCJ,
    ),
    Case(
        "datum",
        "GCJ-02 and nought",
        facilities("甲站,药店,0,0"),
        {"coordinates_zero": 1, "facility_without_point": 1},
        1,
        1,
        settings=GCJ,
    ),
    Case(
        "datum",
        "GCJ-02 without any point",
        facilities("甲站,药店,,"),
        {"facility_without_point": 1},
        1,
        1,
        settings=GCJ,
    ),
    Case(
        "datum",
        "GCJ-02 in a GeoJSON",
        geojson('{"type":"Point","coordinates":[108.405,30.805]}'),
        {"datum_converted": 1},
        1,
        1,
        settings=GCJ,
    ),
    Case(
        "datum",
        "a datum that is none of ours",
        facilities(f"甲站,药店,{HERE}"),
        {"study_value": 1},
        1,
        0,
        settings='datum = "xian80"',
    ),
    Case(
        "datum",
        "a datum spelled otherwise",
        facilities(f"甲站,药店,{HERE}"),
        {"study_value": 1},
        1,
        0,
        settings='datum = "GCJ-02"',
    ),
]

LEFT_OUT = {"facility_without_point": 1}
SYSTEMS = [
    Case("CRS", "CGCS2000 in degrees", layer("list.gpkg", [POINT], 4490), {}, 1, 1),
    Case("CRS", "CGCS2000 in a three-degree zone", layer("list.shp", [POINT], 4545), {}, 1, 1),
    Case("CRS", "UTM", layer("list.gpkg", [POINT], 32649), {}, 1, 1),
    Case("CRS", "web Mercator", layer("list.parquet", [POINT], 3857), {}, 1, 1),
    Case(
        "CRS",
        "shapefile in degrees without .prj",
        layer("list.shp", [POINT], prj=False),
        {"crs_assumed": 1},
        1,
        1,
    ),
    Case(
        "CRS",
        "shapefile in metres without .prj",
        layer("list.shp", [POINT], 4545, prj=False),
        {"crs_missing": 1, **LEFT_OUT},
        1,
        1,
    ),
    Case(
        "CRS",
        "GeoParquet that does not say",
        layer("list.parquet", [POINT], None),
        {"crs_assumed": 1},
        1,
        1,
    ),
    Case("CRS", "Xian 1980", layer_said_to_be(4610), {"crs_refused": 1, **LEFT_OUT}, 1, 1),
    Case("CRS", "Beijing 1954", layer_said_to_be(4214), {"crs_refused": 1, **LEFT_OUT}, 1, 1),
    Case(
        "CRS", "Xian 1980 in a zone", layer_said_to_be(2360), {"crs_refused": 1, **LEFT_OUT}, 1, 1
    ),
    Case(
        "CRS",
        "metres said to be degrees",
        geojson('{"type":"Point","coordinates":[36442700,3409400]}'),
        {"coordinates_projected": 1, **LEFT_OUT},
        1,
        1,
    ),
    Case(
        "CRS",
        "metres in a list",
        facilities("甲站,药店,442700.5,3409400.2"),
        {"coordinates_projected": 1, **LEFT_OUT},
        1,
        1,
    ),
    Case(
        "CRS",
        "GeoJSON with the name of a CRS",
        geojson(
            '{"type":"Point","coordinates":[108.405,30.805]}', crs_of("urn:ogc:def:crs:EPSG::4490")
        ),
        {},
        1,
        1,
    ),
]

BOX = "POLYGON((108.40 30.80,108.41 30.80,108.41 30.81,108.40 30.81,108.40 30.80))"
BOW = "POLYGON((108.40 30.80,108.41 30.81,108.41 30.80,108.40 30.81,108.40 30.80))"
OVER = "POLYGON((108.405 30.80,108.415 30.80,108.415 30.81,108.405 30.81,108.405 30.80))"
LINE = "LINESTRING(108.40 30.80,108.41 30.81)"
LONG = "POLYGON((108.40 30.80,108.41 30.80,1e400 30.81,108.40 30.80))"


def units(*shapes):
    """Write a town per shape."""
    rows = (f'50010100{at}000,{at}镇,town,"{shape}"' for at, shape in enumerate(shapes, start=1))
    return text("unit_id,name,level,wkt", *rows)


GEOMETRIES = [
    Case(
        "geometry",
        "a polygon that crosses itself",
        units(BOW),
        {"polygon_repaired": 1},
        1,
        1,
        table="units",
    ),
    Case(
        "geometry",
        "a line for a unit",
        units(BOX, LINE),
        {"unit_without_polygon": 1},
        2,
        2,
        table="units",
    ),
    Case(
        "geometry",
        "a point for a unit",
        units(BOX, "POINT(108.4 30.8)"),
        {"unit_without_polygon": 1},
        2,
        2,
        table="units",
    ),
    Case(
        "geometry",
        "a ring that is not closed",
        units("POLYGON((108.40 30.80,108.41 30.80,108.41 30.81))"),
        {"wkt_unreadable": 1},
        1,
        1,
        table="units",
    ),
    Case(
        "geometry",
        "no WKT at all",
        units(BOX, "见附图"),
        {"wkt_unreadable": 1},
        2,
        2,
        table="units",
    ),
    Case(
        "geometry",
        "a corner beyond all bounds",
        units(BOX, LONG),
        {"coordinates_out_of_range": 1},
        2,
        2,
        table="units",
    ),
    Case("geometry", "an empty polygon", units(BOX, "POLYGON EMPTY"), {}, 2, 2, table="units"),
    Case(
        "geometry",
        "a polygon for a facility",
        text("名称,类型,wkt", f'甲站,药店,"{BOX}"'),
        {},
        1,
        1,
    ),
    Case(
        "geometry",
        "heights",
        text("名称,类型,wkt", "甲站,药店,POINT Z(108.405 30.805 300)"),
        {},
        1,
        1,
    ),
    Case(
        "geometry", "nought", facilities("甲站,药店,0,0"), {"coordinates_zero": 1, **LEFT_OUT}, 1, 1
    ),
    Case(
        "geometry",
        "exchanged",
        facilities("甲站,药店,30.805,108.405"),
        {"coordinates_swapped": 1, **LEFT_OUT},
        1,
        1,
    ),
    Case(
        "geometry",
        "off the earth",
        facilities("甲站,药店,208.4,30.8"),
        {"coordinates_out_of_range": 1, **LEFT_OUT},
        1,
        1,
    ),
    Case(
        "geometry",
        "half a place",
        facilities("甲站,药店,108.4,"),
        {"coordinates_incomplete": 1, **LEFT_OUT},
        1,
        1,
    ),
    Case("geometry", "no geometry in a layer", geojson("null"), LEFT_OUT, 1, 1),
    Case(
        "geometry",
        "a geometry of one number",
        geojson('{"type":"Point","coordinates":[108.4]}'),
        LEFT_OUT,
        1,
        1,
    ),
    Case(
        "geometry",
        "a kind that does not exist",
        geojson('{"type":"Blob","coordinates":[108.4,30.8]}'),
        LEFT_OUT,
        1,
        1,
    ),
    Case(
        "geometry",
        "words for coordinates",
        geojson('{"type":"Point","coordinates":["108.4","30.8"]}'),
        LEFT_OUT,
        1,
        1,
    ),
]

WITH_ID = "编号,名称,类型,经度,纬度"


def numbered(*ids):
    """Write facilities with these ids."""
    rows = (f"{code},{at}号站,药店,108.40{at},30.805" for at, code in enumerate(ids, start=1))
    return text(WITH_ID, *rows)


def towns(*codes):
    """Write units with these codes."""
    return text("区划代码,名称", *(f"{code},{at}镇" for at, code in enumerate(codes)))


DUPLICATES = [
    Case("duplicate", "an id twice", numbered("F1", "F1", "F2"), {"id_twice": 2}, 3, 3),
    Case("duplicate", "an id in wide letters", numbered("F1", "Ｆ１"), {"id_twice": 2}, 2, 2),
    Case("duplicate", "an id with a decimal point", numbered("7", "7.0"), {"id_twice": 2}, 2, 2),
    Case(
        "duplicate",
        "an id with an invisible sign",
        numbered("F1", "F1\u200b"),
        {"id_twice": 2},
        2,
        2,
    ),
    Case(
        "duplicate",
        "an elder's id twice",
        text("老人编号,年龄,经度,纬度", f"a,80,{HERE}", f"a,81,{HERE}"),
        {"id_twice": 2},
        2,
        2,
        table="demand",
    ),
    Case(
        "duplicate",
        "a unit's code twice",
        towns("500101001", "500101001"),
        {"id_twice": 2},
        2,
        1,
        table="units",
    ),
    Case(
        "duplicate",
        "a unit's code short and long",
        towns("500101001", "500101001000"),
        {"id_twice": 2},
        2,
        1,
        table="units",
    ),
    Case(
        "duplicate",
        "running numbers twice",
        text("序号,名称,类型,经度,纬度", f"1,甲站,药店,{HERE}", f"1,乙站,药店,{THERE}"),
        {"ids_generated": 2},
        2,
        2,
    ),
    Case(
        "duplicate",
        "codes that a spreadsheet rounded",
        towns("5.00101E+11", "500101002"),
        {"id_scientific": 1},
        2,
        2,
        table="units",
    ),
    Case(
        "duplicate",
        "the id of a row of totals",
        towns("all", "500101002"),
        {"id_reserved": 1},
        2,
        2,
        table="units",
    ),
]

LABELLED = "名称,类型,街道,经度,纬度"
CODED = "名称,类型,区划代码,经度,纬度"
LABELS = [
    Case(
        "label",
        "another town",
        facilities(f"甲站,药店,乙镇,{HERE}", head=LABELLED),
        {"label_contradicts": 1},
        1,
        1,
    ),
    Case(
        "label", "half a name", facilities(f"甲站,药店,某区甲街道,{HERE}", head=LABELLED), {}, 1, 1
    ),
    Case(
        "label",
        "the code of another town",
        facilities(f"甲站,药店,500101002,{HERE}", head=CODED),
        {"label_contradicts": 1},
        1,
        1,
    ),
    Case(
        "label",
        "a code that is in no list",
        facilities(f"甲站,药店,500199999,{HERE}", head=CODED),
        {"unit_unknown": 1},
        1,
        1,
    ),
    Case(
        "label",
        "a code of nine digits",
        facilities(f"甲站,药店,500101001,{HERE}", head=CODED),
        {},
        1,
        1,
    ),
    Case(
        "label",
        "a code as a number",
        facilities(f"甲站,药店,500101001.0,{HERE}", head=CODED),
        {},
        1,
        1,
    ),
    Case(
        "label",
        "an elder of another town",
        text("老人编号,街道,经度,纬度", f"a,乙镇,{HERE}"),
        {"label_contradicts": 1},
        1,
        1,
        table="demand",
    ),
    Case(
        "label",
        "a setting that nobody knows",
        elders("城乡", "城乡结合部"),
        {"code_unknown": 1},
        1,
        1,
        table="demand",
    ),
    Case(
        "label",
        "a level that nobody knows",
        text("代码,名称,级别", "500101001,甲镇,小区域"),
        {"code_unknown": 1},
        1,
        1,
        table="units",
    ),
    Case(
        "label",
        "a unit above itself",
        text("代码,名称,上级代码", "500101001000,甲镇,500101001000"),
        {},
        1,
        1,
        table="units",
    ),
    Case(
        "label",
        "a unit without a name",
        text("代码,名称", "500101001,"),
        {"cell_required": 1},
        1,
        1,
        table="units",
    ),
    Case(
        "label",
        "a unit without a code",
        text("代码,名称", ",甲镇", "500101002,乙镇"),
        {"cell_required": 1},
        2,
        1,
        table="units",
    ),
]

CASES = [*DATUMS, *SYSTEMS, *GEOMETRIES, *DUPLICATES, *LABELS]
