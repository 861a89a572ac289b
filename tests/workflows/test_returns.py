"""Returns: forms to forty towns, and a folder of whatever comes back."""

import json
import re
import shutil
import struct
import zipfile
from collections import Counter
from pathlib import Path

import openpyxl
import pytest

import care_map as cm
from care_map.errors import InputError, OutputError
from care_map.inputs import return_files
from care_map.messages import catalogue

SHEET, PERIOD = "养老设施", "2026Q4"
TOWNS = 3
ROWS = 3 * TOWNS
FIRST = 500101001
ID, NAME, TYPE, STAGE = "设施编号", "设施名称", "设施类型", "阶段"
BEDS, CODE = "床位数（张）", "区划代码"


def code(number):
    return f"{FIRST + number}000"


def town(number):
    # One name ends as another does.
    return f"第{ {2: 12, 11: 3}.get(number, number + 1) }镇"


def make_study(folder, *, towns=TOWNS, more="", each=3):
    """Write a study of towns with some facilities each, and one facility of no town."""
    folder.mkdir(parents=True, exist_ok=True)
    units = ["区划代码,名称,级别", *(f"{code(n)},{town(n)},乡镇街道" for n in range(towns))]
    rows = ["设施编号,设施名称,设施类型,阶段,区划代码,床位数,运营日期,送餐上门,经度,纬度,联系人"]
    for n in range(towns):
        rows += [
            f"W{n:02d}{k},{town(n)}设施{k},养老院、老年食堂,运营,{code(n)},{10 + k},"
            f"2020-0{k + 1}-05,是,{108.4 + n / 100:.4f},{30.8 + k / 100:.4f},张某{k}"
            for k in range(each)
        ]
    rows.append("W999,别处的医院,医院,运营,,约300,,,,,李某")
    for name, lines in (("units.csv", units), ("facilities.csv", rows)):
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    (folder / "study.toml").write_text(
        '[study]\nname = "甲区"\nas_of = 2026-11-30\n[units]\npath = "units.csv"\n'
        f'[[facilities]]\npath = "facilities.csv"\ndatum = "gcj02"\n{more}',
        encoding="utf-8",
    )
    return folder


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    """Return a study whose forms have been written once."""
    study = make_study(tmp_path_factory.mktemp("returns") / "study")
    forms = cm.new_returns(study)
    assert (forms.period, forms.folder) == (PERIOD, study / "returns" / PERIOD)
    return study, forms


@pytest.fixture
def back(sent, tmp_path):
    """Return a study and a folder that all forms came back to, untouched."""
    study, forms = sent
    shutil.copytree(forms.folder, tmp_path / "back")
    return study, tmp_path / "back"


@pytest.fixture
def merge(back, tmp_path):
    """Merge the folder."""
    study, folder = back
    return lambda **options: cm.merge_returns(study, folder, out=tmp_path / "out", **options)


def form(folder, number):
    return folder / f"{town(number)}_{PERIOD}.xlsx"


class Edited:
    """A workbook, open for what a town's clerk does to it."""

    def __init__(self, file, sheet=SHEET):
        self.file = file
        self.book = openpyxl.load_workbook(file)
        self.sheet = self.book[sheet]
        self.columns = {cell.value: cell.column for cell in self.sheet[2]}

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.book.save(self.file)

    def __setitem__(self, place, value):
        row, header = place
        self.sheet.cell(row, self.columns[header]).value = value

    def __getitem__(self, place):
        return self.sheet.cell(place[0], self.columns[place[1]])


def rows_of(file, sheet=None):
    """Return a sheet as a mapping per row, by header."""
    book = openpyxl.load_workbook(file)
    page = book[sheet] if sheet else book.worksheets[0]
    lines = list(page.iter_rows(values_only=True))
    top = next(at for at, line in enumerate(lines) if sum(cell is not None for cell in line) > 2)
    return [dict(zip(lines[top], line, strict=True)) for line in lines[top + 1 :]]


def codes(merged, file=None):
    return Counter(p.code for p in merged.problems if file is None or p.source == file.name)


def balanced(merged, tmp_path):
    """Check that every row that came in was merged or is listed."""
    summary = merged.summary
    assert summary["rows"] == sum(summary["merged"].values()) + summary["listed"]
    listed = rows_of(tmp_path / "out" / "report.xlsx", "未合并的行")
    assert len(listed) == summary["listed"]
    good = rows_of(tmp_path / "out" / "facilities.xlsx", SHEET)
    assert len(good) == summary["merged"]["facilities"]
    return good, listed


def test_forty_towns_two_missing_three_with_problems(tmp_path):
    """The case of the notices: forty returns, two missing, three with problems."""
    study = make_study(tmp_path / "study", towns=40)
    folder = cm.new_returns(study).folder
    form(folder, 3).unlink()
    form(folder, 7).unlink()
    with Edited(form(folder, 0)) as one:
        one[3, BEDS] = "约300"
    with Edited(form(folder, 1)) as two:
        two[4, NAME] = None
        two[3, TYPE] = "养老驿站"
    with Edited(form(folder, 2)) as three:
        three[5, ID] = three[4, ID].value
    for number in range(10, 20):
        with Edited(form(folder, number)) as good:
            good[3, BEDS] = 99
            good[6, NAME] = f"新站{number}"
            good[6, TYPE] = "社区养老服务站"
    merged = cm.merge_returns(study, folder, out=tmp_path / "out")

    summary = merged.summary
    assert (summary["towns"], summary["returned"]) == (40, 38)
    chase = rows_of(tmp_path / "out" / "chase.xlsx")
    assert [(row[CODE], row["乡镇街道"], row["情况"]) for row in chase] == [
        (code(3), town(3), "未返回"),
        (code(7), town(7), "未返回"),
    ]
    marked = sorted(file.name for file in (tmp_path / "out" / "marked").iterdir())
    assert marked == sorted(form(folder, n).name for n in range(3))

    good, listed = balanced(merged, tmp_path)
    # 38 towns of three rows, ten new ones, less one without a name and two of one id.
    assert (summary["rows"], len(good), len(listed)) == (124, 121, 3)
    there = {row[ID] for row in good}
    expected = {f"W{n:02d}{k}" for n in range(40) for k in range(3)} - {
        f"W{n:02d}{k}" for n in (3, 7) for k in range(3)
    }
    lost = {"W011", "W021", "W022"}
    assert expected - there == lost
    assert len(there - expected) == 10
    by_id = {row[ID]: row for row in good}
    assert by_id["W000"][BEDS] == "约300"
    assert by_id["W100"][BEDS] == 99
    assert by_id["W100"]["乡镇街道"] == town(10)
    assert (by_id["W102"]["来源文件"], by_id["W102"]["来源行"]) == (form(folder, 10).name, "5")
    assert by_id["W100"]["联系人"] == "张某0"
    reasons = Counter((row["文件"], row["原因"]) for row in listed)
    assert reasons == {
        (form(folder, 1).name, "必填的格空着"): 1,
        (form(folder, 2).name, "编号重复"): 2,
    }
    assert (summary["added"], summary["removed"]) == (10, 1)
    assert summary["changed_cells"] == 12
    assert codes(merged, form(folder, 0)) == {"cell_number": 1}


def test_the_study_reads_what_was_merged(back, merge, tmp_path):
    study, folder = back
    form(folder, 1).unlink()
    with Edited(form(folder, 0)) as one:
        one[3, BEDS] = "约300"
    merged = merge()
    text = (study / "study.toml").read_text("utf-8").split("[[facilities]]")[0]
    lines = "\n".join(merged.study_lines)
    again = tmp_path / "again"
    again.mkdir()
    shutil.copy(study / "units.csv", again)
    (again / "study.toml").write_text(text + lines, encoding="utf-8")
    problems = cm.check(again)
    assert [p for p in problems if p.severity == "error"] == []
    told = [p for p in problems if p.code == "cell_number"]
    assert [(p.row, p.value) for p in told] == [(2, "约300"), (5, "约300")]


def test_marked_cells_keep_their_values(back, merge, tmp_path):
    _, folder = back
    with Edited(form(folder, 0)) as one:
        one[3, BEDS] = "约300"
        one[4, NAME] = None
        one[5, STAGE] = "快好了"
    before = (form(folder, 0)).read_bytes()
    merge()
    assert form(folder, 0).read_bytes() == before
    copy = tmp_path / "out" / "marked" / form(folder, 0).name
    with Edited(copy) as marked, Edited(form(folder, 0)) as sent_back:
        assert marked.book.sheetnames[0] == "问题清单"
        for cell in (marked[3, BEDS], marked[4, NAME], marked[5, STAGE]):
            assert cell.fill.fgColor.rgb in ("FFFF9999", "FFFFE699")
            assert cell.comment.text.startswith("【关爱地图】")
        assert marked[4, NAME].fill.fgColor.rgb == "FFFF9999"
        assert "不是数字" in marked[3, BEDS].comment.text
        assert marked[3, NAME].fill.fgColor.rgb not in ("FFFF9999", "FFFFE699")
        for row, again in zip(sent_back.sheet.rows, marked.sheet.rows, strict=True):
            assert [cell.value for cell in row] == [cell.value for cell in again]
        listed = rows_of(copy, "问题清单")
        assert [(row["行"], row["列"]) for row in listed] == [(3, BEDS), (4, NAME), (5, STAGE)]
        assert marked.sheet.data_validations.count == sent_back.sheet.data_validations.count
    # Mended and sent back as it is, the marked copy is a return like any other.
    shutil.move(copy, form(folder, 0))
    with Edited(form(folder, 0)) as mended:
        mended[3, BEDS], mended[4, NAME], mended[5, STAGE] = 300, "名称", "运营"
    merged = merge()
    assert merged.summary["marked"] == []
    assert merged.summary["merged"] == {"facilities": ROWS}


def test_a_marked_copy_in_the_users_language(back, merge, tmp_path):
    _, folder = back
    with Edited(form(folder, 0)) as one:
        one[3, BEDS] = "=1/0 不是数"
        one[3, BEDS].data_type = "s"
    merge(language="en")
    with Edited(tmp_path / "out" / "marked" / form(folder, 0).name) as marked:
        assert marked[3, BEDS].comment.text.startswith("[care-map]")
        listed = marked.book["problems"]
        assert [cell.value for cell in listed[2]][4] == "=1/0 不是数"
        assert {cell.data_type for row in listed.rows for cell in row} <= {"s", "n"}


def test_the_same_returns_give_the_same_bytes(back, tmp_path):
    study, folder = back
    with Edited(form(folder, 0)) as one:
        one[3, BEDS] = "约300"
    outs = [tmp_path / "one", tmp_path / "two"]
    for out in outs:
        cm.merge_returns(study, folder, out=out)
    files = sorted(path.relative_to(outs[0]) for path in outs[0].rglob("*") if path.is_file())
    assert Path("marked") / form(folder, 0).name in files
    for file in files:
        assert (outs[0] / file).read_bytes() == (outs[1] / file).read_bytes(), file


def test_unchanged_forms_say_that_nothing_changed(merge, tmp_path):
    merged = merge()
    assert merged.summary["rows"] == merged.summary["merged"]["facilities"] == ROWS
    assert merged.summary["added"] == merged.summary["removed"] == 0
    assert merged.summary["changed_cells"] == 0
    assert merged.summary["chase"] == merged.summary["marked"] == []
    assert codes(merged) == {}
    # What belongs to no town is kept, apart from what was returned.
    carried = rows_of(tmp_path / "out" / "facilities.xlsx", "未返回沿用上期")
    assert [(row[ID], row[BEDS]) for row in carried] == [("W999", "约300")]
    told = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert told["rows"] == ROWS


def test_what_changed_since_last_period(back, merge, tmp_path):
    _, folder = back
    with Edited(form(folder, 2)) as one:
        one[3, TYPE] = "助餐点、养老机构"  # the same two in another order
        one[4, "送餐上门"] = "否"
        one[4, "运营日期"] = "2020/3/5"
        one.sheet.delete_rows(5)
        one[5, NAME] = "新的"
    merged = merge()
    changes = rows_of(tmp_path / "out" / "report.xlsx", "与上期相比：养老设施")
    assert [(c["变化"], c["编号"], c["列"], c["上期"], c["本期"]) for c in changes] == [
        ("改动", "W021", "运营日期", "2020-02-05", "2020-03-05"),
        ("改动", "W021", "送餐上门", "是", "否"),
        ("新增", "F0001", None, None, None),
        ("撤销", "W022", None, None, None),
    ]
    assert merged.summary["changed_cells"] == 2


# What may come back


def refused(merge, tmp_path, file, problem, *, state="unreadable"):
    """Merge and check that one file was listed with its finding and the rest was merged."""
    merged = merge()
    assert codes(merged, file)[problem] >= 1
    assert [town["state"] for town in merged.summary["chase"]] == [state]
    assert merged.summary["merged"]["facilities"] == ROWS - 3
    balanced(merged, tmp_path)
    return merged


@pytest.mark.parametrize("end", [".xls", ".et", ".csv", ".pdf", ".zip", ".ods", ""])
def test_other_kinds_of_files(back, merge, tmp_path, end):
    _, folder = back
    file = form(folder, 0).rename(folder / f"{town(0)}{end}")
    refused(merge, tmp_path, file, "return_kind")


def test_an_old_format_under_a_new_name(back, merge, tmp_path):
    _, folder = back
    form(folder, 0).write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))
    refused(merge, tmp_path, form(folder, 0), "return_old_format")


def test_a_password(back, merge, tmp_path):
    _, folder = back
    name = "EncryptedPackage".encode("utf-16-le")
    form(folder, 0).write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + name)
    refused(merge, tmp_path, form(folder, 0), "file_password")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 damaged", b"<html></html>"])
def test_damaged_files(back, merge, tmp_path, content):
    _, folder = back
    form(folder, 0).write_bytes(content)
    refused(merge, tmp_path, form(folder, 0), "file_damaged" if content else "file_empty")


def repacked(file, part, change):
    """Change one part of a workbook."""
    with zipfile.ZipFile(file) as old:
        parts = {entry.filename: old.read(entry) for entry in old.infolist()}
    parts[part] = change(parts.get(part, b""))
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)


def test_half_a_file(back, merge, tmp_path):
    _, folder = back
    form(folder, 0).write_bytes(form(folder, 0).read_bytes()[:3000])
    refused(merge, tmp_path, form(folder, 0), "file_damaged")


def test_no_workbook_in_the_archive(back, merge, tmp_path):
    _, folder = back
    with zipfile.ZipFile(form(folder, 0), "w") as archive:
        archive.writestr("../../evil.txt", "x")
    refused(merge, tmp_path, form(folder, 0), "file_damaged")
    assert not (tmp_path.parent / "evil.txt").exists()


def test_an_entity_bomb(back, merge, tmp_path):
    _, folder = back
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "x">]><sst/>'
    repacked(form(folder, 0), "xl/sharedStrings.xml", lambda _: bomb)
    refused(merge, tmp_path, form(folder, 0), "return_entities")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_an_entity_bomb_in_disguise(back, merge, tmp_path, encoding):
    _, folder = back
    bomb = '<!DOCTYPE a [<!ENTITY b "x">]><sst/>'.encode(encoding)
    repacked(form(folder, 0), "xl/sharedStrings.xml", lambda _: bomb)
    refused(merge, tmp_path, form(folder, 0), "return_entities")


def test_a_zip_bomb(back, merge, tmp_path, monkeypatch):
    _, folder = back
    monkeypatch.setattr(return_files, "MAX_UNPACKED_BYTES", 2_000_000)
    repacked(form(folder, 0), "xl/media/image1.png", lambda _: bytes(3_000_000))
    refused(merge, tmp_path, form(folder, 0), "return_too_large")


def test_a_zip_that_lies_about_its_size(back, merge):
    _, folder = back
    raw = bytearray(form(folder, 0).read_bytes())
    entry = raw.rindex(b"PK\x01\x02", 0, raw.rindex(b"xl/worksheets/sheet1.xml"))
    struct.pack_into("<I", raw, entry + 24, 100)
    form(folder, 0).write_bytes(raw)
    merged = merge()
    assert codes(merged, form(folder, 0))["file_damaged"] == 1


def test_a_file_too_large(back, merge, tmp_path, monkeypatch):
    _, folder = back
    limit = max(file.stat().st_size for file in folder.iterdir())
    monkeypatch.setattr(return_files, "MAX_FILE_BYTES", limit)
    with form(folder, 0).open("ab") as file:
        file.write(bytes(limit))
    refused(merge, tmp_path, form(folder, 0), "return_too_large")


def test_a_cell_at_the_end_of_the_sheet(back, merge, tmp_path):
    """Readers that make a grid of it would take all memory."""
    _, folder = back
    with Edited(form(folder, 0)) as one:
        one.sheet["XFD1048576"] = "x"
    refused(merge, tmp_path, form(folder, 0), "return_too_wide")


def test_temporary_files_are_listed_and_left_alone(back, merge, tmp_path):
    _, folder = back
    for name in ("~$第1镇_2026Q4.xlsx", "._第1镇.xlsx", ".DS_Store", "Thumbs.db"):
        (folder / name).write_bytes(b"lock")
    merged = merge()
    assert codes(merged) == {"return_temporary": 4}
    assert merged.summary["chase"] == []
    balanced(merged, tmp_path)


def test_links_are_not_followed(back, merge, tmp_path):
    _, folder = back
    form(folder, 0).rename(tmp_path / "elsewhere.xlsx")
    form(folder, 0).symlink_to(tmp_path / "elsewhere.xlsx")
    refused(merge, tmp_path, form(folder, 0), "return_no_file")


def test_names_and_folders_do_not_matter(back, merge, tmp_path):
    _, folder = back
    (folder / "民政" / "11月").mkdir(parents=True)
    form(folder, 0).rename(folder / "民政" / "11月" / "终稿(2) 最终.xlsx")
    merged = merge()
    assert (merged.summary["chase"], codes(merged)) == ([], {})
    good, _ = balanced(merged, tmp_path)
    assert "民政/11月/终稿(2) 最终.xlsx" in {row["来源文件"] for row in good}


def test_a_name_of_another_town(back, merge):
    _, folder = back
    form(folder, 0).rename(folder / f"{town(2)}.xlsx")
    merged = merge()
    assert codes(merged) == {"return_name_differs": 1}
    assert merged.summary["returned"] == TOWNS


def test_without_the_hidden_sheet_the_name_tells(back, merge, tmp_path):
    _, folder = back
    with Edited(form(folder, 2)) as one:
        del one.book["_care_map"]
    merged = merge()
    # 第12镇 is no other town, though 第2镇 ends alike.
    assert codes(merged) == {"return_by_name": 1}
    assert (merged.summary["returned"], merged.summary["merged"]["facilities"]) == (TOWNS, ROWS)
    form(folder, 2).rename(folder / "报表.xlsx")
    merged = merge()
    assert codes(merged) == {"return_whose": 1}
    assert [town["state"] for town in merged.summary["chase"]] == ["missing"]
    _, listed = balanced(merged, tmp_path)
    assert {row["原因"] for row in listed} == {"看不出是哪个乡镇街道的"}
    assert len(listed) == 3


def identified(file, **changes):
    """Change what the hidden sheet says."""
    book = openpyxl.load_workbook(file)
    for row in book["_care_map"].rows:
        if row[0].value in changes:
            row[1].value = changes[row[0].value]
    book.save(file)


def test_another_period(back, merge, tmp_path):
    _, folder = back
    identified(form(folder, 0), period="2026Q3")
    merged = refused(merge, tmp_path, form(folder, 0), "return_period", state="return_period")
    assert merged.period == PERIOD
    # The other way about, where the user says so.
    merged = merge(period="2026Q3")
    assert (merged.summary["returned"], merged.summary["merged"]["facilities"]) == (1, 3)


def test_an_unknown_unit_an_older_form_another_study(back, merge, tmp_path):
    _, folder = back
    identified(form(folder, 0), unit_id="999")
    identified(form(folder, 1), form="0")
    identified(form(folder, 2), study="乙区")
    merged = merge()
    assert codes(merged) == {"return_unit_unknown": 1, "return_form": 1, "return_study": 1}
    assert merged.summary["returned"] == TOWNS - 1
    balanced(merged, tmp_path)


def test_two_returns_of_one_town(back, merge, tmp_path):
    _, folder = back
    shutil.copy(form(folder, 0), folder / "又一份.xlsx")
    merged = merge()
    assert codes(merged) == {"return_copy": 1}
    assert (merged.summary["returned"], merged.summary["rows"]) == (TOWNS, ROWS + 3)
    balanced(merged, tmp_path)
    with Edited(folder / "又一份.xlsx") as other:
        other[3, BEDS] = 77
    merged = merge()
    assert codes(merged) == {"return_twice": 2}
    assert [town["state"] for town in merged.summary["chase"]] == ["return_twice"]
    assert merged.summary["merged"]["facilities"] == ROWS - 3
    balanced(merged, tmp_path)


def test_a_renamed_sheet_and_moved_columns(back, merge, tmp_path):
    _, folder = back
    with Edited(form(folder, 0)) as one:
        one.sheet.title = "Sheet1"
        one.sheet.move_range("A1:E9", rows=0, cols=40)
        one.sheet["A2"], one.sheet["A3"] = "本镇备注", "新加的列"
    merged = merge()
    assert codes(merged, form(folder, 0)) == {"return_sheet_renamed": 1, "columns_unknown": 1}
    good, _ = balanced(merged, tmp_path)
    assert merged.summary["changed_cells"] == 1
    assert next(row for row in good if row[ID] == "W000")["本镇备注"] == "新加的列"


def test_a_column_that_was_cut_out_keeps_its_last_values(back, merge, tmp_path):
    _, folder = back
    with Edited(form(folder, 0)) as one:
        one.sheet.delete_cols(one.columns[BEDS])
    merged = merge()
    assert codes(merged, form(folder, 0)) == {"return_columns_cut": 1}
    good, _ = balanced(merged, tmp_path)
    assert [row[BEDS] for row in good[:3]] == [10, 11, 12]
    assert merged.summary["changed_cells"] == 0


def test_no_list_at_all(back, merge, tmp_path):
    _, folder = back
    with Edited(form(folder, 0)) as one:
        del one.book[SHEET]
    refused(merge, tmp_path, form(folder, 0), "return_no_list", state="return_no_list")


def test_a_header_without_its_required_column(back, merge, tmp_path):
    _, folder = back
    with Edited(form(folder, 0)) as one:
        one[2, NAME] = "叫什么"
    merged = merge()
    assert codes(merged, form(folder, 0))["column_missing"] == 1
    _, listed = balanced(merged, tmp_path)
    assert {row["原因"] for row in listed} == {"缺少必需的列"}
    assert merged.summary["marked"] == [form(folder, 0).name]


def test_hidden_rows_formulas_errors_merged_cells_footers(back, merge, tmp_path):
    _, folder = back
    with Edited(form(folder, 0)) as one:
        one.sheet.row_dimensions[4].hidden = True
        one[3, BEDS] = "=5+6"
        one[5, BEDS] = "#REF!"
        one[5, BEDS].data_type = "e"
        one.sheet.merge_cells(
            start_row=3, end_row=4, start_column=one.columns[STAGE], end_column=one.columns[STAGE]
        )
        one.sheet.cell(6, 1).value = "合 计"
        one[6, BEDS] = 33
    merged = merge()
    assert codes(merged, form(folder, 0)) == {
        "return_rows_hidden": 1,
        "formula_without_value": 1,
        "cell_error": 1,
        "merged_filled": 1,
        "footer_skipped": 1,
    }
    good, listed = balanced(merged, tmp_path)
    assert [row[ID] for row in good[:3]] == ["W000", "W001", "W002"]
    assert [row["原因"] for row in listed] == ["合计或空表的行，不是数据"]
    assert merged.summary["marked"] == [form(folder, 0).name]


def test_a_formula_with_a_saved_result(back, merge, tmp_path):
    _, folder = back
    with Edited(form(folder, 0)) as one:
        place = one[3, BEDS].coordinate

    def formula(content):
        cell = re.compile(rf'(<c r="{place}"[^>]*?)( t="n")?>.*?</c>'.encode())
        return cell.sub(rb"\1><f>5+6</f><v>11</v></c>", content)

    repacked(form(folder, 0), "xl/worksheets/sheet1.xml", formula)
    merged = merge()
    assert codes(merged, form(folder, 0)) == {"return_formula": 1}
    good, _ = balanced(merged, tmp_path)
    assert good[0][BEDS] == 11
    assert merged.summary["marked"] == []


def test_macros_are_not_run(back, merge, tmp_path):
    _, folder = back
    file = form(folder, 0).rename(folder / "宏.xlsm")
    with Edited(file) as one:
        one[3, BEDS] = "坏"
    repacked(file, "xl/vbaProject.bin", lambda _: b"macro")
    merged = merge()
    assert codes(merged, file) == {"return_macros": 1, "cell_number": 1}
    marked = tmp_path / "out" / "marked" / "宏.xlsx"
    with zipfile.ZipFile(marked) as archive:
        assert not [name for name in archive.namelist() if "vba" in name]


def test_rows_of_another_town(back, merge):
    _, folder = back
    with Edited(form(folder, 0)) as one:
        one[3, CODE] = code(1)
        one.sheet.cell(2, 60).value = "乡镇街道"
        one.sheet.cell(4, 60).value = town(2)
    merged = merge()
    problems = [p for p in merged.problems if p.code == "return_other_town"]
    assert [(p.row, p.column, p.value) for p in problems] == [
        (3, CODE, code(1)),
        (4, "乡镇街道", town(2)),
    ]
    assert merged.summary["merged"]["facilities"] == ROWS


def test_an_id_of_another_town(back, merge, tmp_path):
    _, folder = back
    with Edited(form(folder, 0)) as one:
        one[3, ID] = "W021"
    merged = merge()
    assert codes(merged) == {"id_twice": 2}
    assert set(merged.summary["marked"]) == {form(folder, 0).name, form(folder, 2).name}
    balanced(merged, tmp_path)


def test_an_emptied_form(back, merge):
    _, folder = back
    with Edited(form(folder, 0)) as one:
        one.sheet.delete_rows(3, 20)
    merged = merge()
    assert codes(merged) == {"table_empty": 1}
    assert merged.summary["marked"] == [form(folder, 0).name]
    assert (merged.summary["removed"], merged.summary["returned"]) == (3, TOWNS)


def test_more_mistakes_than_are_listed_singly(back, merge, tmp_path):
    _, folder = back
    with Edited(form(folder, 0)) as one:
        for row in range(6, 1206):
            one[row, BEDS] = -1
            one[row, NAME] = "多"
    merged = merge()
    assert merged.summary["merged"]["facilities"] == ROWS
    balanced(merged, tmp_path)


def test_text_that_looks_like_a_formula_stays_text(back, merge, tmp_path):
    _, folder = back
    with Edited(form(folder, 0)) as one:
        one[3, NAME] = '=HYPERLINK("http://x","y")'
        one[3, NAME].data_type = "s"
        one[4, NAME] = "<img onerror=alert(1)>\n'; DROP TABLE"
    merge()
    book = openpyxl.load_workbook(tmp_path / "out" / "facilities.xlsx")
    cells = {str(cell.value): cell.data_type for row in book[SHEET].rows for cell in row}
    assert cells['=HYPERLINK("http://x","y")'] == "s"


# The forms


def test_a_form_is_a_workbook_that_a_clerk_can_use(sent):
    _, forms = sent
    assert [file.name for file in forms.files[:2]] == ["第1镇_2026Q4.xlsx", "第2镇_2026Q4.xlsx"]
    book = openpyxl.load_workbook(forms.files[0])
    assert book.sheetnames == [SHEET, "填表说明", "选项", "_care_map"]
    assert book["_care_map"].sheet_state == "veryHidden"
    page = book[SHEET]
    assert page["A1"].value == "第1镇  2026Q4 填报表"
    assert page.freeze_panes == "C3"
    assert page.protection.sheet
    assert page["A2"].protection.locked
    assert not page["A3"].protection.locked
    assert all(cell.comment for cell in page[2] if cell.value != "联系人")
    assert [page.cell(row, 1).value for row in range(3, 6)] == ["W000", "W001", "W002"]
    assert page.max_row == 5
    rules = {str(rule.sqref).split(":")[0]: rule for rule in page.data_validations.dataValidation}
    columns = {cell.value: cell.column_letter for cell in page[2]}
    assert rules[f"{columns[STAGE]}3"].showErrorMessage
    # A list may hold several words: what is not in the drop-down may be typed.
    assert not rules[f"{columns[TYPE]}3"].showErrorMessage
    assert [p.code for p in forms.problems] == ["return_row_without_town"]
    told = {row[0].value: row[1].value for row in book["_care_map"].rows}
    assert told == {
        "form": "1",
        "study": "甲区",
        "period": PERIOD,
        "unit_id": code(0),
        "unit_name": town(0),
        "lists": "facilities",
        "datum_facilities": "gcj02",
    }


def test_forms_are_never_overwritten(sent):
    study, forms = sent
    before = forms.files[2].read_bytes()
    with pytest.raises(InputError) as raised:
        cm.new_returns(study)
    assert [p.code for p in raised.value.problems] == ["return_exists"]
    assert forms.files[2].read_bytes() == before


def test_the_same_forms_have_the_same_bytes(sent, tmp_path):
    study, forms = sent
    again = cm.new_returns(study, out=tmp_path / "again")
    for one, two in zip(forms.files, again.files, strict=True):
        assert one.read_bytes() == two.read_bytes()


HOSTILE = ["CON", 'a/b\\c:d*?"<>|', "尾点.", "x" * 300, "a/b c d", "\u202e反"]


def test_names_of_towns_that_no_file_can_have(tmp_path):
    study = make_study(tmp_path / "s", towns=1)
    rows = ["区划代码,名称,级别"]
    rows += [
        f'{code(n)},"{name.replace(chr(34), chr(34) * 2)}",town' for n, name in enumerate(HOSTILE)
    ]
    (study / "units.csv").write_text("\n".join(rows), encoding="utf-8")
    forms = cm.new_returns(study, period="2026年四季度")
    assert len({file.name.casefold() for file in forms.files}) == len(HOSTILE)
    for file in forms.files:
        assert file.is_file()
        assert not re.search(r'[<>:"/\\|?*\x00-\x1f]', file.name)
        assert len(file.name.encode()) < 250
        assert file.parent == forms.folder
    merged = cm.merge_returns(study, forms.folder)
    assert merged.summary["returned"] == len(HOSTILE)


def test_elders_go_along_where_asked(tmp_path):
    more = '[[demand]]\npath = "elders.csv"\n[[demand]]\npath = "counts.csv"\n'
    study = make_study(tmp_path / "s", towns=2, more=more)
    (study / "elders.csv").write_text(
        "编号,年龄,重点对象,区划代码,最近探访\n"
        + "".join(f"L{n},{70 + n},独居、高龄,{code(n % 2)},2026-0{n}-01\n" for n in range(1, 6)),
        encoding="utf-8",
    )
    (study / "counts.csv").write_text(
        f"编号,老年人数,区划代码\nC1,30,{code(0)}\n", encoding="utf-8"
    )
    plain = cm.new_returns(study, out=tmp_path / "plain")
    assert "老年人" not in openpyxl.load_workbook(plain.files[0]).sheetnames
    forms = cm.new_returns(study, with_elders=True)
    assert [p.code for p in forms.problems if p.severity == "info"] == ["return_rows_left_out"]
    with Edited(forms.files[1], "老年人") as one:
        one[3, "年龄"] = "七十一"
        one[6, "编号"], one[6, "年龄"], one[6, "重点对象"] = "L9", 90, "空巢"
    merged = cm.merge_returns(study, forms.folder, with_elders=True)
    assert merged.summary["merged"] == {"facilities": 6, "demand": 6}
    warned = [p for p in merged.problems if p.severity != "info"]
    assert [(p.code, p.column, p.value) for p in warned] == [("cell_number", "年龄", "七十一")]
    elders = rows_of(merged.folder / "elders.xlsx")
    assert [row["编号"] for row in elders] == ["L2", "L4", "L1", "L3", "L5", "L9"]
    assert elders[0]["重点对象"] == "独居、高龄（80岁以上）"
    # Asked for facilities alone, the elders are not touched.
    alone = cm.merge_returns(study, forms.folder, out=tmp_path / "alone")
    assert sorted(file.name for file in alone.folder.iterdir() if "elder" in file.name) == []
    assert (tmp_path / "alone" / "summary.json").read_text("utf-8").count("L2") == 0


def test_coordinates_in_one_datum(tmp_path):
    more = '[[facilities]]\npath = "more.csv"\ndatum = "wgs84"\n'
    study = make_study(tmp_path / "s", towns=1, more=more)
    (study / "more.csv").write_text(
        f"设施编号,设施名称,设施类型,区划代码,经度,纬度\nM1,另一处,医院,{code(0)},108.4,30.8\n",
        encoding="utf-8",
    )
    forms = cm.new_returns(study)
    rows = {row[ID]: row for row in rows_of(forms.files[0])}
    assert (rows["M1"]["经度"], rows["M1"]["纬度"]) == (108.4, 30.8)
    lon, lat = cm.gcj02_to_wgs84(108.4, 30.8)
    there = rows["W000"]["经度"], rows["W000"]["纬度"]
    assert there == pytest.approx((float(lon), float(lat)), abs=2e-7)
    guide = openpyxl.load_workbook(forms.files[0])["填表说明"]
    assert any("WGS84" in str(cell.value) for row in guide.rows for cell in row)
    merged = cm.merge_returns(study, forms.folder)
    assert merged.summary["changed_cells"] == 0


@pytest.mark.parametrize("period", ["", "2026/Q4", "..", "a" * 21, "2026 Q4"])
def test_a_period_is_a_part_of_a_name(sent, tmp_path, period):
    study, _ = sent
    with pytest.raises(InputError) as raised:
        cm.new_returns(study, out=tmp_path / "x", period=period)
    assert [p.code for p in raised.value.problems] == ["return_period_name"]
    assert not (tmp_path / "x").exists()


def test_what_cannot_be_done(back, tmp_path):
    study, folder = back
    for call, expected in (
        (lambda: cm.merge_returns(study, tmp_path / "none"), "return_no_folder"),
        (lambda: cm.merge_returns(study, folder, out=folder / "out"), "return_out_inside"),
    ):
        with pytest.raises(InputError) as raised:
            call()
        assert [p.code for p in raised.value.problems] == [expected]
    bare = make_study(tmp_path / "bare", towns=1)
    (bare / "units.csv").write_text(
        "区划代码,名称,级别\n500101000000,某区,区县\n", encoding="utf-8"
    )
    with pytest.raises(InputError) as raised:
        cm.new_returns(bare)
    assert "return_no_towns" in {p.code for p in raised.value.problems}
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        cm.new_returns(study, out=tmp_path / "file" / "below")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "mine.txt").write_text("mine")
    with pytest.raises(OutputError):
        cm.merge_returns(study, folder, out=tmp_path / "mine")
    assert (tmp_path / "mine" / "mine.txt").read_text() == "mine"


def test_every_reason_has_words():
    texts = catalogue("zh")
    for reason in ("return_whose", "return_period", "return_no_list", "return_twice"):
        assert texts.has(f"returns.why.{reason}")
