"""LibreOffice prints the reports of the demonstration: Chinese, and no column too narrow."""

import re
import shutil
import subprocess
from dataclasses import replace

import pytest
from conftest import missing

from care_map.messages import catalogue
from care_map.outputs.findings import whole_rows
from care_map.outputs.paper.report import report_paper
from care_map.outputs.quarterly_document import write_quarterly_document
from care_map.outputs.readings import Words
from care_map.outputs.report import write_report
from care_map.outputs.report_document import write_report_document
from care_map.outputs.tables import as_arrow
from care_map.schema import TABLES

pytestmark = pytest.mark.slow

ROWS = 12
"""Of each table so many are printed: they have the widest of its figures all the same."""


def shortened(result):
    """Return the assessment with a few rows of each table, wide figures among them."""
    changes = {}
    for table in TABLES:
        frame = getattr(result, table.name, None)
        if frame is None or len(frame) <= ROWS or table.name == "coverage_by_unit":
            continue
        lengths = as_arrow(frame, table).to_pandas().map(lambda cell: len(str(cell))).sum(axis=1)
        widest = lengths.sort_values(kind="stable").index[-ROWS:]
        changes[table.name] = frame.iloc[sorted(widest)]
    coverage = result.coverage_by_unit
    changes["coverage_by_unit"] = coverage[coverage["level"].isin(["all", "district"])]
    return replace(result, **changes)


@pytest.fixture(scope="module")
def printed(demo_result, tmp_path_factory):
    """Return the text of each file as a PDF of it has it."""
    for command in ("soffice", "pdftotext"):
        if shutil.which(command) is None:
            missing(command)
    folder = tmp_path_factory.mktemp("办公")
    texts = catalogue("zh")
    write_report(shortened(demo_result), folder / "table.xlsx")
    write_quarterly_document(demo_result, folder / "quarter.docx")
    write_report_document(report_paper(demo_result), folder / "report.docx", texts)
    files = sorted(str(path) for path in folder.iterdir())
    home = (folder / "home").as_uri()
    options = [f"-env:UserInstallation={home}", "--headless", "--norestore"]
    command = ["soffice", *options, "--convert-to", "pdf", "--outdir", str(folder), *files]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return {path.stem: text_of(path) for path in folder.glob("*.pdf")}


def text_of(path):
    command = ["pdftotext", "-layout", "-enc", "UTF-8", str(path), "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_every_file_is_printed(printed):
    assert set(printed) == {"quarter", "report", "table"}
    for name, text in printed.items():
        assert len(re.findall(r"[\u4e00-\u9fff]", text)) > 500, name
        assert "合成示例数据" in text, name


def test_no_figure_is_too_wide_for_its_column(printed):
    for name, text in printed.items():
        assert re.findall(r"#{2,}", text) == [], name
        # What a spreadsheet shows for a broken formula, and a document for a broken field.
        assert re.findall(r"#(?:NAME|REF|VALUE|DIV/0|N/A)|Err:\d+|Error!", text) == [], name


def test_findings_are_on_paper(printed, demo_result):
    """The figures of each circle stand in the document and in the workbook."""
    words = Words.of(demo_result)
    rows = [(r, row) for r, profile, row in whole_rows(demo_result) if profile == r.official]
    assert len(rows) == 3
    for name in ("report", "table"):
        text = re.sub(r"\s", "", printed[name])
        for reading, row in rows:
            assert re.sub(r"\s", "", words.circle(reading.circle)) in text
            assert f"{row['rate_low']:.1%}" in text
            assert f"{row['uncovered']:,}" in text


def test_letters_are_those_of_a_chinese_font(printed):
    for name, text in printed.items():
        assert "\ufffd" not in text, name
        assert "\u25a1" not in text, name
