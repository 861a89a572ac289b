"""The workbook: figures agree with the tables, numbers are numbers, names do no harm."""

import math
import re
import time
import zipfile
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from outputs.sample import (
    A1,
    MEDICAL,
    empty_assessment,
    sample_assessment,
    sample_study,
)

from care_map.errors import OutputError, Problem
from care_map.messages import LANGUAGES, catalogue
from care_map.outputs.report import write_report
from care_map.outputs.workbook import Field, display_width, opened_book, sheet_name
from care_map.schema import COVERAGE_BY_UNIT, SETTING_FLIPS, TABLES
from care_map.values import CircleRule

HOSTILE = [
    "=1+1",
    '=cmd|"/C calc"!A0',
    "+1",
    "-1",
    "@x",
    "https://example.org",
    "123456789012",
    "<b>&amp;</b>",
    'a "q" \'s',
    "two\nlines",
    "nul\x00\x1b_x0041_",
    "名" * 300,
    "x" * 40_000,
    "\ufffe\uffff",
    "[]:*?/\\",
]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("报告 一") / "report.xlsx"
    write_report(sample_assessment(), path)
    return path


@pytest.fixture(scope="module")
def book(path):
    return load_workbook(path)


def header_row(sheet):
    """Return the row of the filter: the header."""
    return int("".join(sign for sign in sheet.auto_filter.ref.split(":")[0] if sign.isdigit()))


def rows_of(sheet):
    top = header_row(sheet)
    titles = [cell.value for cell in sheet[top]]
    return [
        dict(zip(titles, (cell.value for cell in row), strict=True))
        for row in sheet.iter_rows(min_row=top + 1)
    ]


def all_text(book):
    return [
        str(cell.value)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    ]


def test_sheets_stand_in_the_order_of_reading(book):
    assert book.sheetnames == [
        "摘要",
        "图表",
        "覆盖 15分钟养老服务圈（步行）",
        "覆盖 15分钟医疗服务圈（步行）",
        "缺口",
        "设施负荷",
        "路网报告",
        "数据质量",
        "数据问题",
        "字段说明",
        "各单元覆盖全表",
    ]


def test_the_full_table_holds_every_row_and_number(book):
    texts = catalogue("zh")
    rows = rows_of(book["各单元覆盖全表"])
    table = sample_assessment().coverage_by_unit
    table = table[(table["group"] == "all") | (table["elders"] > 0)]
    assert len(rows) == len(table) == 31
    labels = {"level": "level", "profile": "profile", "group": "group"}
    for row, (_, wanted) in zip(rows, table.iterrows(), strict=True):
        for column in COVERAGE_BY_UNIT.columns:
            cell, value = row[column.zh], wanted[column.name]
            if column.kind in ("integer", "number"):
                if math.isnan(value):
                    assert cell is None
                    continue
                assert isinstance(cell, int | float)
                # A spreadsheet's numbers have 16 digits in the file.
                assert cell == pytest.approx(value, rel=1e-15, abs=0)
            elif column.name in labels:
                assert cell == texts.label(labels[column.name], value)
            elif column.name == "circle":
                assert cell.startswith("15分钟")
            elif column.name == "setting":
                assert cell in ("全部", "城市", "农村")
            else:
                assert (cell or "") == value


def test_a_circle_has_a_row_per_unit_and_a_block_per_profile(book):
    sheet = book["覆盖 15分钟养老服务圈（步行）"]
    top = header_row(sheet)
    blocks = [cell.value for cell in sheet[top - 1] if cell.value]
    assert blocks == ["官方口径：步行 1.0 米/秒", "对照：老年步速 0.85 米/秒"]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=top + 1)]
    assert [row[0] for row in cells] == [
        "合计",
        "其中：城市",
        "其中：农村",
        "甲街道",
        "乙镇",
        "甲一社区",
        "甲二社区",
        "乙街社区",
        "乙山村",
    ]
    first = next(row for row in cells if row[0] == "甲一社区")
    assert first[1:5] == ["村社区", "甲街道", "城市", A1]
    assert first[5:] == [4, 4, 0, 0, 1, 1, 0.25, 10, 14, 4, 3, 1, 0.75, 0.75, 0.25, 11.76]
    village = next(row for row in cells if row[0] == "乙山村")
    assert village[5:15] == [7, 0, 7, 0, 0, 0, 0.25, None, None, 0]


def test_numbers_have_formats(book):
    sheet = book["各单元覆盖全表"]
    by_title = {cell.value: cell.column for cell in sheet[header_row(sheet)]}
    formats = {
        title: sheet.cell(header_row(sheet) + 1, by_title[title]).number_format
        for title in ("区划代码", "老年人数", "覆盖率下限", "中位分钟")
    }
    assert formats == {
        "区划代码": "@",
        "老年人数": "#,##0",
        "覆盖率下限": "0.0%",
        "中位分钟": "0.0",
    }


def test_the_summary_says_findings_first(book):
    lines = [row[0].value for row in book["摘要"].iter_rows() if row[0].value]
    care, cure = "15分钟养老服务圈（步行）", "15分钟医疗服务圈（步行）"
    assert lines[:5] == [
        "示范区关爱地图 评估报告",
        "合成示例数据：虚构的示范区，不对应任何真实地点或个人  统计时点：2021-06-30",
        "一、主要结论",
        (
            f"{care}：老年人 22 人，在圈内 6 人（27.3%～36.4%），不在圈内 14 人，无法判定 2 人。"
            "覆盖率最低的乡镇街道：乙镇 20.0%～30.0%、甲街道 33.3%～41.7%。"
            "最大的缺口：乙山村一组（7 人；距离过远、本村社无设施；建议：新建设施）、"
            "甲二社区（7 人；已有设施未运营；建议：将已建设施投入运营）。"
            "见效最大的措施：新建设施可覆盖 7 人（1 处）、将已建设施投入运营可覆盖 6 人（1 处）。"
        ),
        (
            f"{cure}：老年人 22 人，在圈内 9 人（40.9%～50.0%），不在圈内 11 人，无法判定 2 人。"
            "覆盖率最低的乡镇街道：乙镇 20.0%～30.0%、甲街道 58.3%～66.7%。"
            "最大的缺口：乙山村一组（7 人；道路与主路网不相连；建议：核查并接通道路）。"
        ),
    ]
    assert "资料来源：© OpenStreetMap contributors, ODbL" in lines
    assert "审图号：待填" in lines
    assert any(line.startswith("覆盖率为区间") for line in lines)


def test_charts_draw_the_cells_of_their_sheets(book):
    charts = book["图表"]._charts
    assert len(charts) == 3
    drawn = [[series.val.numRef.f for series in chart.series] for chart in charts]
    sheet = book["覆盖 15分钟养老服务圈（步行）"]
    columns = []
    for formula in drawn[1]:
        name, first, column, last, other = re.fullmatch(
            r"'(.+)'!\$([A-Z]+)\$(\d+):\$([A-Z]+)\$(\d+)", formula
        ).group(1, 3, 2, 5, 4)
        assert (name, column) == (sheet.title, other)
        names = [sheet[f"A{row}"].value for row in range(int(first), int(last) + 1)]
        assert names == ["甲街道", "乙镇"]
        columns.append(sheet[f"{column}{header_row(sheet)}"].value)
    assert columns == ["已覆盖", "未覆盖", "无法判定"]
    assert "'摘要'" in drawn[0][0] or "摘要!" in drawn[0][0]


def test_synthetic_data_say_so_on_every_sheet_and_page(book):
    for sheet in book:
        assert "合成示例数据" in sheet["A2"].value
        assert "合成示例数据" in sheet.oddFooter.left.text


def test_gaps_are_ranked_with_reasons_and_remedies_in_words(book):
    rows = rows_of(book["缺口"])
    assert [row["序号"] for row in rows] == [1, 2, 3, 4, 1]
    assert rows[1]["原因"] == "已有设施未运营"
    assert rows[1]["建议"] == "将已建设施投入运营"
    assert (rows[1]["建议可覆盖人数"], rows[1]["建议后分钟"]) == (6, 6)
    assert rows[2]["最近设施分钟"] is None
    assert rows[2]["结论"] == "无法判定"


def test_issues_and_fields_are_listed(book):
    issues = rows_of(book["数据问题"])
    assert [(row["程度"], row["文件"], row["行"]) for row in issues] == [
        ("警告", "设施.xlsx", 7),
        ("提示", "dem.tif", None),
    ]
    assert len(rows_of(book["字段说明"])) == sum(len(table.columns) for table in TABLES)


def test_no_elder_has_a_row(path, book):
    ids = set(sample_assessment().demand["demand_id"])
    assert not ids & set(all_text(book))
    with zipfile.ZipFile(path) as archive:
        strings = archive.read("xl/sharedStrings.xml").decode()
    assert not any(f">{one}<" in strings for one in ids)


PAPER_INCHES = {9: 11.69, 8: 16.54}  # A4 and A3 on their side


def printed_points(sheet):
    """Return how large letters of 10 points come out on paper, and the number of pages across."""
    margins = sheet.page_margins
    room = PAPER_INCHES[int(sheet.page_setup.paperSize)] - margins.left - margins.right
    # The file's widths are in letters of 7 pixels, one for columns that have the same.
    columns = sheet.column_dimensions.values()
    inches = sum(7 * one.width * (one.max - one.min + 1) / 96 for one in columns)
    if sheet.sheet_properties.pageSetUpPr and sheet.sheet_properties.pageSetUpPr.fitToPage:
        assert sheet.page_setup.fitToWidth in (None, 1)  # one page wide is the default
        assert sheet.page_setup.fitToHeight == 0
        return min(10.0, 10 * room / inches), 1
    scale = int(sheet.page_setup.scale) / 100
    return 10 * scale, math.ceil(inches * scale / room)


def test_every_sheet_is_legible_on_paper_under_its_header(book):
    papers = {}
    assert book["图表"].page_setup.orientation == "portrait"
    for sheet in book:
        if sheet.title == "图表":
            continue
        points, across = printed_points(sheet)
        assert points >= 6.99, sheet.title
        assert (sheet.page_setup.orientation, across) == ("landscape", 1), sheet.title
        papers[sheet.title] = int(sheet.page_setup.paperSize)
        if sheet.title == "摘要":
            continue
        top = header_row(sheet)
        assert sheet.print_title_rows == f"$1:${top}"
        assert sheet.freeze_panes[1:] == str(top + 1)
        assert sheet.max_row == top or sheet.auto_filter.ref.endswith(str(sheet.max_row))
    # No larger paper than the table needs.
    assert papers["摘要"] == papers["设施负荷"] == papers["数据问题"] == 9
    assert papers["各单元覆盖全表"] == 8


def test_a_table_too_wide_for_one_page_repeats_its_names(tmp_path):
    with opened_book(tmp_path / "w.xlsx", title="宽", banner=(), page="&P") as made:
        fields = [Field(f"列{number}", width=30.0) for number in range(20)]
        made.grid(made.sheet("宽"), 2, fields, [["文"] * 20], freeze_columns=2)
    sheet = load_workbook(tmp_path / "w.xlsx")["宽"]
    points, across = printed_points(sheet)
    assert points == 7.0
    assert across > 1
    assert sheet.print_title_cols == "$A:$B"
    assert sheet.page_setup.pageOrder == "overThenDown"


def test_columns_are_wide_enough_for_chinese(book):
    sheet = book["设施负荷"]
    for column in ("B", "C"):
        longest = max(display_width(str(cell.value or "")) for cell in sheet[column][3:])
        assert sheet.column_dimensions[column].width >= min(longest, 46)


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_writes_have_the_same_bytes(tmp_path, language):
    result = sample_assessment(study=sample_study(language=language))
    write_report(result, tmp_path / "a.xlsx")
    time.sleep(3)
    write_report(result, tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_english_has_no_chinese_but_names(tmp_path):
    study = sample_study(language="en", name="Demo", circles=())
    write_report(sample_assessment(study=study), tmp_path / "r.xlsx")
    book = load_workbook(tmp_path / "r.xlsx")
    assert book.sheetnames[0] == "Summary"
    for row in rows_of(book["Gaps"]):
        assert row["reasons"].isascii()
        assert row["remedy"].isascii()
    assert [row[0].value for row in book["Summary"].iter_rows()][3].startswith("15-minute")


def test_an_empty_assessment_is_written(tmp_path):
    write_report(empty_assessment(), tmp_path / "r.xlsx")
    book = load_workbook(tmp_path / "r.xlsx")
    assert "本次评估没有覆盖数据。" in all_text(book)
    assert rows_of(book["缺口"]) == []
    assert [sheet.title for sheet in book][1] == "缺口"


def test_no_elders_are_no_rate_of_zero(tmp_path):
    result = sample_assessment()
    nobody = result.coverage_by_unit.assign(
        elders=0, covered=0, uncovered=0, undetermined=0, rate_low=math.nan, rate_high=math.nan
    )
    write_report(replace(result, coverage_by_unit=nobody), tmp_path / "r.xlsx")
    book = load_workbook(tmp_path / "r.xlsx")
    for row in rows_of(book["各单元覆盖全表"]):
        assert (row["人群"], row["老年人数"]) == ("全体老年人", 0)
        assert (row["覆盖率下限"], row["覆盖率上限"]) == (None, None)
    said = all_text(book)
    assert "15分钟养老服务圈（步行）：没有老年人数，无法给出覆盖率。" in said
    assert not any("%" in text for text in said)


def test_a_circle_of_two_ways_to_travel_names_both(tmp_path):
    rules = {"urban": CircleRule("standard", 15), "rural": CircleRule("rural_drive", 25)}
    study = sample_study(circles=(replace(MEDICAL, title="医疗", rules=rules),))
    result = sample_assessment(study=study)
    joined = {"standard": "standard+rural_drive", "elder": "elder+rural_drive"}
    table = result.coverage_by_unit
    table = table[table["circle"] == "medical_15"].replace({"profile": joined})
    write_report(replace(result, coverage_by_unit=table), tmp_path / "r.xlsx")
    book = load_workbook(tmp_path / "r.xlsx")
    sheet = book["覆盖 医疗"]
    blocks = [cell.value for cell in sheet[header_row(sheet) - 1] if cell.value]
    assert blocks == [
        "官方口径：步行 1.0 米/秒、乡村乘车（含起步停车 3 分钟）",
        "对照：老年步速 0.85 米/秒、乡村乘车（含起步停车 3 分钟）",
    ]
    # Names of 45 letters in a column of 30: the row is as high as two lines.
    summary = book["摘要"]
    told = [row for row in summary.iter_rows() if "乡村乘车" in str(row[2].value)]
    assert len(told) == 2
    for row in told:
        assert summary.row_dimensions[row[0].row].height >= 2 * 12


def test_elders_in_no_unit_have_a_row(tmp_path):
    result = sample_assessment()
    table = result.coverage_by_unit
    outside = table[table["unit_id"] == "500101001000"].assign(unit_id="none", unit_name="")
    more = pd.concat([table, outside], ignore_index=True)
    write_report(replace(result, coverage_by_unit=more), tmp_path / "r.xlsx")
    book = load_workbook(tmp_path / "r.xlsx")
    rows = rows_of(book["覆盖 15分钟养老服务圈（步行）"])
    assert [row["单元名称"] for row in rows][5] == "不在任何单元内"
    assert rows[5]["区划代码"] is None
    assert not any("不在任何单元内" in text for text in all_text(book) if "最低" in text)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_do_no_harm(tmp_path, name):
    result = sample_assessment()
    circle = replace(MEDICAL, title=name)
    other = replace(MEDICAL, id="elder_care_15", title=name)
    changed = replace(
        result,
        study=sample_study(name=name, attribution=name, circles=(circle, other)),
        coverage_by_unit=result.coverage_by_unit.assign(unit_name=name),
        gaps=result.gaps.assign(name=name, facility_name=name, reasons=name),
        facility_load=result.facility_load.assign(facility_name=name),
        problems=(Problem("file_missing", source=name, value=name),),
    )
    write_report(changed, tmp_path / "r.xlsx")
    book = load_workbook(tmp_path / "r.xlsx")
    assert len({title.casefold() for title in book.sheetnames}) == 11
    for sheet in book:
        assert len(sheet.title.encode("utf-16-le")) <= 62
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in ("n", "s")
                assert cell.hyperlink is None
                assert cell.value is None or len(str(cell.value)) <= 32_767
    clean = "".join(
        " " if ord(sign) < 32 or ord(sign) in (0xFFFE, 0xFFFF) else sign for sign in name
    )
    if len(name) < 32_767:
        assert rows_of(book["缺口"])[0]["地点"] == clean


@settings(deadline=None)
@given(st.lists(st.text(max_size=40), max_size=6))
def test_any_title_gives_a_legal_name_of_its_own(titles):
    taken = set()
    for title in titles:
        name = sheet_name(title, taken)
        assert 0 < len(name.encode("utf-16-le")) <= 62
        assert not set(name) & set("[]:*?/\\")
        assert not name.startswith("'")
        assert not name.endswith("'")
        assert name.casefold() not in taken | {"history"}
        taken.add(name.casefold())


def test_a_file_that_cannot_be_written_is_an_output_error(tmp_path):
    with pytest.raises(OutputError) as caught:
        write_report(sample_assessment(), tmp_path / "missing" / "r.xlsx")
    assert caught.value.problems[0].code == "output_unwritable"


def test_settings_that_depend_on_the_rule_have_a_sheet(tmp_path):
    row = ("c1", "东社区", "community", "urban", "code_digits", "urban", "town_type", 40)
    flips = pd.DataFrame([row], columns=SETTING_FLIPS.names)
    write_report(replace(sample_assessment(), setting_flips=flips), tmp_path / "r.xlsx")
    [line] = rows_of(load_workbook(tmp_path / "r.xlsx")["城乡判定"])
    assert list(line.values()) == [
        "c1",
        "东社区",
        "村社区",
        "城市",
        "区划代码第 10–12 位",
        "城市",
        "乡镇街道的类型",
        40,
    ]
