"""The notebooks from a clean kernel: no error, and the pictures that a reader is promised."""

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
LIMIT_S = 400
PICTURE = "image/png"


def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def pictures(notebook):
    return sum(PICTURE in output.get("data", {}) for output in outputs(notebook))


def test_there_are_three():
    assert [file.stem for file in NOTEBOOKS] == [
        "01_quick_start",
        "02_siting_and_scenarios",
        "03_own_data",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_runs_from_a_clean_kernel(file, tmp_path):
    shutil.copy(file, tmp_path)
    notebook = nbformat.read(file, as_version=4)
    stored = pictures(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    client = NotebookClient(
        notebook, timeout=LIMIT_S, resources={"metadata": {"path": str(tmp_path)}}
    )
    # A cell that fails raises.
    client.execute()
    assert pictures(notebook) == stored > 0


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_is_stored_as_it_ran(file):
    notebook = nbformat.read(file, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert all(output.output_type != "error" for output in outputs(notebook))
    # Nothing of the machine that ran it.
    text = file.read_text(encoding="utf-8")
    assert str(Path.home()) not in text
