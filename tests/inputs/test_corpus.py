"""Every bad or odd input gives its finding; rows in are rows used and rows listed."""

import csv
import math
from collections import Counter
from functools import cache

import pytest
from inputs.corpus import hostile, places, texts
from inputs.corpus.case import counts, outcome, rows_listed
from pyproj import Transformer

import care_map as cm
from care_map.messages import catalogue
from care_map.outputs.tables import write_issues

CASES = [*texts.CASES, *places.CASES, *hostile.CASES]
KINDS = {
    "encoding",
    "header",
    "cell",
    "date",
    "list",
    "number",
    "datum",
    "CRS",
    "geometry",
    "duplicate",
    "label",
    "entity bomb and zip bomb",
    "injection",
    "path",
    "size",
}


class Transformers:
    """Finds each transformation once: PROJ takes a tenth of a second for it."""

    from_crs = staticmethod(cache(Transformer.from_crs))


@pytest.fixture(scope="module", autouse=True)
def quick_transformations():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("care_map.inputs.points.Transformer", Transformers)
        yield


def label(case):
    return f"{case.kind}: {case.name}"


@pytest.mark.parametrize("case", CASES, ids=label)
def test_case(tmp_path, case):
    done = outcome(case, tmp_path)
    assert counts(done.findings, case.findings) == dict(case.findings)
    assert len(done.used) == len(set(done.used)) == case.rows_used
    assert rows_listed(done.findings, done.used) in {case.rows_in - case.rows_used, math.inf}
    for words in (catalogue("zh"), catalogue("en")):
        assert all(problem.line(words) for problem in done.findings)


@pytest.mark.parametrize("case", CASES[::13], ids=label)
def test_a_run_uses_the_rows_that_a_check_finds_good(tmp_path, case):
    done = outcome(case, tmp_path)
    errors = [problem for problem in done.findings if problem.severity == "error"]
    if done.study is None:
        assert errors
    elif errors:
        with pytest.raises(cm.InputError) as refused:
            cm.assess(done.study)
        assert all(problem in refused.value.problems for problem in errors)
    else:
        result = cm.assess(done.study)
        table = getattr(result, case.table)
        assert sorted(row for row in table["source_row"] if row) == sorted(done.used)
        assert all(problem in result.problems for problem in done.findings)


@pytest.mark.parametrize("case", hostile.INJECTIONS[-3:], ids=label)
def test_no_cell_of_the_issues_is_a_formula(tmp_path, case):
    done = outcome(case, tmp_path)
    write_issues(done.findings, tmp_path / "issues.csv", catalogue("zh"))
    with (tmp_path / "issues.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)


def test_there_are_enough_of_each_kind():
    kinds = Counter(case.kind for case in CASES)
    assert set(kinds) == KINDS
    assert min(kinds.values()) >= 8
    assert len(CASES) == len({(case.kind, case.name) for case in CASES}) >= 150
