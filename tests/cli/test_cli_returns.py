"""`returns new` and `returns merge` on the command line."""

import openpyxl
import pytest

UNITS = "区划代码,名称,级别\n500101001000,甲街道,乡镇街道\n500101002000,乙镇,乡镇街道\n"
FACILITIES = (
    "设施编号,设施名称,设施类型,阶段,区划代码\n"
    "A1,甲站,社区养老服务站,运营,500101001000\nB1,乙院,养老院,运营,500101002000\n"
)
STUDY = """\
[study]
name = "甲区"
[units]
path = "units.csv"
[[facilities]]
path = "facilities.csv"
"""


@pytest.fixture
def district(tmp_path):
    """Return a study of two towns."""
    folder = tmp_path / "甲区"
    folder.mkdir()
    for name, text in (("units.csv", UNITS), ("facilities.csv", FACILITIES), ("study.toml", STUDY)):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_out_and_back(care_map, district):
    made = care_map("returns", "new", district, "--period", "2026Q4")
    assert (made.code, made.err) == (0, "")
    assert "已写出 2 份填报表（2026Q4）" in made.out
    folder = district / "returns" / "2026Q4"
    (folder / "乙镇_2026Q4.xlsx").unlink()
    book = openpyxl.load_workbook(folder / "甲街道_2026Q4.xlsx")
    book.worksheets[0]["B3"] = None
    book.save(folder / "甲街道_2026Q4.xlsx")
    merged = care_map("returns", "merge", district, folder)
    assert (merged.code, merged.err) == (0, "")
    assert "必填的单元格是空的" in merged.out
    assert "待催：乙镇" in merged.out
    assert "数据 1 行：已合并 0 行，未合并（逐行列出）1 行" in merged.out
    out = district / "outputs" / "returns" / "2026Q4"
    assert (out / "marked" / "甲街道_2026Q4.xlsx").is_file()
    told = care_map("returns", "merge", district, folder, "--json", "--out", out)
    assert told.json["summary"]["chase"] == [
        {"unit_id": "500101002000", "town": "乙镇", "state": "missing"}
    ]
    assert [p["code"] for p in told.json["problems"] if p["severity"] == "error"] == [
        "cell_required"
    ]
    english = care_map("returns", "merge", district, folder, "--language", "en", "--out", out)
    assert "to chase: 乙镇" in english.out


def test_what_is_wrong_with_the_call(care_map, district):
    twice = care_map("returns", "new", district), care_map("returns", "new", district)
    assert [answer.code for answer in twice] == [0, 2]
    assert "没有覆盖" in twice[1].err
    for args, words in (
        (("returns", "neu"), "没有这个命令"),
        (("returns", "merge", district), "没有写明收回的填报表"),
        (("returns", "merge", district, district / "none"), "没有这个文件夹"),
        (("returns", "new"), "没有写明研究"),
        (("returns", "new", district, "--period", "a/b"), "期次只能用"),
        (("returns", "new", district, "--perod", "x"), "没有这个选项"),
    ):
        answer = care_map(*args)
        assert (answer.code, answer.out) == (2, ""), args
        assert words in answer.err
    assert "care-map returns merge --help" in care_map("returns", "merge", district).err


def test_quiet_says_nothing(care_map, district):
    answer = care_map("returns", "new", district, "--quiet", "--with-elders")
    assert (answer.code, answer.out, answer.err) == (0, "", "")
