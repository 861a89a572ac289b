"""Names as an attacker, or a broken export, would write them; and a real run full of them.

Every output must show them as text: no page runs them, no spreadsheet counts with them, no file
lands where they point.
"""

import csv
import io
import json
import re
from pathlib import Path

import small_study
from small_study import degrees

HTML = [
    "<script>window.ran=1</script>",
    "</script><script>window.ran=1</script>",
    "<img src=x onerror=window.ran=1>",
    "<svg onload=window.ran=1>",
    '"><img src=x onerror=window.ran=1>',
    "' onmouseover='window.ran=1",
    '" autofocus onfocus="window.ran=1',
    "<!-- <script>",
    "</title></style></textarea><b>bold</b>",
    "<a href='javascript:window.ran=1'>x</a>",
    "<iframe srcdoc='<script>parent.ran=1</script>'>",
    "<link rel=stylesheet href=https://example.org/x.css>",
    "<meta http-equiv=refresh content=0;url=https://example.org>",
    "&lt;b&gt; &amp; &#x27;",
]
SCRIPT = [
    "${window.ran=1}",
    "`${window.ran=1}`",
    "\\u003cscript\\u003e\\",
    "*/window.ran=1/*",
    "\u2028window.ran=1\u2029",
    "__proto__",
    "constructor",
]
TEMPLATE = ["{{7*7}}", "{% raw %}{{ this }}", "{low} {n} {}", "{# comment #}", "%(name)s %s %n"]
FORMULA = [
    "=HYPERLINK(1)",
    "=cmd|'/c calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1+1",
    "＝1+1",
    " =1+1",
    "0x1F",
    "1E5",
    "00123",
    "2021-06-30",
    "TRUE",
    "http://example.org/a",
]
PATH = [
    "../../etc/passwd",
    "..\\..\\windows\\system32",
    "C:\\nul",
    "CON",
    "a/b:c*d?e",
    "file:///etc/passwd",
]
CONTROL = ["bell\x07 esc\x1b[31mred", "null\x00byte", "del\x7fete\x9b", "line\r\nbreak"]
WORDS = [
    "\u202ertl<b>bold</b>",
    "\u200bzero\ufeffwidth",
    "Z\u0351\u036b\u0343\u036al\u0328\u0329g",
    "𠮷野家🏥",
    "甲" * 300,
    "x" * 2000,
]
SQL = ["'; DROP TABLE units;--", 'a" OR "1"="1', "NULL"]
XML = [
    "]]>",
    "<![CDATA[<w:t>x</w:t>]]>",
    "</w:t></w:r></w:p><w:p>",
    "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>&b;",
    "_x0041_",
]
HOSTILE = [*HTML, *SCRIPT, *TEMPLATE, *FORMULA, *PATH, *CONTROL, *WORDS, *SQL, *XML]
"""More than forty names, no two alike."""

_INVISIBLE = re.compile("[\\s\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffd]+")


def plain(text: str) -> str:
    """Return `text` with blanks and what no output can show made one blank."""
    return _INVISIBLE.sub(" ", text).strip()


def hostile_study(folder: Path) -> Path:
    """Write a study, in English, whose communities, facilities and roads have hostile names.

    The communities lie along the street one after the other, each with a facility and an elder;
    only the first few facilities operate, so that the others are gaps.
    """
    file = small_study.write_study(folder, facilities=None, elders=None, roads=False)
    wide = 6000 / len(HOSTILE)
    strips = [(wide * number, wide * (number + 1)) for number in range(len(HOSTILE))]
    _write_units(folder / "units.csv", strips)
    _write_facilities(folder / "facilities.csv", strips)
    _write_elders(folder / "elders.csv", strips)
    _write_roads(folder / "roads.geojson", strips)
    hostile = json.dumps(" ".join(name[:12] for name in HOSTILE)[:190])
    text = file.read_text(encoding="utf-8").replace('name = "小研究"', f"name = {hostile}", 1)
    header, found, rest = text.partition("[units]")
    more = [
        f"attribution = {json.dumps(' '.join(HOSTILE[:30]))}",
        f"approval_number = {json.dumps(HTML[4])}",
        'as_of = 2024-03-31\npack = "tongliang"\nlanguage = "en"',
        '[roads]\npath = "roads.geojson"',
    ]
    lists = '[[facilities]]\npath = "facilities.csv"\n[[demand]]\npath = "elders.csv"\n'
    text = "\n".join([header, *more, found]) + rest.replace("[[circle]]", f"{lists}[[circle]]", 1)
    file.write_text(text, encoding="utf-8")
    return file


def _write_units(file: Path, strips: list[tuple[float, float]]) -> None:
    rows = [
        (small_study.TOWN, "Alpha", "town", "", _box(0, 3000)),
        (small_study.COUNTRY, "Beta", "town", "", _box(3000, 6000)),
    ]
    for number, (name, (west, east)) in enumerate(zip(HOSTILE, strips, strict=True), start=1):
        town = small_study.TOWN if east <= 3000 else small_study.COUNTRY
        code = f"{town[:9]}{number if east <= 3000 else 200 + number:03d}"
        rows.append((code, name, "community", town, _box(west, east)))
    _write(file, ("unit_id", "name", "level", "parent_id", "wkt"), rows)


def _box(west: float, east: float) -> str:
    corners = [(west, -1000), (east, -1000), (east, 1000), (west, 1000), (west, -1000)]
    points = ",".join("{!r} {!r}".format(*degrees(*corner)) for corner in corners)
    return f"POLYGON(({points}))"


def _write_facilities(file: Path, strips: list[tuple[float, float]]) -> None:
    rows = [
        (
            f"F{number}",
            name,
            "community_station",
            "operating" if number < 4 else "planned",
            *degrees((west + east) / 2, 0),
            name,
            name,
            name,
            name,
        )
        for number, (name, (west, east)) in enumerate(zip(HOSTILE, strips, strict=True))
    ]
    head = ("facility_id", "name", "roles", "stage", "lon", "lat")
    _write(file, (*head, "address", "phone", "operator", "hours"), rows)


def _write_elders(file: Path, strips: list[tuple[float, float]]) -> None:
    rows = [
        (f"E{number}", number % 7 + 1, *degrees((west + east) / 2, 0))
        for number, (west, east) in enumerate(strips)
    ]
    _write(file, ("demand_id", "elders", "lon", "lat"), rows)


def _write_roads(file: Path, strips: list[tuple[float, float]]) -> None:
    ends = [-100.0, *(east for _, east in strips[:-1]), 6100.0]
    streets = [
        {
            "type": "Feature",
            "properties": {"highway": "residential", "name": name},
            "geometry": {"type": "LineString", "coordinates": [degrees(a, 0), degrees(b, 0)]},
        }
        for name, a, b in zip(HOSTILE, ends[:-1], ends[1:], strict=True)
    ]
    layer = {"type": "FeatureCollection", "features": streets}
    file.write_text(json.dumps(layer), encoding="utf-8")


def _write(file: Path, head: tuple[str, ...], rows: list[tuple]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([head, *rows])
    file.write_text(text.getvalue(), encoding="utf-8", newline="")
