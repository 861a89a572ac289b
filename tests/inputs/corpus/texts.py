"""Encodings, headers, cells, dates, lists and numbers as people write them."""

import datetime as dt

import geopandas as gpd
import shapely
from inputs.corpus.case import HEAD, HERE, ROW, Case, book, cells, elders, facilities, raw, text

GOOD = f"{HEAD}\n{ROW}\n"
TAIWAN = (
    "名稱,類型\n臺北市信義老人服務中心,社區照顧關懷據點\n松山社區照顧關懷據點,社區照顧關懷據點\n"
)
AS_TAIWAN = 'columns = { name = "名稱", roles = "類型" }'


def shapefile(written, stated):
    """Write points with names in one encoding and a .cpg that states another, or none."""

    def build(folder):
        names = ["高笋塘养老服务站", "太白岩老年服务站"]
        frame = gpd.GeoDataFrame(
            {"name": names, "roles": ["社区养老服务站"] * 2},
            geometry=[shapely.Point(108.405, 30.805)] * 2,
            crs=4326,
        )
        frame.to_file(folder / "list.shp", encoding=written)
        (folder / "list.cpg").unlink()
        if stated:
            (folder / "list.cpg").write_text(stated, encoding="ascii")
        return "list.shp"

    return build


ENCODINGS = [
    Case("encoding", "UTF-8 with its mark", raw(GOOD.encode("utf-8-sig")), {}, 1, 1),
    Case("encoding", "GB18030", raw(GOOD.encode("gb18030")), {"encoding_not_utf8": 1}, 1, 1),
    Case(
        "encoding",
        "GBK from Excel, CRLF",
        raw(GOOD.replace("\n", "\r\n").encode("gbk")),
        {"encoding_not_utf8": 1},
        1,
        1,
    ),
    Case(
        "encoding",
        "Big5",
        raw(TAIWAN.encode("big5")),
        {"encoding_not_utf8": 1, "facility_without_point": 2},
        2,
        2,
        settings=AS_TAIWAN,
    ),
    Case(
        "encoding",
        "UTF-16 with its mark",
        raw(GOOD.encode("utf-16")),
        {"encoding_not_utf8": 1},
        1,
        1,
    ),
    Case(
        "encoding",
        "UTF-16 without a mark",
        raw(GOOD.encode("utf-16-le")),
        {"encoding_unknown": 1},
        1,
        0,
    ),
    Case(
        "encoding", "no encoding at all", raw(b"name\n\xff\xff\x80"), {"encoding_unknown": 1}, 1, 0
    ),
    Case(
        "encoding",
        "UTF-8 cut inside a character",
        raw(GOOD.encode()[:-1] + "站".encode()[:2]),
        {"encoding_unknown": 1},
        1,
        0,
    ),
    Case(
        "encoding",
        "a GB18030 row under UTF-8 ones",
        raw(GOOD.encode() + ROW.encode("gb18030")),
        {"encoding_unknown": 1},
        2,
        0,
    ),
    Case(
        "encoding",
        "UTF-8 mark before GB18030",
        raw(b"\xef\xbb\xbf" + GOOD.encode("gb18030")),
        {"encoding_unknown": 1},
        1,
        0,
    ),
    Case(
        "encoding",
        "UTF-8 read as Latin-1 and saved again",
        raw(GOOD.encode().decode("latin-1").encode()),
        {"column_missing": 1},
        1,
        0,
    ),
    Case(
        "encoding",
        "zero bytes between the rows",
        raw(f"{HEAD}\n\0\n{ROW}\n".encode()),
        {"role_missing": 1, "facility_without_point": 1},
        2,
        2,
    ),
    Case(
        "encoding",
        "shapefile in GB18030 that does not say so",
        shapefile("gb18030", ""),
        {"encoding_not_utf8": 1},
        2,
        2,
    ),
    Case(
        "encoding",
        "shapefile in GB18030 that says UTF-8",
        shapefile("gb18030", "UTF-8"),
        {"cpg_wrong": 1},
        2,
        2,
    ),
    Case(
        "encoding",
        "shapefile in UTF-8 that says GBK",
        shapefile("utf-8", "GBK"),
        {"cpg_wrong": 1},
        2,
        2,
    ),
    Case(
        "encoding",
        "shapefile that says nonsense",
        shapefile("utf-8", "KLINGON"),
        {"cpg_wrong": 1},
        2,
        2,
    ),
]

TWO_NAMES = "机构名称,单位名称,类型,经度,纬度"
HEADERS = [
    Case(
        "header",
        "a merged number",
        book(["名称", "床位"], ["甲站", 30], ["乙站", None], merged=["B2:B3"]),
        {"merged_count": 1, "roles_missing": 2, "facility_without_point": 2},
        2,
        2,
    ),
    Case(
        "header",
        "titles above",
        text("某区养老机构一览表,,,", "", HEAD, ROW),
        {"title_rows_skipped": 1},
        1,
        1,
    ),
    Case(
        "header",
        "a column that nobody knows",
        facilities(f"{ROW},甲", head=f"{HEAD},经办人"),
        {"columns_unknown": 1},
        1,
        1,
    ),
    Case(
        "header",
        "two columns of names",
        facilities(f"甲,乙,社区养老服务站,{HERE}", head=TWO_NAMES),
        {"column_ambiguous": 1},
        1,
        0,
    ),
    Case(
        "header",
        "two columns of names, the study says which",
        facilities(f"甲,乙,社区养老服务站,{HERE}", head=TWO_NAMES),
        {"columns_unknown": 1},
        1,
        1,
        settings='columns = { name = "单位名称" }',
    ),
    Case(
        "header",
        "the same header twice",
        facilities(f"{ROW},3,4", head=f"{HEAD},床位,床位"),
        {"column_ambiguous": 1},
        1,
        0,
    ),
    Case(
        "header",
        "no names",
        facilities(f"社区养老服务站,{HERE}", head="类型,经度,纬度"),
        {"column_missing": 1},
        1,
        0,
    ),
    Case("header", "no header at all", text(ROW, ROW), {"column_missing": 1}, 2, 0),
    Case(
        "header",
        "the study names a header that is not there",
        facilities(ROW),
        {"header_missing": 1},
        1,
        0,
        settings='columns = { beds = "床数" }',
    ),
    Case(
        "header",
        "wide letters, blanks, stars",
        facilities(ROW, head=" 名 称*,类型：,经度,纬度"),
        {},
        1,
        1,
    ),
    Case(
        "header",
        "a header without a word",
        facilities(f"{ROW},x", head=f"{HEAD},"),
        {"row_too_long": 1},
        1,
        1,
    ),
    Case(
        "header",
        "a blank header between others",
        facilities(f"甲站,x,社区养老服务站,{HERE}", head="名称,,类型,经度,纬度"),
        {"columns_unknown": 1},
        1,
        1,
    ),
    Case(
        "header", "a row longer than the header", facilities(f"{ROW},x"), {"row_too_long": 1}, 1, 1
    ),
    Case(
        "header",
        "a longitude only",
        facilities("甲站,社区养老服务站,108.4", head="名称,类型,经度"),
        {"coordinate_column_missing": 1, "facility_without_point": 1},
        1,
        1,
    ),
    Case(
        "header",
        "repeated for the next page",
        facilities(ROW, HEAD, ROW.replace("甲", "乙")),
        {"header_repeated": 1},
        3,
        2,
    ),
    Case(
        "header",
        "over two rows, merged",
        book(
            ["名称", "类型", "坐标", None],
            [None, None, "经度", "纬度"],
            ["甲站", "社区养老服务站", 108.405, 30.805],
            merged=["A1:A2", "B1:B2", "C1:D1"],
        ),
        {},
        1,
        1,
    ),
    Case(
        "header",
        "below twenty rows of title",
        text(*["说明,,,"] * 25, HEAD, ROW),
        {"column_missing": 1},
        1,
        0,
    ),
    Case(
        "header",
        "Chinese and English at once",
        facilities(f"甲站,A,社区养老服务站,{HERE}", head="名称,name,类型,经度,纬度"),
        {"column_ambiguous": 1},
        1,
        0,
    ),
]

CELLS = [
    Case(
        "cell",
        "neither yes nor no",
        cells("是否送餐", "是", "否", "也许"),
        {"cell_flag": 1, "roles_missing": 3},
        3,
        3,
    ),
    Case(
        "cell",
        "a type that nobody knows",
        cells("类型", "动物园"),
        {"code_unknown": 1, "role_missing": 1},
        1,
        1,
    ),
    Case("cell", "a type with an invisible sign", cells("类型", "社区养老服务站\u200b"), {}, 1, 1),
    Case(
        "cell",
        "a stage that nobody knows",
        cells("状态", "快了"),
        {"code_unknown": 1, "roles_missing": 1},
        1,
        1,
    ),
    Case("cell", "a footer", facilities(ROW, "合计,1,,"), {"footer_skipped": 1}, 2, 1),
    Case(
        "cell",
        "a footer in the second column",
        facilities(f"1,甲站,社区养老服务站,{HERE}", ",总 计：,,,", head="序号,名称,类型,经度,纬度"),
        {"footer_skipped": 1},
        2,
        1,
    ),
    Case("cell", "no name", facilities(ROW, f",社区养老服务站,{HERE}"), {"cell_required": 1}, 2, 2),
    Case("cell", "over two lines", facilities(f'"甲\n站",社区养老服务站,{HERE}'), {}, 1, 1),
    Case(
        "cell",
        "a quote that is not closed",
        facilities(ROW, f'"乙站,社区养老服务站,{HERE}'),
        {"facility_without_point": 1, "role_missing": 1},
        2,
        2,
    ),
    Case(
        "cell",
        "an error of the spreadsheet",
        cells("床位", "#REF!", "#DIV/0!", "#N/A"),
        {"cell_number": 2, "roles_missing": 3},
        3,
        3,
    ),
    Case(
        "cell",
        "a town merged over its rows",
        book(
            ["名称", "类型", "街道", "经度", "纬度"],
            ["甲站", "药店", "甲街道", 108.405, 30.805],
            ["乙站", "药店", None, 108.406, 30.805],
            ["丙站", "药店", None, 108.407, 30.805],
            merged=["C2:C4"],
        ),
        {"merged_filled": 2},
        3,
        3,
    ),
    Case(
        "cell",
        "a formula that was never worked out",
        book(["名称", "类型", "床位", "经度", "纬度"], ["甲站", "药店", "=1+2", 108.405, 30.805]),
        {"formula_without_value": 1},
        1,
        1,
    ),
    Case(
        "cell",
        "which of two groups",
        elders("对象类别", "特困", "分散特困"),
        {"code_ambiguous": 1},
        2,
        2,
        table="demand",
    ),
    Case(
        "cell",
        "a blank row between others",
        facilities(ROW, ",,,", ROW.replace("甲", "乙")),
        {},
        2,
        2,
    ),
]

DATE = "运营日期"
WORDS = {"roles_missing": 1}
DATES = [
    Case(
        "date",
        "four styles",
        cells(DATE, "2021-06-30", "2021年6月30日", "20210630", "2021/6/30"),
        {"roles_missing": 4},
        4,
        4,
    ),
    Case(
        "date",
        "a date of the spreadsheet",
        book(["名称", DATE], ["甲站", dt.date(2021, 6, 30)]),
        {**WORDS, "facility_without_point": 1},
        1,
        1,
    ),
    *(
        Case("date", name, cells(DATE, value), {**WORDS, "cell_date": 1}, 1, 1)
        for name, value in {
            "30 February": "2021-02-30",
            "the number that spreadsheets keep": "44377",
            "a year of the Republic": "109.5.29",
            "no day": "2021年6月",
            "the day first": "30/06/2021",
            "a month 13": "2021-13-01",
            "noughts": "0000-00-00",
            "a word": "去年底",
            "two dates": "2021.6.30-2022.6.30",
            "a year": "2021",
            "two digits of a year": "21-06-30",
        }.items()
    ),
]

LISTS = [
    Case(
        "list",
        "every separator",
        cells("类型", "敬老院、药店；诊所;医院,护理院，老年食堂"),
        {},
        1,
        1,
    ),
    Case("list", "separators at its ends", cells("类型", "、敬老院；；"), {}, 1, 1),
    Case("list", "the same word twice", cells("类型", "敬老院、养老院"), {}, 1, 1),
    Case("list", "a line each", cells("类型", "敬老院\n药店"), {}, 1, 1),
    Case("list", "one word of two", cells("类型", "敬老院、动物园"), {"code_unknown": 1}, 1, 1),
    Case(
        "list",
        "a slash",
        cells("类型", "敬老院/药店"),
        {"code_unknown": 1, "role_missing": 1},
        1,
        1,
    ),
    Case(
        "list",
        "a blank",
        cells("类型", "敬老院 药店"),
        {"code_unknown": 1, "role_missing": 1},
        1,
        1,
    ),
    Case("list", "only separators", cells("类型", "、；"), {"role_missing": 1}, 1, 1),
    Case("list", "words for nothing", cells("类型", "—", "/", "N/A"), {"role_missing": 3}, 3, 3),
    Case(
        "list",
        "groups, one that nobody knows",
        elders("对象类别", "独居、快乐"),
        {"code_unknown": 1},
        1,
        1,
        table="demand",
    ),
    Case(
        "list", "needs, all known", elders("服务需求", "助餐、助浴；助医"), {}, 1, 1, table="demand"
    ),
]

NUMBERS = [
    Case(
        "number",
        "units of measure",
        cells("建筑面积", "1500㎡", "１５００", "1,500 平方米", "1500m²"),
        {"roles_missing": 4},
        4,
        4,
    ),
    Case("number", "counters", cells("床位", "20张", "20 个", "20.0"), {"roles_missing": 3}, 3, 3),
    *(
        Case("number", name, cells("床位", value), {"roles_missing": 1, "cell_number": 1}, 1, 1)
        for name, value in {
            "about": "约300",
            "or so": "300左右",
            "a span": "60-70",
            "in words": "三百",
            "a comma in a strange place": "1,23",
            "a time of day": "12:30",
            "beyond all bounds": "1e999",
            "two points": "3..4",
            "more than": "300+",
            "a sum": "20+10",
        }.items()
    ),
    Case(
        "number", "half a bed", cells("床位", "12.5"), {"roles_missing": 1, "cell_integer": 1}, 1, 1
    ),
    Case(
        "number",
        "beds below nought",
        cells("床位", "-3"),
        {"roles_missing": 1, "count_negative": 1},
        1,
        1,
    ),
    Case(
        "number",
        "half an elder",
        elders("人数", "12.5"),
        {"count_not_whole": 1, "elders_missing": 1},
        1,
        0,
        table="demand",
    ),
    Case(
        "number",
        "no elders told",
        elders("人数", "3", "", "约3"),
        {"cell_number": 1, "elders_missing": 2},
        3,
        1,
        table="demand",
    ),
    Case(
        "number",
        "elders below nought",
        elders("人数", "-3"),
        {"count_negative": 1},
        1,
        0,
        table="demand",
    ),
    Case(
        "number",
        "younger than elders are",
        elders("年龄", "80", "59", "3"),
        {"younger_than_elder_age": 2},
        3,
        1,
        table="demand",
    ),
    Case(
        "number",
        "an age in words",
        elders("年龄", "八十"),
        {"cell_number": 1},
        1,
        1,
        table="demand",
    ),
    Case(
        "number",
        "degrees, minutes and seconds",
        facilities("甲站,药店,108°24′18″E,30°48.3′N", "乙站,药店,东经108.405度,北纬30.805°"),
        {},
        2,
        2,
    ),
    Case(
        "number",
        "degrees of the wrong side",
        facilities("甲站,药店,30.805°N,108.405°E"),
        {"cell_coordinate": 2, "facility_without_point": 1},
        1,
        1,
    ),
    Case(
        "number",
        "sixty minutes",
        facilities("甲站,药店,108°60′,30.805"),
        {"cell_coordinate": 1, "coordinates_incomplete": 1, "facility_without_point": 1},
        1,
        1,
    ),
    Case(
        "number",
        "about a place",
        facilities("甲站,药店,约108.4,30.805"),
        {"cell_coordinate": 1, "coordinates_incomplete": 1, "facility_without_point": 1},
        1,
        1,
    ),
]

CASES = [*ENCODINGS, *HEADERS, *CELLS, *DATES, *LISTS, *NUMBERS]
