"""A run in English: no Chinese but the data's, in Chinese and English no key in place of words."""

import csv
import json
import re
import sqlite3
import zipfile
from functools import cache

import pyarrow.parquet as pq
import pytest
import small_study
from english import longest_first, notice_words, strange
from lxml import etree

from care_map.comparison.sides import side_of
from care_map.messages import catalogue
from care_map.packs.reader import read_pack
from care_map.schema import TABLES
from care_map.workflows.run import run

CHINESE = re.compile(r"[\u2e80-\u303f\u3400-\u9fff\uff00-\uff60]+")
KEY = re.compile(r"(?<![a-z_])[a-z_]+(?:\.[a-z0-9_]+)+")
KEYS = {key for key in catalogue("en").texts if "." in key}
FIELD = re.compile(r"\{[a-z_]+\}")
# A dictionary of fields has the titles of both languages.
TITLES = {title for table in TABLES for title in (table.zh, *(one.zh for one in table.columns))}
NAMES = {
    "甲街道": "Alpha",
    "乙镇": "Beta",
    "西社区": "West",
    "东社区": "East",
    "河村": "River",
    "养老服务站": " station",
    "卫生服务中心": " health centre",
    "小研究": "Small study",
    "养老圈": "Care circle",
    "长街": "Long Street",
}
WORDS_OF_A_PART = ("t", "v", "oddFooter", "oddHeader", "definedName", "title", "creator")


@pytest.fixture(scope="module")
def english(tmp_path_factory):
    """Return a run in English whose own names have no Chinese."""
    header = 'language = "en"\ndata = "synthetic"\nas_of = 2024-03-31'
    folder = tmp_path_factory.mktemp("english")
    file = small_study.write_study(folder, header=header)
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8")
        for chinese, latin in NAMES.items():
            text = text.replace(chinese, latin)
        assert not CHINESE.search(text), path
        path.write_text(text, encoding="utf-8")
    return run(file)


@cache
def words_of(path):
    """Return every text of a file that a reader may see."""
    return frozenset(_words_of(path))


def _words_of(path):
    if path.suffix in {".html", ".json", ".qgs"}:
        # Code is no word, even where it looks for a Chinese bracket.
        yield re.sub("<script>.*?</script>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    elif path.suffix == ".csv":
        yield from _words_of_csv(path)
    elif path.suffix == ".parquet":
        for column in pq.read_table(path).columns:
            yield from (str(cell) for cell in column.unique().to_pylist())
    elif path.suffix in {".xlsx", ".docx"}:
        yield from _words_of_office(path)
    elif path.suffix == ".gpkg":
        yield from _words_of_layers(path)
    else:
        assert path.suffix == ".png", path


def _words_of_csv(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from (cell for row in csv.reader(file) for cell in row)


def _words_of_office(path):
    with zipfile.ZipFile(path) as archive:
        for part in archive.namelist():
            if not part.endswith(".xml") or "theme" in part or "styles" in part:
                continue
            for node in etree.fromstring(archive.read(part)).iter():
                if etree.QName(node).localname in WORDS_OF_A_PART:
                    yield node.text or ""
                yield node.get("name") or ""
                yield node.get("descr") or ""


def _words_of_layers(path):
    base = sqlite3.connect(path)
    tables = [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type='table'")]
    for table in tables:
        for row in base.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - names of its own tables
            yield from (cell for cell in row if isinstance(cell, str))
    base.close()


def outputs(result):
    return sorted(path for path in result.folder.rglob("*") if path.is_file())


def test_english_outputs_have_no_chinese(english):
    found = {}
    for path in outputs(english):
        texts = words_of(path) - TITLES
        pieces = {piece for text in texts for piece in CHINESE.findall(text)}
        if pieces:
            found[path.name] = pieces
    assert found == {}


def test_english_outputs_have_no_chinese_but_the_data_s(hostile_run):
    """What the notice and the lists spell may stand there whole, no mark or word between them."""
    hostile = {"甲", "𠮷野家", "野家", "＝", "养老圈"}
    own = longest_first(notice_words(read_pack("tongliang")) | hostile)
    found = {}
    for path in outputs(hostile_run):
        # A manifest holds the study as it was read.
        texts = set() if path.name == "manifest.json" else words_of(path) - TITLES
        pieces = {piece for text in texts for piece in strange(text, own)}
        if pieces:
            found[path.name] = pieces
    assert found == {}


def test_a_run_in_english_is_compared_in_english(hostile_run):
    circles = side_of(hostile_run.folder).definitions.circles
    assert len(circles) > 1
    chinese = {title for title, _ in circles.values() if CHINESE.search(title)}
    assert chinese == {"养老圈"}  # The study's own, which has no English title.


@pytest.mark.parametrize("name", ["english", "hostile_run"])
def test_no_key_stands_in_place_of_words(name, request):
    result = request.getfixturevalue(name)
    found = {}
    for path in outputs(result):
        # The page's script names its keys; its own text is looked at in the browser.
        if path.suffix in {".html", ".json"} or path.name == "field_dictionary.csv":
            continue
        for text in words_of(path):
            raw = {key for key in KEY.findall(text) if key in KEYS}
            raw |= set() if name == "hostile_run" else set(FIELD.findall(text))
            if raw:
                found.setdefault(path.name, set()).update(raw)
    assert found == {}


def test_the_map_s_script_has_every_sentence_that_it_says(english):
    page = (english.folder / "internal" / "map.html").read_text(encoding="utf-8")
    texts = json.loads(page.partition('id="payload">')[2].partition("</script>")[0])["text"]
    script = page.rpartition("const careMap =")[2]
    asked = set(re.findall(r'\bt\("(\w+)"', script))
    assert len(asked) > 60
    assert asked <= set(texts)
