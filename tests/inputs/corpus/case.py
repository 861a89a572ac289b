"""A case of the corpus, the study around it, and how its rows are accounted for."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest
import shapely

import care_map as cm
from care_map.inputs.load import read_inputs
from care_map.inputs.tables import Inputs

Build = Callable[[Path], str]
"""Writes a file into a folder and returns its name."""

HERE, THERE = "108.405,30.805", "108.415,30.805"
"""Places in 甲街道 and in 乙镇."""

HEAD = "名称,类型,经度,纬度"
ROW = f"甲站,社区养老服务站,{HERE}"

UNITS = f"""unit_id,name,level,wkt
500101001000,甲街道,town,"{shapely.box(108.40, 30.80, 108.41, 30.81).wkt}"
500101002000,乙镇,town,"{shapely.box(108.41, 30.80, 108.42, 30.81).wkt}"
"""

STUDY = """
[study]
name = "小研究"
[[circle]]
id = "care"
require = [["community_station"]]
profile = "straight_line"
minutes = 15
"""


@dataclass(frozen=True, slots=True)
class Case:
    """A bad or odd input.

    Parameters
    ----------
    kind, name
        What is tried, and how.
    build
        Writes the file.
    findings
        Code → rows or things that it stands for: every error and warning about the file, and
        those of the infos that matter.
    rows_in, rows_used
        Rows below the header that are not blank, and those of them in the study's table.
    table
        Table of the study that the file is.
    settings
        More lines of the source in the study file.
    """

    kind: str
    name: str
    build: Build
    findings: Mapping[str, int]
    rows_in: int
    rows_used: int
    table: str = "facilities"
    settings: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case: findings about its file, and rows of it in the study's table."""

    findings: Sequence[cm.Problem]
    used: Sequence[int]
    study: cm.Study | None = None


def outcome(case: Case, folder: Path) -> Outcome:
    """Put the file into a study and check it, by the public doors."""
    name = case.build(folder)
    parts = [STUDY]
    if case.table != "units":
        (folder / "known.csv").write_text(UNITS, encoding="utf-8")
        parts.append('[[units]]\npath = "known.csv"')
    escaped = "".join(f"\\u{ord(sign):04x}" if sign < " " else sign for sign in name)
    parts.append(f'[[{case.table}]]\npath = "{escaped}"\n{case.settings}\n')
    (folder / "study.toml").write_text("\n".join(parts), encoding="utf-8")
    try:
        study = cm.read_study(folder)
    except cm.InputError as error:
        return Outcome(error.problems, [])
    problems, inputs = checked(study)
    table = getattr(inputs, case.table)
    used = [row for row in table.get("source_row", []) if row > 0]
    return Outcome([problem for problem in problems if problem.source == name], used, study)


def checked(study: cm.Study) -> tuple[Sequence[cm.Problem], Inputs]:
    """Check a study; return the tables that the check has made as well."""
    made: list[Inputs] = []

    def keep(*args, **options):
        made.append(read_inputs(*args, **options))
        return made[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("care_map.workflows.check.read_inputs", keep)
        problems = cm.check(study)
    return problems, made[-1]


def counts(findings: Sequence[cm.Problem], expected: Mapping[str, int]) -> dict[str, int]:
    """Return what the findings stand for: all but those infos that nobody asks for."""
    found: Counter[str] = Counter()
    for problem in findings:
        if problem.severity != "info" or problem.code in expected:
            found[problem.code] += problem.count
    return dict(found)


def rows_listed(findings: Sequence[cm.Problem], used: Sequence[int]) -> float:
    """Return how many rows the findings tell to be left out; all, where the file is refused."""
    if not used and any(p.row is None and p.severity == "error" for p in findings):
        return float("inf")
    rows = {p.row: p.count for p in findings if p.row and p.code != "title_rows_skipped"}
    return sum(count for row, count in rows.items() if row not in set(used))


# -- builders -----------------------------------------------------------------------------------


def raw(content: bytes, name: str = "list.csv") -> Build:
    """Write bytes."""

    def build(folder: Path) -> str:
        (folder / name).write_bytes(content)
        return name

    return build


def text(*lines: str, encoding: str = "utf-8", name: str = "list.csv") -> Build:
    """Write lines."""
    return raw("".join(f"{line}\n" for line in lines).encode(encoding), name)


def facilities(*rows: str, head: str = HEAD, **options: str) -> Build:
    """Write facilities below the usual header."""
    return text(head, *rows, **options)


def cells(header: str, *values: str) -> Build:
    """Write a facility for each cell of one column."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["名称", header, "经度", "纬度"])
    writer.writerows([f"{at}号站", value, *HERE.split(",")] for at, value in enumerate(values))
    return raw(buffer.getvalue().encode())


def elders(header: str, *values: str) -> Build:
    """Write a row of demand for each cell of one column."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["老人编号", header, "经度", "纬度"])
    writer.writerows([f"E{at}", value, *HERE.split(",")] for at, value in enumerate(values))
    return raw(buffer.getvalue().encode())


def book(
    *rows: Sequence[object],
    merged: Sequence[str] = (),
    more: Mapping[str, Sequence[Sequence[object]]] | None = None,
    name: str = "list.xlsx",
) -> Build:
    """Write a workbook: its first sheet, and more by name."""

    def build(folder: Path) -> str:
        workbook = openpyxl.Workbook()
        for row in rows:
            workbook.active.append(list(row))
        for area in merged:
            workbook.active.merge_cells(area)
        for title, others in (more or {}).items():
            sheet = workbook.create_sheet(title)
            for row in others:
                sheet.append(list(row))
        workbook.save(folder / name)
        return name

    return build
