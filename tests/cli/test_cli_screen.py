"""What reaches the screen: safe text, columns that align, findings in groups, progress."""

import re
import sys
import time

from hypothesis import given
from hypothesis import strategies as st

from care_map.cli.findings import problem_lines
from care_map.cli.layout import columns, plain, text_width, wrap
from care_map.cli.progress import spinner
from care_map.cli.session import Session, split_options
from care_map.errors import Problem
from care_map.messages import catalogue

ZH, EN = catalogue("zh"), catalogue("en")


@given(st.text())
def test_plain_text_is_one_line_and_steers_nothing(text):
    shown = plain(text)
    assert len(shown.splitlines()) <= 1
    assert not {"\x1b", "\x07", "\x9b", "\u202e", "\u2066"} & set(shown)
    assert plain(shown) == shown


@given(st.text(alphabet="abc 老年人，。（）0"), st.integers(8, 40))
def test_wrapping_keeps_the_text_and_the_width(text, width):
    lines = wrap(text, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    # What is too long has no place where it could be broken.
    for line in lines:
        assert text_width(line) <= width or not re.search(r"\s|[老年人](?=[老年人（abc0])", line)


def test_wrapping_leaves_no_comma_at_the_begin_of_a_line():
    for line in wrap("甲乙丙，丁戊己。庚辛壬、癸", 8):
        assert line[0] not in "，。、"
        assert text_width(line) <= 8


@given(st.lists(st.tuples(st.text("a甲"), st.text("b乙")), min_size=1))
def test_columns_align(rows):
    widest = max(text_width(first) for first, _ in rows)
    for (first, second), line in zip(rows, columns(rows), strict=True):
        assert line.startswith(first)
        if second:
            assert text_width(line) == widest + 2 + text_width(second)


def test_rows_that_are_alike_are_one_line():
    rows = [
        Problem("demand_without_point", "warning", source="elders.csv", row=row, value=str(row))
        for row in range(35, 192)
    ]
    other = Problem("file_missing", source="roads.osm.pbf")
    lines = problem_lines([*rows, other], ZH)
    assert len(lines) == 2
    assert lines[0].startswith("错误：roads.osm.pbf")
    assert lines[1].startswith("警告：elders.csv 第 35 行等 157 行：没有可用坐标")
    assert "“" not in lines[1]
    assert "row 35 and 156 more like it" in problem_lines(rows, EN)[0]


def test_few_findings_are_shown_one_by_one():
    rows = [Problem("file_missing", source="a.csv", row=row) for row in (2, 3, 4)]
    assert len(problem_lines(rows, ZH)) == 3
    files = [Problem("file_missing", source=f"{name}.csv") for name in "abcdef"]
    assert len(problem_lines(files, ZH)) == 6


def test_long_values_are_cut():
    problem = Problem("unknown_code", value="x" * 500, values={"known": "y"})
    assert "x" * 81 not in problem_lines([problem], ZH)[0]


def test_options_stand_anywhere_but_after_two_dashes():
    session, rest, problems = split_options(["run", "--json", "a", "--quiet", "--", "--json"])
    assert (session.json, session.quiet, problems) == (True, True, [])
    assert rest == ["run", "a", "--", "--json"]


class Terminal:
    """Standard error that says it is a terminal."""

    encoding = "utf-8"

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text
        return len(text)

    def flush(self):
        """Nothing is kept back."""

    def isatty(self):
        return True


def test_progress_is_for_long_work_on_a_terminal(monkeypatch):
    terminal = Terminal()
    # Not in a fixture: pytest puts its own stream in place before the test begins.
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("care_map.cli.progress._PATIENCE_S", 0.1)
    with spinner(Session(ZH)) as progress:
        progress("write")
        time.sleep(0.6)
    assert "正在写出" in terminal.text
    terminal.text = ""
    for session in (Session(ZH, quiet=True), Session(ZH, json=True)):
        with spinner(session) as progress:
            progress("write")
            time.sleep(0.3)
    monkeypatch.setattr("care_map.cli.progress._PATIENCE_S", 30.0)
    with spinner(Session(ZH)) as progress:
        progress("write")
    assert terminal.text == ""
