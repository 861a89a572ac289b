"""Bombs, injections, tricks with paths, and files of no or too great a size."""

import io
import zipfile
from unittest.mock import ANY

import xlsxwriter
from inputs.corpus.case import HEAD, HERE, ROW, Case, book, facilities, raw, text

GOOD = f"{HEAD}\n{ROW}\n".encode()
LAUGHS = '<!DOCTYPE l [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + at)} "{f"&{chr(97 + at)};" * 10}">' for at in range(9)
)
LAUGH = f"{LAUGHS}]>"
THEFT = '<!DOCTYPE l [<!ENTITY j SYSTEM "file:///etc/passwd">]>'
XML = '<?xml version="1.0" encoding="UTF-8"?>'
KML = (
    '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>&j;</name>'
    f"<Point><coordinates>{HERE}</coordinates></Point></Placemark></Document></kml>"
)
GML = (
    '<ogr:FeatureCollection xmlns:ogr="http://ogr.maptools.org/" '
    'xmlns:gml="http://www.opengis.net/gml"><gml:featureMember><ogr:a fid="a.0">'
    "<ogr:geometryProperty><gml:Point><gml:pos>30.8 108.4</gml:pos></gml:Point>"
    "</ogr:geometryProperty><ogr:name>&j;</ogr:name></ogr:a></gml:featureMember>"
    "</ogr:FeatureCollection>"
)
ODS = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body>'
    '<office:spreadsheet><table:table table:name="S">{}</table:table></office:spreadsheet>'
    "</office:body></office:document-content>"
)
ODS_ROW = (
    "<table:table-row{}><table:table-cell office:value-type='string'{}><text:p>{}</text:p>"
    "</table:table-cell></table:table-row>"
)
MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="/" '
    'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'
)


def archive(**parts):
    """Return a zip of these parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return buffer.getvalue()


def workbook_parts():
    """Return the parts of a good workbook of one facility."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as workbook:
        sheet = workbook.add_worksheet()
        for at, line in enumerate((HEAD, ROW)):
            sheet.write_row(at, 0, line.split(","))
    source = zipfile.ZipFile(buffer)
    return {name: source.read(name) for name in source.namelist()}


PARTS = workbook_parts()
STRINGS, SHEET = "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"


def edited(part, old, new):
    """Return the workbook with a part changed."""
    content = PARTS[part].replace(old.encode(), new.encode(), 1)
    assert content != PARTS[part]
    return archive(**{**PARTS, part: content})


def with_entity(doctype):
    """Return the workbook whose first name is an entity."""
    content = PARTS[STRINGS].decode().replace("名称", "&j;", 1)
    head, _, rest = content.partition("<sst")
    return archive(**{**PARTS, STRINGS: f"{head}{doctype}<sst{rest}".encode()})


def ods(rows, doctype=""):
    content = f"{XML}{doctype}{ODS.format(rows)}"
    mime = "application/vnd.oasis.opendocument.spreadsheet"
    return archive(**{"mimetype": mime, "META-INF/manifest.xml": MANIFEST, "content.xml": content})


def stated(content, size):
    """State another unpacked size for the largest entry of an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        largest = max(source.infolist(), key=lambda entry: entry.file_size)
    real = largest.file_size.to_bytes(4, "little")
    check = largest.CRC.to_bytes(4, "little") + largest.compress_size.to_bytes(4, "little")
    assert content.count(check + real) == 2
    return content.replace(check + real, check + size.to_bytes(4, "little"))


KIND = "entity bomb and zip bomb"
DAMAGED, ENTITIES = {"file_damaged": 1}, {"xml_entities": 1}
HEAVY = archive(**{"doc.kml": XML + KML.replace("&j;", "a" * 500_000)})
BOMBS = [
    Case(KIND, "laughs in a workbook's words", raw(with_entity(LAUGH), "list.xlsx"), DAMAGED, 1, 0),
    Case(KIND, "theft by a workbook", raw(with_entity(THEFT), "list.xlsx"), DAMAGED, 1, 0),
    Case(KIND, "laughs in KML", raw(f"{XML}{LAUGH}{KML}".encode(), "list.kml"), ENTITIES, 1, 0),
    Case(KIND, "theft by KML", raw(f"{XML}{THEFT}{KML}".encode(), "list.kml"), ENTITIES, 1, 0),
    Case(
        KIND,
        "laughs in KMZ",
        raw(archive(**{"doc.kml": f"{XML}{LAUGH}{KML}"}), "list.kmz"),
        ENTITIES,
        1,
        0,
    ),
    Case(KIND, "laughs in GML", raw(f"{XML}{LAUGH}{GML}".encode(), "list.gml"), ENTITIES, 1, 0),
    Case(KIND, "theft by GML", raw(f"{XML}{THEFT}{GML}".encode(), "list.gml"), ENTITIES, 1, 0),
    Case(
        KIND,
        "laughs in OpenDocument",
        raw(ods(ODS_ROW.format("", "", "&j;"), LAUGH), "list.ods"),
        DAMAGED,
        1,
        0,
    ),
    Case(
        KIND,
        "a workbook of four gigabytes",
        raw(stated(archive(**PARTS), 2**32 - 2), "list.xlsx"),
        {"file_too_large": ANY},
        1,
        0,
    ),
    Case(
        KIND,
        "a KMZ of four gigabytes",
        raw(stated(HEAVY, 2**32 - 2), "list.kmz"),
        {"file_too_large": ANY},
        1,
        0,
    ),
    Case(
        KIND,
        "a workbook larger than it states",
        raw(stated(archive(**PARTS), 40), "list.xlsx"),
        DAMAGED,
        1,
        0,
    ),
    Case(KIND, "a KMZ larger than it states", raw(stated(HEAVY, 40), "list.kmz"), DAMAGED, 1, 0),
    Case(
        KIND,
        "OpenDocument rows, a million each",
        raw(
            ods(
                ODS_ROW.format(
                    ' table:number-rows-repeated="1000000"',
                    ' table:number-columns-repeated="16000"',
                    "x",
                )
            ),
            "list.ods",
        ),
        DAMAGED,
        1,
        0,
    ),
    Case(
        KIND,
        "a cell at the sheet's last corner",
        raw(edited(SHEET, 'r="D2"', 'r="XFD1048576"'), "list.xlsx"),
        {"sheet_too_far": ANY},
        1,
        0,
    ),
    Case(
        KIND,
        "a zip in a zip",
        raw(archive(**{"a.zip": archive(b=b"0" * 10_000)}), "list.xlsx"),
        DAMAGED,
        1,
        0,
    ),
]


def written(word):
    """A facility with a word for a name."""
    quoted = word.replace('"', '""')
    return facilities(f'"{quoted}",药店,{HERE}')


INJECTIONS = [
    *(
        Case("injection", word, written(word), {}, 1, 1)
        for word in (
            "=cmd|' /C calc'!A0",
            "+1+1",
            "-2+3",
            "@SUM(A1:A9)",
            '=HYPERLINK("http://x.example","开")',
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "'; DROP TABLE units; --",
            "{name.__class__}",
            "%s%n",
            "</textarea>{{7*7}}",
        )
    ),
    Case(
        "injection",
        "a formula for a type",
        facilities(f"甲站,=1+1,{HERE}"),
        {"code_unknown": 1, "role_missing": 1},
        1,
        1,
    ),
    Case(
        "injection",
        "a field of a message for a type",
        facilities(f"甲站,{{names}},{HERE}"),
        {"code_unknown": 1, "role_missing": 1},
        1,
        1,
    ),
    Case(
        "injection",
        "a formula for a header",
        facilities(f"{ROW},x", head=f"{HEAD},=1+1"),
        {"columns_unknown": 1},
        1,
        1,
    ),
]


def named(path, content=GOOD):
    """Name a path in the study; the list itself lies beside it."""

    def build(folder):
        (folder / "list.csv").write_bytes(content)
        return path

    return build


def folder_as_file(folder):
    (folder / "list.csv").mkdir()
    return "list.csv"


def link_to_itself(folder):
    (folder / "list.csv").symlink_to(folder / "list.csv")
    return "list.csv"


GONE = {"file_missing": 1}
PATHS = [
    Case("path", "a file that is not there", named("other.csv"), GONE, 1, 0),
    Case("path", "up and away", named("../../../../etc/shadow.csv"), GONE, 1, 0),
    Case("path", "the passwords", named("/etc/passwd"), {"file_kind_unknown": 1}, 1, 0),
    Case("path", "a page of the web", named("http://example.org/list.csv"), GONE, 1, 0),
    Case(
        "path", "GDAL's door to the web", named("/vsicurl/http://example.org/a.geojson"), GONE, 1, 0
    ),
    Case("path", "GDAL's door into an archive", named("/vsizip/list.zip/a.shp"), GONE, 1, 0),
    Case("path", "a zero byte", named("list.csv\0.csv"), GONE, 1, 0),
    Case("path", "a name of a thousand letters", named("x" * 1000 + ".csv"), GONE, 1, 0),
    Case("path", "a folder", folder_as_file, GONE, 0, 0),
    Case("path", "a link to itself", link_to_itself, GONE, 0, 0),
    Case("path", "roundabout", named("./sub/../list.csv"), GONE, 1, 0),
    Case(
        "path",
        "an entry that climbs out of a KMZ",
        raw(archive(**{"../../x.kml": XML + KML.replace("&j;", "甲")}), "list.kmz"),
        {"roles_missing": 1},
        1,
        1,
    ),
]


def huge(folder):
    """Three gigabytes that take no place on the disk."""
    with (folder / "list.csv").open("wb") as file:
        file.truncate(3 * 1024**3)
    return "list.csv"


MANY = [f"{at}号站,药店,{HERE}" for at in range(1500)]
SIZES = [
    Case("size", "nothing", raw(b""), {"file_empty": 1}, 0, 0),
    Case("size", "only the mark of UTF-8", raw(b"\xef\xbb\xbf"), {"table_empty": 1}, 0, 0),
    Case("size", "only blank lines", raw(b"\n\n\n"), {"table_empty": 1}, 0, 0),
    Case("size", "only a header", text(HEAD), {"table_empty": 1}, 0, 0),
    Case("size", "an empty sheet", book(), {"table_empty": 1}, 0, 0),
    Case(
        "size",
        "a layer without features",
        raw(b'{"type":"FeatureCollection","features":[]}', "list.geojson"),
        {"column_missing": 1},
        0,
        0,
    ),
    Case("size", "three gigabytes", huge, {"file_too_large": 3 * 1024**3}, 1, 0),
    Case(
        "size",
        "a cell of two hundred thousand letters",
        facilities(f"{'甲' * 200_000},药店,{HERE}"),
        DAMAGED,
        1,
        0,
    ),
    Case(
        "size",
        "a thousand columns",
        facilities(ROW + ",1" * 996, head=HEAD + "".join(f",c{at}" for at in range(996))),
        {"columns_unknown": 996},
        1,
        1,
    ),
    Case(
        "size",
        "more bad rows than are listed singly",
        facilities(*(row.replace("药店", "动物园") for row in MANY)),
        {"code_unknown": 1500, "role_missing": 1500},
        1500,
        1500,
    ),
    Case(
        "size",
        "a list in the second sheet",
        book(["见第二个工作表"], more={"名单": [HEAD.split(","), ROW.split(",")]}),
        {"column_missing": 1},
        1,
        0,
    ),
    Case(
        "size",
        "the list's own sheet, named",
        book(["说明"], more={"名单": [HEAD.split(","), ROW.split(",")]}),
        {},
        1,
        1,
        settings='layer = "名单"',
    ),
    Case(
        "size",
        "bytes after the end of an archive",
        raw(archive(**PARTS) + b"\0" * 70_000, "list.xlsx"),
        DAMAGED,
        1,
        0,
    ),
]

CASES = [*BOMBS, *INJECTIONS, *PATHS, *SIZES]
