"""How good each file is, what its doubts do to the figures, and where a user reads it."""

import csv
import json
from collections import Counter
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import small_study
from inputs.test_inputs_real import LISTS, VILLAGES

from care_map.cli.layout import text_width
from care_map.cli.quality import quality_lines
from care_map.config import DemandSource, FacilitySource, Study, UnitSource, read_study
from care_map.diagnostics.effects import effect_lines
from care_map.diagnostics.scorecard import quality_records, source_quality
from care_map.errors import InputError, Problem
from care_map.inputs.datum import from_wgs84
from care_map.inputs.findings import LISTED, Findings
from care_map.inputs.load import read_inputs
from care_map.inputs.tables import SourceLedger
from care_map.messages import LANGUAGES, catalogue
from care_map.outputs.tables import write_issues
from care_map.schema import SOURCE_QUALITY
from care_map.workflows.check import check, check_sources
from care_map.workflows.run import run

ELDERS = (*small_study.ELDERS, ("h", "", 500, 0, ""), ("i", 3, 9000, 0, ""))
FACILITIES = (
    *small_study.FACILITIES,
    ("F4", "西社区养老服务站", "community_station", "operating", 500, 0),
    ("F5", "乙镇敬老院", "", "operating", None, None),
)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("quality") / "study"
    return run(small_study.write_study(folder, elders=ELDERS, facilities=FACILITIES))


def rows_of(file):
    with file.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


# The table of files


def test_a_row_per_file_by_hand(done):
    units, facilities, demand = quality_records(done.result.source_quality)
    assert list(units) == SOURCE_QUALITY.names
    assert [units["dataset"], units["rows_read"], units["rows_used"]] == ["units", 5, 5]
    assert units["in_units"] is None
    assert [facilities[n] for n in ("rows_read", "with_point", "without_point")] == [5, 4, 1]
    assert (facilities["duplicates"], facilities["outside_units"]) == (1, 0)
    assert [demand[n] for n in ("rows_read", "rows_used", "rows_left_out")] == [9, 8, 1]
    assert demand["left_out"] == "没有老年人数 1"
    assert (demand["in_units"], demand["outside_units"]) == (6, 1)
    assert demand["encoding"] == "UTF-8"
    assert "类型 80%" in facilities["filled"]


def test_the_same_on_every_output(done):
    table = rows_of(done.folder / "internal" / "tables" / "source_quality.csv")
    assert [row["rows_read"] for row in table] == ["5", "5", "9"]
    book = openpyxl.load_workbook(done.folder / "internal" / "report.xlsx")
    cells = [[cell.value for cell in row] for row in book["数据质量"].iter_rows()]
    assert ["区划单元", "units.csv", 5, 5, 0] in [row[:5] for row in cells]
    summary = json.loads((done.folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["sources"] == quality_records(done.result.source_quality)


def test_check_finds_the_same_table(done):
    study = done.result.study
    checked = check_sources(study)
    assert checked.problems == check(study)
    assert quality_records(checked.sources) == quality_records(done.result.source_quality)


@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_for_a_terminal(done, language):
    texts = catalogue(language)
    lines = quality_lines(quality_records(done.result.source_quality), texts)
    assert len({text_width(line) for line in lines[1:5]}) == 1
    assert lines[4].split()[-10:] == ["9", "8", "1", "7", "0", "1", "1", "0", "0", "2"]
    assert any("没有老年人数 1" in line for line in lines[5:])
    assert quality_lines([], texts) == []


def test_a_file_that_cannot_be_read_has_no_rows():
    problems = [Problem("file_missing", source="a.csv"), Problem("x", "warning", source="b.csv")]
    table = source_quality([SourceLedger("units", "a.csv", read=None)], problems, catalogue("en"))
    (row,) = quality_records(table)
    assert (row["rows_read"], row["rows_used"], row["errors"], row["warnings"]) == (
        None,
        None,
        1,
        0,
    )
    assert row["encoding"] == ""
    assert "—" in quality_lines([row], catalogue("en"))[2]


def test_candidate_sites_have_a_row_of_their_own(tmp_path):
    on_street = [small_study.degrees(x, 0) for x in range(100, 3100, 100)]
    lon, lat = from_wgs84(*map(np.array, zip(*on_street, strict=True)), datum="gcj02")
    places = [*zip(lon.tolist(), lat.tolist(), strict=True), small_study.degrees(500, 5000)]
    rows = [f"C{n},旧房,社区养老服务站,{x!r},{y!r}" for n, (x, y) in enumerate(places)]
    rows += ["C98,无坐标,,,", "合计,,,,"]
    more = '[[candidates]]\npath = "idle.csv"\ndatum = "wgs84"'
    file = small_study.write_study(tmp_path / "study", more=more)
    head = "备选编号,场地名称,可建类型,经度,纬度"
    (file.parent / "idle.csv").write_text("\n".join([head, *rows]), encoding="utf-8")
    checked = check_sources(read_study(file))
    *_, idle = quality_records(checked.sources)
    counts = ("rows_read", "rows_used", "with_point", "without_point", "in_units", "outside_units")
    assert [idle["dataset"], *(idle[name] for name in counts)] == [
        *("candidates", 33, 32, 31, 1, 30, 1)
    ]
    assert (idle["left_out"], idle["filled"]) == ("合计行 1", "可建类型 97%")
    assert idle["datum_verdict"] == "contradicts"
    found = {one.code for one in checked.problems if one.source == "idle.csv"}
    assert "datum_contradicts" in found
    # Nobody is covered by what is not built: no second search.
    assert not found & {"datum_flips", "datum_flips_unknown"}


# What warnings do to the figures


def test_effects_by_hand(done):
    found = {effect.code: dict(effect.values) for effect in done.result.effects}
    elders = 2 + 1 + 3 + 4 + 5 + 1 + 2 + 3
    assert found["rows_left_out"] == {
        "dataset": "demand",
        "left_out": "elders_missing",
        "count": 1,
        "share": 1 / 9,
    }
    assert found["in_no_unit"] == {"count": 2 + 3, "share": 5 / elders}
    assert found["facilities_without_point"] == {"count": 1, "share": 1 / 5}
    assert found["facilities_without_type"] == {"count": 1, "share": 1 / 5}
    assert found["facilities_twice"] == {"count": 1, "share": 1 / 5}
    open_ones = {
        effect.values["reason"]: effect.values["count"]
        for effect in done.result.effects
        if effect.code == "undetermined"
    }
    # g has no place; f is 900 m from the street and i 2,900 m from its end.
    assert open_ones == {"no_coordinates": 2, "no_road": 1 + 3}


def test_effects_are_said_in_the_report(done):
    said = effect_lines(done.result.effects, catalogue("zh"))
    assert "2 名老年人（9.5%）的覆盖情况无法判定：缺坐标。" in said
    book = openpyxl.load_workbook(done.folder / "internal" / "report.xlsx")
    cells = {cell.value for row in book.worksheets[0].iter_rows() for cell in row}
    assert set(said) <= cells
    assert "三、数据问题的影响" in cells
    summary = json.loads((done.folder / "summary.json").read_text(encoding="utf-8"))
    assert len(summary["effects"]) == len(said)


def test_without_doubts_nothing_is_said(tmp_path):
    file = small_study.write_study(
        tmp_path / "study", elders=[("a", 2, 500, 0, "")], facilities=small_study.FACILITIES[:1]
    )
    assert run(file).result.effects == ()


def test_an_error_refuses_the_run_and_check_lists_it(tmp_path):
    elders = (*small_study.ELDERS, ("a", 1, 500, 0, ""))
    file = small_study.write_study(tmp_path / "study", elders=elders)
    with pytest.raises(InputError) as refused:
        run(file)
    assert {problem.code for problem in refused.value.problems} == {"id_twice"}
    checked = check_sources(read_study(file))
    assert [row["errors"] for row in quality_records(checked.sources)] == [0, 0, 2]
    assert not (tmp_path / "study" / "run").exists()


# issues.csv holds every row


def test_every_row_stands_in_the_list_of_problems(tmp_path):
    findings = Findings("a.csv")
    rows = list(range(2, LISTED + 502))
    findings.each("cell_number", rows=rows, cells=[f"x{row}" for row in rows])
    assert len(findings.problems) == LISTED + 1
    write_issues(findings.problems, tmp_path / "issues.csv", catalogue("zh"))
    told = rows_of(tmp_path / "issues.csv")
    assert [(int(one["row"]), one["value"]) for one in told] == [(n, f"x{n}") for n in rows]
    assert {(one["count"], one["code"], one["source"]) for one in told} == {
        ("1", "cell_number", "a.csv")
    }
    assert len({one["message"] for one in told}) == 1


# Real lists


@pytest.mark.real_data
def test_taipei(shared_data):
    units = {
        "unit_id": "V_ID",
        "name": "VILLAGE",
        "parent_id": "TOWN_ID",
        "parent_name": "TOWN",
    }
    demand = {"demand_id": "V_ID", "elders": "A65UP_CNT"}
    study = Study(
        root=shared_data / "taipei",
        name="臺北市",
        units=(UnitSource(path=VILLAGES, level="community", columns=units),),
        demand=(DemandSource(path=VILLAGES, elder_age=65, columns=demand),),
        facilities=tuple(
            FacilitySource(path=Path(name), columns=columns, values={"roles": role})
            for name, (columns, role) in LISTS.items()
        ),
    )
    inputs = read_inputs(study)
    count = Counter(problem.code for problem in inputs.problems)
    wanted = ("facility_twice", "facility_alike", "facility_site", "label_contradicts")
    assert [count[code] for code in wanted] == [291, 45, 27, 110]
    records = quality_records(source_quality(inputs.ledgers, inputs.problems, catalogue("zh")))
    assert sum(row["rows_read"] for row in records if row["dataset"] == "facilities") == 1046
    assert all(row["rows_read"] == row["rows_used"] for row in records)
    assert sum(row["duplicates"] for row in records) == 291 + 45
