"""Columns read at once are what csv and the careful readers give, cell by cell."""

import csv
import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from care_map.inputs import sheets
from care_map.inputs.cells import read_cells
from care_map.inputs.files import read_raw
from care_map.inputs.findings import LISTED, Findings
from care_map.inputs.texts import as_objects, different_rows, each_different
from care_map.schema import DEMAND, UNITS

TEXT = st.text(alphabet='ab1 ,"\r\n\u3000老', max_size=40)
CELLS = st.lists(
    st.one_of(
        st.text(alphabet="0123456789.-+eE, ", max_size=12),
        st.floats().map(repr),
        st.integers().map(str),
        st.sampled_from(["１２", "12张", "—", "", "约3", "007", "-0", "1.", ".5", "9" * 400]),
    ),
    max_size=12,
)


def by_csv(text):
    return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]


def rows_of(body):
    columns = [column.to_pylist() for column in body.columns]
    rows = zip(*columns, strict=True) if columns else [()] * len(body.number)
    return dict(zip(body.number.tolist(), rows, strict=True))


@given(TEXT)
@example('a,b\n"x\ny",2\n\n1\n3,4,5\n"open,1\n')
@example("a,b\r\n1,2\r\n\r\n3,4")
def test_text_below_the_header_is_what_csv_reads(text):
    expected = by_csv(text)
    body = sheets._text_below(text, ",", 0)
    found = rows_of(body)
    assert set(found) == set(range(2, len(expected) + 1))
    for number, cells in found.items():
        row = expected[number - 1]
        padded = [*row, *[""] * (len(cells) - len(row))]
        assert [*cells, *[""] * (len(row) - len(cells))] == padded


def test_ragged_rows_stand_where_they_stood_and_arrow_reads_the_rest():
    lines = [f"E{i},{i}" for i in range(50)]
    lines[7], lines[20], lines[33] = "E7", "E20,20,more", '"E33\nx",33'
    text = "id,age\n" + "\n".join(lines) + "\n"
    body = sheets._columns_by_arrow(text.split("\n", 1)[1], ",", 2, 2)
    assert body is not None
    found = rows_of(body)
    assert found[9] == ("E7", "", "")
    assert found[22] == ("E20", "20", "more")
    assert found[35] == ("E33\nx", "33", "")
    assert found[36] == ("E34", "34", "")
    assert sorted(found) == list(range(2, 52))


def test_a_cell_that_csv_refuses_is_refused_in_a_long_file(tmp_path):
    file = tmp_path / "a.csv"
    rows = [f"50010100{i:04d},某村" for i in range(100)]
    rows[60] = "x" * (csv.field_size_limit() + 1) + ",某村"
    file.write_text("区划代码,名称\n" + "\n".join(rows), encoding="utf-8")
    findings = Findings("a.csv")
    source = type("Source", (), {"columns": {}, "values": {}, "layer": None})()
    assert read_raw(file, source, UNITS, findings) is None
    assert [problem.code for problem in findings.problems] == ["file_damaged"]


@pytest.mark.parametrize("name", ["age", "lon"])
@given(CELLS)
def test_a_column_of_numbers_is_what_its_cells_are_alone(name, cells):
    column = DEMAND.column(name)

    def read(words, first):
        findings = Findings("a.csv")
        series = pd.Series(words, index=range(first, first + len(words)), dtype=object)
        return read_cells(series, column, findings), findings.problems

    whole, problems = read(cells, 2)
    singly = [read([cell], at) for at, cell in enumerate(cells, 2)]
    values = [part.tolist()[0] for part, _ in singly]
    assert [repr(value) for value in whole.tolist()] == [repr(value) for value in values]
    key = [(problem.code, problem.row, problem.value) for problem in problems]
    alone = [(p.code, p.row, p.value) for _, listed in singly for p in listed]
    assert sorted(key, key=str) == sorted(alone, key=str)


@given(st.lists(st.text(alphabet="E0５.+ e1-", max_size=8), max_size=12))
def test_a_column_of_codes_is_what_its_cells_are_alone(cells):
    column = DEMAND.column("demand_id")
    whole = read_cells(pd.Series(cells, dtype=object), column, Findings("a"))
    alone = [read_cells(pd.Series([c], dtype=object), column, Findings("a"))[0] for c in cells]
    assert whole.tolist() == alone


def test_the_first_rows_are_listed_and_the_rest_counted():
    findings = Findings("a.csv")
    findings.each("cell_number", rows=pd.Series(range(2, LISTED + 12), index=range(5, LISTED + 15)))
    assert [p.row for p in findings.problems[:2]] == [2, 3]
    assert (findings.problems[-1].row, findings.problems[-1].count) == (LISTED + 2, 10)
    assert sum(problem.count for problem in findings.problems) == LISTED + 10


def test_repeated_words_are_one_object_and_all_words_come_back():
    few = as_objects(pa.array(["独居", "空巢"] * 500, pa.large_string()))
    assert few[0] is few[998]
    many = [f"E{i}" for i in range(100)]
    assert as_objects(pa.array(many, pa.large_string())).tolist() == many


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=20))
def test_different_rows(rows):
    columns = [np.array([row[at] for row in rows], dtype=object) for at in (0, 1)]
    different, which = different_rows(columns)
    assert [different[at] for at in which] == rows
    assert len(set(different)) == len(different)
    asked = []
    assert each_different(columns[0], lambda word: asked.append(word) or word).tolist() == [
        row[0] for row in rows
    ]
    assert len(asked) == len(set(asked))
