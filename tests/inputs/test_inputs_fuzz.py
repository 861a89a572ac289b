"""Whatever bytes a file holds, the only exception is ours."""

import contextlib
import io
import string
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from care_map.config import DemandSource, FacilitySource, Study, UnitSource
from care_map.errors import CareMapError
from care_map.inputs.load import load_inputs
from care_map.messages import catalogue

FUZZ = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
HEADERS = [
    "名称",
    "代码",
    "编号",
    "经度",
    "纬度",
    "wkt",
    "老年人数",
    "年龄",
    "类型",
    "级别",
    "上级代码",
]
CELLS = [
    "",
    "0",
    "-1",
    "108.4",
    "30.8",
    "甲",
    "POINT(1 2)",
    "POINT EMPTY",
    "1e400",
    "nan",
    "合计",
    '"',
]


def read_all(folder: Path, name: str) -> None:
    """Read the file as every kind of table; each problem must have its sentences."""
    path = Path(name)
    study = Study(
        root=folder,
        name="fuzz",
        units=(UnitSource(path=path),),
        facilities=(FacilitySource(path=path, datum="bd09"),),
        demand=(DemandSource(path=path),),
    )
    with contextlib.suppress(CareMapError):
        problems = load_inputs(study).problems
        assert all(problem.line(catalogue()) for problem in problems)


@FUZZ
@given(st.binary(max_size=400))
@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.xls", "a.geojson"])
def test_random_bytes(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    read_all(tmp_path, name)


texts = st.text(alphabet=string.printable + "名称编号，；\x00", max_size=200)


@FUZZ
@given(texts)
def test_random_text(tmp_path, text):
    (tmp_path / "a.csv").write_text(text, encoding="utf-8", newline="")
    read_all(tmp_path, "a.csv")


rows = st.lists(st.lists(st.sampled_from(CELLS), max_size=6), max_size=6)


@FUZZ
@given(st.lists(st.sampled_from(HEADERS), min_size=1, max_size=6), rows)
def test_random_tables(tmp_path, headers, cells):
    text = "\n".join(",".join(row) for row in [headers, *cells])
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    read_all(tmp_path, "a.csv")


def good_workbook() -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["名称", "编号", "经度", "纬度"])
    book.active.append(["甲", 1, 108.4, 30.8])
    book.save(buffer)
    return buffer.getvalue()


WORKBOOK = good_workbook()


SIGNS = [*"=<>&\"'/tr\x00", "A1", "XFD1048576", "-1", "1e400", "9" * 30]


@FUZZ
@given(st.data())
def test_workbooks_with_words_put_in(tmp_path, data):
    """Put words of XML and of cells in strange places of a workbook's parts."""
    source = zipfile.ZipFile(io.BytesIO(WORKBOOK))
    broken = data.draw(st.sampled_from(["xl/worksheets/sheet1.xml", "xl/workbook.xml"]))
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == broken:
                at = data.draw(st.integers(0, len(content)))
                gone = data.draw(st.integers(0, 8))
                word = data.draw(st.sampled_from(SIGNS)).encode()
                content = content[:at] + word + content[at + gone :]
            target.writestr(name, content)
    read_all(tmp_path, "a.xlsx")


@FUZZ
@given(st.data())
def test_workbooks_with_flipped_bytes(tmp_path, data):
    """Flip bytes inside the unpacked parts, where the checksum of the archive does not help."""
    source = zipfile.ZipFile(io.BytesIO(WORKBOOK))
    broken = data.draw(st.sampled_from(source.namelist()))
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as target:
        for name in source.namelist():
            content = bytearray(source.read(name))
            if name == broken:
                at = data.draw(st.integers(0, len(content) - 1))
                content[at : at + 3] = data.draw(st.binary(max_size=6))
            target.writestr(name, bytes(content))
    read_all(tmp_path, "a.xlsx")
