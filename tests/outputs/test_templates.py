"""Templates: what is written into one is what the readers read from it."""

import datetime as dt
import tempfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from care_map.config import Study, TableSource
from care_map.inputs.codes import CODED
from care_map.inputs.sources import read_source
from care_map.messages import LANGUAGES, catalogue
from care_map.outputs.templates import TemplateSheet, cell_value, extra_column, write_template
from care_map.schema import CANDIDATES, DEMAND, FACILITIES, TARGETS, UNITS
from care_map.vocabulary import VOCABULARIES

TABLES = {table.name: table for table in (UNITS, FACILITIES, DEMAND, TARGETS, CANDIDATES)}
IDS = ("unit_id", "parent_id", "facility_id", "demand_id", "candidate_id")
PLACES = ("lon", "lat", "wkt")
# No commas or 、 of lists, no words that mean "missing", nothing that is a control character.
# Shrinking a workbook takes minutes and tells little.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
LETTERS = "甲乙丙丁社区路abcXYZ=+-@'\"<>&{}$"
WORDS = st.text(LETTERS, min_size=1, max_size=12).filter(lambda t: t.strip("-") == t)
NOT_A_TOTAL = WORDS.filter(lambda t: t.lower() not in ("total", "subtotal"))


def values(column):
    """Return what a column can hold, as the readers give it."""
    if column.name in CODED:
        codes = st.sampled_from(VOCABULARIES[CODED[column.name]])
        if column.kind != "list":
            return codes
        return st.lists(codes, min_size=1, max_size=4, unique=True).map(";".join)
    if column.name in IDS:
        return st.from_regex(r"[1-9][0-9]{5,11}|[A-Z]{1,3}-[0-9]{1,6}", fullmatch=True)
    return {
        "text": NOT_A_TOTAL,
        "list": st.lists(WORDS, min_size=1, max_size=3, unique=True).map(";".join),
        "integer": st.integers(0, 10**9),
        "number": st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda x: round(x, 6)),
        "date": st.dates(dt.date(1850, 1, 1), dt.date(2199, 12, 31)).map(dt.date.isoformat),
        "flag": st.booleans(),
    }[column.kind]


@st.composite
def sheets(draw):
    """Draw a table, its columns in any order, and rows with some cells missing."""
    table = draw(st.sampled_from(sorted(TABLES.values(), key=lambda table: table.name)))
    columns = draw(st.permutations([c for c in table.columns if c.name not in PLACES]))
    line = st.tuples(
        *(values(c) if c.required else st.one_of(st.none(), values(c)) for c in columns)
    )
    filled = line.filter(lambda cells: any(cell is not None for cell in cells))
    rows = draw(st.lists(filled, min_size=1, max_size=4))
    return TemplateSheet(table, tuple(columns), rows, title=draw(st.sampled_from(["", "甲镇 Q4"])))


@settings(max_examples=40, deadline=None, phases=PHASES)
@given(sheet=sheets(), language=st.sampled_from(LANGUAGES))
def test_rows_come_back_as_they_were(sheet, language):
    texts = catalogue(language)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.xlsx"
        write_template(path, [sheet], texts=texts, title="t")
        layer = texts.text(f"template.sheet.{sheet.table.name}")
        problems = []
        source = TableSource(path=Path("t.xlsx"), layer=layer)
        study = Study(root=Path(folder), name="t")
        table = read_source(study, source, sheet.table, problems=problems)
    assert [p.code for p in problems if p.severity != "info"] == []
    assert {p.code for p in problems} <= {"title_rows_skipped"}
    for at, column in enumerate(sheet.columns):
        read = table.frame[column.name].tolist()
        for row, value in zip(sheet.rows, read, strict=True):
            missing = pd.isna(value) or (isinstance(value, str) and not value)
            assert (None if missing else value) == row[at], column.name


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_column_is_explained(language, table, tmp_path):
    texts = catalogue(language)
    for column in table.columns:
        note = texts.text(f"template.column.{table.name}.{column.name}")
        assert len(note) > 5
    path = tmp_path / "t.xlsx"
    write_template(path, [TemplateSheet(table, table.columns)], texts=texts, title="t")
    book = openpyxl.load_workbook(path)
    page, guide, choices = book.worksheets
    assert [cell.value for cell in page[1]] == [c.title(language) for c in table.columns]
    assert page.max_row == 1
    for cell, column in zip(page[1], table.columns, strict=True):
        assert cell.comment.text == texts.text(f"template.column.{table.name}.{column.name}")
        required = cell.fill.fgColor.rgb == "FFF8CBAD"
        assert required == column.required
    told = [cell.value for cell in guide["A"]]
    assert set(told) >= {column.title(language) for column in table.columns}
    assert page.freeze_panes
    assert choices.title == texts.text("template.sheet.choices")
    codes = {c.name for c in table.columns if c.name in CODED}
    titles = {cell.value for cell in choices[1]}
    assert titles >= {table.column(name).title(language) for name in codes}


def test_cells_are_of_their_kind(tmp_path):
    columns = tuple(
        FACILITIES.column(n)
        for n in ("facility_id", "name", "beds", "lon", "operating_date", "delivers", "roles")
    )
    row = ("500101001001", "=1+1", 12, 108.4, "2024-02-29", True, "care_home;meal_point")
    unread = ("007", "-2", "约300", "东经108", "2024年", "不详", "养老驿站")
    sheet = TemplateSheet(FACILITIES, (*columns, extra_column("备注")), [(*row, "x"), (*unread, 5)])
    write_template(tmp_path / "t.xlsx", [sheet], texts=catalogue("zh"), title="t")
    page = openpyxl.load_workbook(tmp_path / "t.xlsx").worksheets[0]
    assert [cell.value for cell in page[2]] == [
        *("500101001001", "=1+1", 12, 108.4, dt.datetime.fromisoformat("2024-02-29"), "是"),
        *("养老机构、助餐点", "x"),
    ]
    assert [cell.data_type for cell in page[2]] == ["s", "s", "n", "n", "d", "s", "s", "s"]
    # What could not be read goes on as it stands.
    assert [cell.value for cell in page[3]] == [*unread, 5]
    assert page["A3"].number_format == "@"


def test_a_label_with_a_comma_is_not_cut():
    texts = catalogue("en")
    column = DEMAND.column("groups")
    assert cell_value("destitute_scattered", column, texts) == "destitute, at home"
    both = cell_value("destitute_scattered;aged_80", column, texts)
    assert both == "destitute_scattered; aged 80 and over"


def test_the_same_rows_give_the_same_bytes(tmp_path):
    sheet = TemplateSheet(TARGETS, TARGETS.columns, [[None] * len(TARGETS.columns)])
    for name in "ab":
        write_template(tmp_path / name, [sheet], texts=catalogue("zh"), title="t")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_choices_are_what_the_readers_know(tmp_path):
    """A word from any drop-down is read without a finding."""
    for language in LANGUAGES:
        texts = catalogue(language)
        for table in TABLES.values():
            for column in table.columns:
                if column.name not in CODED:
                    continue
                codes = VOCABULARIES[CODED[column.name]]
                rows = [[code] for code in codes]
                needed = [c for c in table.columns if c.required and c is not column]
                fill = ["1" for _ in needed]
                sheet = TemplateSheet(table, (column, *needed), [[*row, *fill] for row in rows])
                write_template(tmp_path / "t.xlsx", [sheet], texts=texts, title="t")
                layer = texts.text(f"template.sheet.{table.name}")
                source = TableSource(path=Path("t.xlsx"), layer=layer)
                problems = []
                study = Study(root=tmp_path, name="t")
                read = read_source(study, source, table, problems=problems)
                assert read.frame[column.name].tolist() == list(codes), (language, column.name)
                bad = {p.column for p in problems if p.code == "code_unknown"}
                assert column.title(language) not in bad
