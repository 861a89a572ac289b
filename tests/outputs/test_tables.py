"""Tables as CSV and Parquet: by hand, round trips, hostile names."""

import csv
import datetime as dt
import io
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from outputs.sample import SPEED, empty_assessment, sample_assessment

from care_map.errors import Problem
from care_map.messages import LANGUAGES, catalogue
from care_map.outputs.tables import as_arrow, issues_frame, write_csv, write_issues, write_tables
from care_map.schema import ISSUES, TABLES, Column, Table

WRITTEN = [table for table in TABLES if table is not ISSUES]
HOSTILE = [
    "=1+1",
    '=HYPERLINK("http://x","y")',
    "+86 23",
    "-1",
    "@SUM(A1)",
    "  =1+1",
    "\t=1+1",
    "\r=1+1",
    "＝1+1",
    "<script>alert(1)</script>",
    'say "hello", twice',
    "two\nlines",
    "nul\x00bell\x07",
    "名" * 300,
    "emoji \U0001f475 rtl \u202e",
    "",
]


def read_csv(path):
    """Read as a spreadsheet does not: every cell as text."""
    text = path.read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("表 一")
    write_tables(sample_assessment(), folder)
    return folder


def test_the_sample_agrees_with_its_own_points():
    """The coverage table made by hand follows from the minutes of the points."""
    result = sample_assessment()
    parents = dict(zip(result.units["unit_id"], result.units["parent_id"], strict=True))
    groups = dict(zip(result.demand["demand_id"], result.demand["groups"], strict=True))
    for row in result.coverage_by_unit.itertuples():
        points = [
            point
            for point in result.access.itertuples()
            if (point.circle, point.profile) == (row.circle, row.profile)
            and row.unit_id in ("all", point.unit_id, parents[point.unit_id])
            and row.setting in ("all", point.setting)
            and (row.group == "all" or row.group in groups[point.demand_id].split(";"))
        ]
        count = dict.fromkeys(("covered", "uncovered", "undetermined"), 0)
        for point in points:
            count[point.status] += point.elders
        assert (row.covered, row.uncovered, row.undetermined) == tuple(count.values())
        assert sum(count.values()) == row.elders
        known = sorted(
            (math.inf if math.isnan(point.minutes) else point.minutes)
            for point in points
            if point.status != "undetermined"
            for _ in range(point.elders)
        )
        for share, found in ((0.5, row.median_minutes), (0.9, row.p90_minutes)):
            wanted = known[math.ceil(share * len(known)) - 1] if known else math.nan
            assert found == wanted or (math.isnan(found) and not math.isfinite(wanted))
        near = sum(
            point.elders
            for point in points
            if point.status != "undetermined" and point.minutes_any_district <= 15
        )
        assert row.covered_any_district == near
    assert set(result.coverage_by_unit["profile"]) == set(SPEED)


def test_every_table_is_written_in_both_forms(written):
    names = {path.name for path in written.iterdir()}
    wanted = {f"{table.name}.{form}" for table in WRITTEN for form in ("csv", "parquet")}
    assert names == wanted | {"field_dictionary.csv"}


def test_csv_is_for_excel(written):
    data = (written / "coverage_by_unit.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in data
    lines = data.decode("utf-8-sig").splitlines()
    assert lines[0].startswith('"unit_id","unit_name","level"')
    assert lines[2] == (
        '"500101001000","甲街道","town","all","elder_care_15","standard","all",12,4,7,1,'
        "0.3333333333333333,0.4166666666666667,20,30,7,0.25"
    )


@pytest.mark.parametrize("table", WRITTEN, ids=lambda table: table.name)
def test_csv_and_parquet_hold_the_same(written, table):
    rows = read_csv(written / f"{table.name}.csv")
    stored = pq.read_table(written / f"{table.name}.parquet").to_pylist()
    frame = getattr(sample_assessment(), table.name)
    assert len(rows) == len(stored) == len(frame)
    for row, other, (_, given_row) in zip(rows, stored, frame.iterrows(), strict=True):
        assert list(row) == list(other) == table.names
        for column in table.columns:
            cell, value = row[column.name], other[column.name]
            if column.kind in ("integer", "number"):
                assert (float(cell) if cell else None) == value
                given = given_row[column.name]
                assert value is None if pd.isna(given) or math.isinf(given) else value == given
            else:
                assert cell == value == given_row[column.name]


def test_field_dictionary_names_every_column(written):
    rows = read_csv(written / "field_dictionary.csv")
    assert [(row["table"], row["column"]) for row in rows] == [
        (table.name, name) for table in TABLES for name in table.names
    ]
    first = rows[0]
    assert (first["title_zh"], first["title_en"], first["kind"]) == (
        "区划代码",
        "unit code",
        "text",
    )


def test_kinds_are_spelled_for_spreadsheets(tmp_path):
    table = Table("t", "", "", tuple(Column(k, k, k, k) for k in ("number", "flag", "date")))
    frame = pd.DataFrame(
        {
            "number": [0.1 + 0.2, np.inf, 1e-7],
            "flag": [True, None, False],
            "date": [dt.date(2021, 6, 30), None, pd.NaT],
        }
    )
    write_csv(as_arrow(frame, table), tmp_path / "t.csv")
    lines = (tmp_path / "t.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[1:] == ["0.30000000000000004,true,2021-06-30", ",,", "1e-7,false,"]


def test_a_fraction_of_an_elder_is_a_bug_and_never_rounded():
    table = Table("t", "", "", (Column("n", "integer", "", ""),))
    with pytest.raises(TypeError):
        as_arrow(pd.DataFrame({"n": [1.5]}), table)


def test_hostile_names_do_no_harm(tmp_path):
    result = sample_assessment()
    coverage = result.coverage_by_unit.head(len(HOSTILE)).assign(unit_name=HOSTILE)
    write_tables(replace(result, coverage_by_unit=coverage), tmp_path)
    rows = read_csv(tmp_path / "coverage_by_unit.csv")
    stored = pq.read_table(tmp_path / "coverage_by_unit.parquet").to_pylist()
    assert len(rows) == len(HOSTILE)
    for name, row, other in zip(HOSTILE, rows, stored, strict=True):
        cell = row["unit_name"]
        assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝"))
        assert not any(ord(sign) < 32 for sign in cell)
        assert cell.removeprefix("'") == other["unit_name"]
        plain = "".join(" " if ord(sign) < 32 else sign for sign in name)
        assert other["unit_name"] == plain


@settings(deadline=None)
@given(st.lists(st.text(max_size=12), max_size=8))
def test_any_text_stays_in_its_cell(tmp_path_factory, names):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    table = Table("t", "", "", (Column("a", "text", "", ""), Column("b", "text", "", "")))
    frame = pd.DataFrame({"a": names, "b": ["end"] * len(names)}, dtype=object)
    write_csv(as_arrow(frame, table), path)
    lines = path.read_bytes().decode("utf-8-sig").split("\n")
    assert len(lines) == len(names) + 2
    rows = read_csv(path)
    assert [row["b"] for row in rows] == ["end"] * len(names)
    assert not any(row["a"].lstrip()[:1] in tuple("=+-@＝＋－＠") for row in rows)


def test_lone_surrogates_are_written():
    table = Table("t", "", "", (Column("a", "text", "", ""),))
    frame = pd.DataFrame({"a": pd.Series(["x\ud800", 7, None], dtype=object)})
    assert as_arrow(frame, table).to_pydict() == {"a": ["x?", "7", ""]}


def test_cells_of_several_kinds_become_text():
    """1 and True are one key of a dictionary, but not one text."""
    table = Table("t", "t", "t", (Column("name", "text", "n", "n"),))
    cells = pd.Series(["a", 1, True, None, math.nan, 1.5, "a\x07", "a"], dtype=object)
    written = as_arrow(cells.to_frame("name"), table)["name"].to_pylist()
    assert written == ["a", "1", "True", "", "", "1.5", "a ", "a"]


def test_codes_of_a_categorical_column_become_text():
    table = Table("t", "t", "t", (Column("name", "text", "n", "n"),))
    cells = pd.Series(["b", None, "a", "b"], dtype="category")
    assert as_arrow(cells.to_frame("name"), table)["name"].to_pylist() == ["b", "", "a", "b"]


def test_two_writes_have_the_same_bytes(written, tmp_path):
    write_tables(sample_assessment(), tmp_path)
    for path in sorted(written.iterdir()):
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


def test_a_table_is_not_changed_by_writing(tmp_path):
    result = sample_assessment()
    before = result.coverage_by_unit.copy(deep=True)
    write_tables(result, tmp_path)
    pd.testing.assert_frame_equal(result.coverage_by_unit, before)


def test_an_empty_assessment_writes_every_table(tmp_path):
    write_tables(empty_assessment(), tmp_path)
    for table in WRITTEN:
        assert read_csv(tmp_path / f"{table.name}.csv") == []
        assert pq.read_table(tmp_path / f"{table.name}.parquet").column_names == table.names


@pytest.mark.parametrize("language", LANGUAGES)
def test_issues_stand_errors_first_and_keep_their_order(tmp_path, language):
    problems = [
        Problem("file_missing", "info", source="c"),
        Problem("file_missing", "warning", source="b"),
        Problem("file_missing", "error", source="=a", row=3, column="列", value="@v", count=2),
        Problem("file_missing", "warning", source="a"),
    ]
    frame = issues_frame(problems, catalogue(language))
    assert frame["source"].tolist() == ["=a", "b", "a", "c"]
    assert frame["row"].tolist() == [3, pd.NA, pd.NA, pd.NA]
    write_issues(problems, tmp_path / "issues.csv", catalogue(language))
    first = read_csv(tmp_path / "issues.csv")[0]
    text = problems[0].message(catalogue(language))
    assert (first["severity"], first["source"], first["row"]) == ("error", "'=a", "3")
    assert (first["value"], first["count"], first["message"]) == ("'@v", "2", text)


def test_no_issues_make_an_empty_table(tmp_path):
    write_issues([], tmp_path / "issues.csv", catalogue())
    assert read_csv(tmp_path / "issues.csv") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_and_remedy_has_words(language):
    texts = catalogue(language)
    gaps = sample_assessment().gaps
    reasons = {code for cell in gaps["reasons"] for code in cell.split(";")}
    assert all(texts.has(f"reason.{code}") for code in reasons)
    assert all(texts.has(f"remedy.{code}") for code in gaps["remedy"])
