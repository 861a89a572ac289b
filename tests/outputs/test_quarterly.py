"""The quarterly report of a notice, read back from its workbook and its document."""

import dataclasses
import datetime as dt
import re
import time
import zipfile

import docx
import openpyxl
import pandas as pd
import pytest

import care_map as cm
from care_map.outputs.quarterly_book import write_quarterly_book
from care_map.outputs.quarterly_document import write_quarterly_document
from care_map.outputs.quarterly_rows import quarterly_paper
from care_map.packs.reader import read_pack
from care_map.packs.sources import pack_names
from care_map.workflows.run import write_outputs

DAY = dt.date(2020, 12, 31)
HEAD = "设施名称,设施类型,乡镇街道,阶段,验收日期,运营日期,建筑面积\n"
LIST = HEAD + (
    "汉丰中心,街道养老服务中心,汉丰街道,运营,2019-11-30,2019-12-20,1600\n"
    "老站,社区养老服务站,汉丰街道,运营,2017-05-01,2017-06-01,300\n"
    "新站,社区养老服务站,汉丰街道,验收,2020-12-01,,\n"
    "白桥敬老院,养老机构、乡镇养老服务中心,白桥镇,运营,2020-12-20,2020-12-25,900\n"
)
EVIDENCE = "2020年决算第3页"
STATED = (
    "条款编号,数值,是否完成,数据日期,佐证材料\n"
    f"kaizhou_18,85%,,2020-12-01,{EVIDENCE}\nkaizhou_21c,40,,2020-12-01,培训台账\n"
)
RECEIVED = "乡镇街道,报送期,报送日期\n汉丰街道,2020Q1,2020-04-02\n汉丰街道,2020Q2,2020-07-02\n"
KINDS = ("街道养老服务中心", "乡镇养老服务中心", "社区养老服务站", "村级互助养老服务点")
HAN = re.compile("[\u4e00-\u9fff]")


def assessed(folder, *, pack="kaizhou", facilities=LIST, language="zh", day=DAY, more=()):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "设施.csv").write_text(facilities, encoding="utf-8")
    lines = [f'[study]\nname = "开州"\npack = "{pack}"\nlanguage = "{language}"\n']
    for name, text in {"facilities": None, **dict(more)}.items():
        path = "设施.csv" if text is None else f"{name}.csv"
        lines.append(f'[[{name}]]\npath = "{path}"\n')
        if text is not None:
            (folder / path).write_text(text, encoding="utf-8")
    (folder / "study.toml").write_text("".join(lines), encoding="utf-8")
    return cm.assess(cm.read_study(folder).model_copy(update={"as_of": day}))


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    more = {"stated": STATED, "received": RECEIVED}
    return assessed(tmp_path_factory.mktemp("kaizhou"), more=more)


def write(result, folder):
    write_quarterly_book(result, folder / "quarterly.xlsx")
    write_quarterly_document(result, folder / "quarterly.docx")


def written(result, folder):
    """Write both and read them back, which takes longer than to write them."""
    write(result, folder)
    return (
        openpyxl.load_workbook(folder / "quarterly.xlsx"),
        docx.Document(str(folder / "quarterly.docx")),
    )


@pytest.fixture(scope="module")
def first_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("written")


@pytest.fixture(scope="module")
def both(result, first_folder):
    return written(result, first_folder)


@pytest.fixture(scope="module")
def book(both):
    return both[0]


@pytest.fixture(scope="module")
def document(both):
    return both[1]


def rows_of(sheet, first):
    """Return the rows under the header that begins with `first`."""
    rows = [tuple(row) for row in sheet.iter_rows(values_only=True)]
    at = next(number for number, row in enumerate(rows) if row[0] == first)
    return rows[at], rows[at + 1 :]


def tables_of(document):
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]


@pytest.fixture(scope="module")
def tables(document):
    return tables_of(document)


def table_with(tables, *titles):
    return next(table for table in tables if set(titles) <= set(table[0]))


def sentences(document):
    return [paragraph.text for paragraph in document.paragraphs]


def test_it_begins_with_title_period_notice_and_findings(document, result):
    title, period, notice, _, heading, first = sentences(document)[:6]
    assert title == "重庆市开州区落实《开州区社区居家养老服务全覆盖实施方案》情况报告"
    assert period == "（2020年第四季度，截至2020年12月31日）"
    assert "开州府办发〔2019〕86号" in notice
    assert "2019年12月11日" in notice
    assert heading == "一、总体情况"
    counts = [int(count) for count in re.findall(r"(\d+)条(?!任务)", first)]
    assert sum(counts) == len(result.clause_verdicts) == int(re.search(r"(\d+)条任务", first)[1])
    verdicts = result.summary["verdicts"]
    assert f"达到{verdicts['pass']}条" in first
    assert f"无法判定{verdicts['unknown']}条" in first


def test_findings_say_what_is_late_and_who_is_silent(document):
    text = "\n".join(sentences(document))
    assert "社区养老服务站：总任务89个，应完成89个，已验收1个，已运营0个，逾期未完成88个。" in text
    assert "逾期最多的：汉丰街道8个、文峰街道7个、云枫街道6个。" in text
    silent = re.search(r"未按季报送的乡镇街道(\d+)个：(.+?)等。", text)
    # One town has returned two of the four quarters, the others none.
    assert silent[1] == "40"


def test_every_clause_stands_in_the_task_table_with_its_figures(book, result):
    head, rows = rows_of(book["任务完成情况"], "序号")
    assert head[1:] == ("任务", "目标", "完成数", "完成率", "责任单位", "说明")
    verdicts = result.clause_verdicts
    assert [row[1] for row in rows] == verdicts["title"].tolist()
    assert [row[5] for row in rows] == verdicts["responsible"].tolist()
    known = 0
    for row, verdict in zip(rows, verdicts.to_dict("records"), strict=True):
        if verdict["target"] == verdict["target"] and verdict["form"] != "yes_no":
            assert row[2] == pytest.approx(verdict["target"])
        fixed = verdict["figure_low"] == verdict["figure_high"]
        if fixed and verdict["form"] != "yes_no" and verdict["verdict"] != "not_applicable":
            assert row[3] == pytest.approx(verdict["figure_low"])
            known += 1
    assert known > 20


def test_figures_have_their_unit_and_ranges_are_ranges(book, result):
    sheet = book["任务完成情况"]
    cells = {row[1].value: row for row in sheet.iter_rows() if row[1].value}
    area = cells["街道养老服务中心建筑面积"]
    assert (area[2].value, area[2].number_format) == (1, '"≥"0%')
    assert (area[3].value, area[3].number_format) == (1, "0%")
    trained = cells["新增培养社会工作人才"]
    assert (trained[3].value, trained[3].number_format) == (40, '#,##0" 人"')
    assert (trained[4].value, trained[4].number_format) == (0.4, "0%")
    stations = cells["社区养老服务站建筑面积"]
    assert stations[3].value == "50%—100%"
    row = result.clause_verdicts.set_index("clause_id").loc["kaizhou_14a"]
    assert (row["figure_low"], row["figure_high"]) == (0.5, 1)


def test_typed_in_figures_carry_their_evidence(book, tables):
    _, rows = rows_of(book["任务完成情况"], "序号")
    fund = next(row for row in rows if EVIDENCE in str(row[6]))
    assert fund[3] == 0.85
    assert "2020-12-01" in fund[6]
    tasks = table_with(tables, "任务", "完成数")
    assert any(EVIDENCE in row[-1] and "85%" in row for row in tasks)


def test_the_annex_has_forty_towns_and_the_notices_totals(book, tables):
    _, rows = rows_of(book["建设任务"], "乡镇（街道）")
    assert rows[0][:15] == ("合计", 4, 3, 7, 12, 17, 4, 33, 39, 50, 89, 311, 44, 69, 424)
    assert [row[0] for row in rows[1:]] == [unit.name for unit in read_pack("kaizhou").unit]
    by_town = {row[0]: row for row in rows}
    # 附件4: 河堰镇 has no station in 2019, three in 2020, points in three years.
    assert by_town["河堰镇"][4:15] == (None, 1, None, 1, None, 3, 3, 6, 1, 5, 12)
    for column in range(1, 15):
        assert sum(row[column] or 0 for row in rows[1:]) == rows[0][column]
    annex = next(table for table in tables if "2019年" in table[1])
    assert len(annex) == 2 + 1 + 40
    shown = [[cell or "" for cell in row] for row in annex[2:]]
    assert shown[0][1:15] == [str(cell) for cell in rows[0][1:15]]
    assert "福泉社区因无社区组织，暂不建站" in by_town["大德镇"][15]


def test_what_came_of_it_is_the_ledgers(book, result):
    _, rows = rows_of(book["建设进度"], "乡镇（街道）")
    names = ("due", "accepted", "operating", "in_progress", "late", "existing_before")
    whole = {row["role"]: row for row in result.summary["ledger"]}
    roles = ("street_centre", "town_centre", "community_station", "village_point")
    assert rows[0][1:] == tuple(whole[role][name] for role in roles for name in names)
    hanfeng = next(row for row in rows if row[0] == "汉丰街道")
    # The station of 2017 stands beside the count, not in it.
    assert hanfeng[13:19] == (9, 1, 0, 0, 8, 1)


def test_annexes_four_and_five_agree(book):
    sheet = book["建设方式"]
    head, rows = rows_of(sheet, "乡镇（街道）")
    whole = dict.fromkeys(KINDS)
    groups = [cell.value for cell in sheet[3]]
    found, kind = {}, None
    for at, title in enumerate(head[1:], start=1):
        kind = groups[at] or kind
        found.setdefault(kind, []).append((title, rows[0][at]))
    assert list(found) == list(whole)
    assert dict(found["街道养老服务中心"]) == {
        "依托敬老院改扩建": 3,
        "依托闲置资产改扩建": 1,
        "社会资本改扩建": 3,
        "小计": 7,
    }
    assert sorted(count for _, count in found["乡镇养老服务中心"]) == [1, 1, 5, 5, 21, 33]
    assert sorted(count for _, count in found["社区养老服务站"]) == [1, 17, 31, 40, 89]
    assert dict(found["村级互助养老服务点"])["小计"] == 424
    # Where they differ a line says so.
    assert not [row for row in sheet.iter_rows(values_only=True) if "不一致" in str(row[0])]


def test_contradictions_are_printed_with_all_readings(book, tables):
    _, rows = rows_of(book["通知前后不一致"], "任务")
    conflicts = [clause for clause in read_pack("kaizhou").clause if clause.conflict]
    assert len(rows) == len(conflicts) > 3
    printed = "\n".join(cell for table in tables for row in table for cell in row)
    for clause in conflicts:
        for reading in clause.conflict.readings:
            assert reading in printed
    assert "不作判定" in printed


def test_what_is_unknown_names_who_owes_it(book, tables, result):
    _, rows = rows_of(book["尚不明确"], "责任单位")
    owed = {(row[0], row[1]): row[3] for row in rows}
    for verdict in result.clause_verdicts.to_dict("records"):
        for part in filter(None, verdict["missing"].split("；")):
            assert verdict["title"] in owed[verdict["responsible"], part]
    assert len(owed) > 5
    _, silent = rows_of(book["未报送"], "乡镇（街道）")
    assert len(silent) == 40
    first = next(row for row in silent if row[0] == "汉丰街道")
    assert "2020Q3、2020Q4" in first[1]
    assert table_with(tables, "责任单位", "缺少的数据")


def test_verdicts_stand_with_their_strength_in_words(book, result):
    head, rows = rows_of(book["各条核对结论"], "序号")
    assert head[3:6] == ("约束力", "期限", "结论")
    assert [row[5] for row in rows] == result.clause_verdicts["words"].tolist()
    assert {"必须", "原则性", "力争"} <= {row[3] for row in rows}


def test_units_without_are_counted_and_listed(book, result):
    _, rows = rows_of(book["单元设施配置"], "任务")
    counts = {row[0]: row for row in rows}
    streets = counts["每个街道一个养老服务中心"]
    assert streets[1:3] == (7, 1)
    _, without = rows_of(book["没有设施的单元"], "任务")
    listed = next(row for row in without if row[0] == "每个乡镇一个养老服务中心")
    assert listed[3] == 32
    assert len(listed[4].split("、")) == 32
    assert "白桥镇" not in listed[4]
    assert len(result.unit_service) == sum(row[1] for row in rows)


def test_the_series_is_the_tables_and_drawn(book, result):
    sheet = book["各季度进展"]
    _, rows = rows_of(sheet, "季度")
    quarters = result.ledger_series["quarter"].unique()
    last = rows[len(quarters) - 1]
    assert last[0] == "2020年第四季度"
    assert last[9:13] == (89, 1, 0, 88)
    assert len(sheet._charts) == len(KINDS)


def test_targets_in_all_are_never_added_to_yearly_ones(tmp_path):
    rows = "".join(
        f"点{n},村级互助养老服务点,龙驹镇,运营,{2018 + n % 2}-05-01,2019-06-01,\n" for n in range(6)
    )
    day = dt.date(2021, 6, 30)
    found = assessed(tmp_path, pack="wanzhou", facilities=HEAD + rows, day=day)
    chapters = quarterly_paper(found).chapters
    ledger = next(c for c in chapters if c.title == "建设任务完成情况")
    targets = ledger.grids[0]
    row = targets.rows[0]
    cells = {group.title: row[group.first : group.first + group.count] for group in targets.groups}
    assert cells["村级互助养老服务点（期末总数）"] == (437, 437)
    assert cells["村级互助养老服务点"] == (80, 80, 80, 240)
    findings = chapters[0].sentences
    assert [line for line in findings if "村级互助养老服务点" in line and "总任务437个" in line]
    assert not [line for line in findings if "总任务240个" in line]
    readings = "\n".join(str(cell) for chapter in chapters for grid in
                         chapter.grids for row in grid.rows for cell in row)  # fmt: skip
    assert "52" in readings
    assert "51" in readings


def test_tables_of_the_document_fit_their_pages_and_repeat_their_heads(document):
    assert len(document.sections) == 3
    assert [s.page_width > s.page_height for s in document.sections] == [False, True, False]
    for table in document.tables:
        assert table._tbl.xpath("./w:tr[1]/w:trPr/w:tblHeader")
        assert len(table._tbl.xpath("./w:tr[w:trPr/w:cantSplit]")) == len(table.rows)
    page = document.sections[1]
    room = page.page_width - page.left_margin - page.right_margin
    widths = [
        sum(int(column) for column in table._tbl.xpath("./w:tblGrid/w:gridCol/@w:w"))
        for table in document.tables
    ]
    assert max(widths) * 635 <= room * 1.001
    style = document.styles["Normal"]
    assert style.paragraph_format.line_spacing.pt == 28
    assert style.element.xpath("./w:rPr/w:rFonts/@w:eastAsia") == ["仿宋"]
    footer = document.sections[0].footer.paragraphs[0]
    assert footer._p.xpath("./w:fldSimple/@w:instr") == ["PAGE"]


HOSTILE = ('=HYPERLINK("http://x","y")', "+1+1", "@cmd", "-2", "<w:p/>&amp;", "坏\x07站")


def test_hostile_names_stay_text(result, tmp_path):
    ledger, service = result.ledger.copy(), result.unit_service.copy()
    verdicts, evidence = result.clause_verdicts.copy(), result.clause_evidence.copy()
    for table, column in ((ledger, "unit_name"), (ledger, "note"), (service, "unit_name"),
                          (verdicts, "responsible"), (verdicts, "note"), (verdicts, "missing"),
                          (evidence, "name"), (evidence, "value")):  # fmt: skip
        names = [f"{HOSTILE[at % len(HOSTILE)]}{at // 6}" for at in range(len(table))]
        table[column] = pd.Series(names, dtype=object)
    attacked = dataclasses.replace(
        result,
        ledger=ledger,
        unit_service=service,
        clause_verdicts=verdicts,
        clause_evidence=evidence,
    )
    book, document = written(attacked, tmp_path)
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in ("s", "n"), (sheet.title, cell.coordinate, cell.value)
                assert cell.hyperlink is None
    printed = "\n".join(cell for table in tables_of(document) for row in table for cell in row)
    in_book = "\n".join(
        str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row
    )
    for text in (printed, in_book):
        assert all(name in text for name in HOSTILE[:-1])
        assert "坏 站" in text
        assert not set(text) & set("\x00\x07\x1b\ufffe\uffff")
    xml = (zipfile.ZipFile(tmp_path / "quarterly.docx")).read("word/document.xml").decode()
    assert set(re.findall('instr="([^"]*)"', xml)) == set()


def test_english_has_no_chinese_but_data(tmp_path):
    more = {"stated": STATED, "received": RECEIVED}
    found = assessed(tmp_path / "study", language="en", more=more)
    book, document = written(found, tmp_path)
    pack = read_pack("kaizhou")
    data = {pack.pack.title, pack.pack.document, pack.pack.responsible, EVIDENCE, "培训台账"}
    data |= {unit.name for unit in pack.unit}
    data |= {part for target in pack.target for part in (target.note, target.build_mode)}
    data |= set(re.findall("[\u4e00-\u9fff]+", " ".join(data)))
    for clause in pack.clause:
        data |= {clause.cite, clause.denominator, *clause.responsible, *clause.assumptions}
        if clause.conflict:
            data |= {*clause.conflict.readings, clause.conflict.judged_as}
    measures = {getattr(clause.rule, "measure", "") for clause in pack.clause}
    data |= measures | {"设施.csv", "汉丰中心", "新站", "老站", "白桥敬老院"}
    for circle in pack.circle:
        data |= {circle.cite, circle.text, *circle.assumptions}
    known = sorted((one.rstrip("。") for one in data if one), key=len, reverse=True)
    texts = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True)
             for cell in row if cell is not None]  # fmt: skip
    texts += sentences(document) + [c for t in tables_of(document) for row in t for c in row]
    texts += [sheet.title for sheet in book]
    for text in texts:
        left = text
        for one in known:
            left = left.replace(one, "")
        assert not HAN.search(left), (left, text)


def test_the_same_inputs_give_the_same_bytes(result, first_folder, tmp_path):
    folder = first_folder
    earlier = max(file.stat().st_mtime for file in folder.iterdir())
    # A time that is written down has another second by then.
    time.sleep(max(0, 3 - (time.time() - earlier)))
    write(result, tmp_path)
    for name in ("quarterly.xlsx", "quarterly.docx"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


@pytest.mark.parametrize("pack", [name for name in pack_names() if name != "kaizhou"])
def test_every_pack_has_a_report_even_of_an_empty_district(pack, tmp_path):
    found = assessed(tmp_path, pack=pack, facilities=HEAD)
    paper = quarterly_paper(found)
    tasks = next(chapter for chapter in paper.chapters if chapter.title == "任务完成情况")
    assert len(tasks.grids[0].rows) == len(read_pack(pack).clause)
    assert paper.chapters[0].sentences[0].endswith("。")
    written(found, tmp_path)


def test_a_run_writes_them_beside_its_report(result, tmp_path):
    internal = write_outputs(result, tmp_path / "run") / "internal"
    assert {"quarterly.xlsx", "quarterly.docx", "report.xlsx"} <= {
        file.name for file in internal.iterdir()
    }
    study = result.study.model_copy(update={"pack": None})
    plain = write_outputs(dataclasses.replace(result, study=study), tmp_path / "plain")
    assert not list((plain / "internal").glob("quarterly.*"))


def test_a_study_without_a_pack_has_no_report(result):
    study = result.study.model_copy(update={"pack": None})
    with pytest.raises(ValueError, match="policy pack"):
        quarterly_paper(dataclasses.replace(result, study=study))


def test_fonts_that_a_computer_lacks_have_a_substitute(both, first_folder):
    with zipfile.ZipFile(first_folder / "quarterly.docx") as parts:
        fonts = parts.read("word/fontTable.xml").decode()
    for name, other in {
        "方正小标宋简体": "宋体",
        "仿宋": "仿宋_GB2312",
        "楷体": "楷体_GB2312",
    }.items():
        assert f'<w:font w:name="{name}"><w:altName w:val="{other}"/>' in fonts
    assert both[1].sections[0].footer.paragraphs[0]._p.xpath("./w:fldSimple")
