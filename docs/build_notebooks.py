"""Run the notebooks from clean kernels and store what they show.

Run ``python docs/build_notebooks.py`` after a change of what they use; names of notebooks run those
alone.
"""

import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

_NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
_LIMIT_S = 600


def main() -> None:
    """Execute each notebook in an empty folder and write it with its outputs."""
    wanted = set(sys.argv[1:])
    for file in sorted(_NOTEBOOKS.glob("*.ipynb")):
        if wanted and file.stem not in wanted:
            continue
        notebook = nbformat.read(file, as_version=4)
        with tempfile.TemporaryDirectory() as folder:
            resources = {"metadata": {"path": folder}}
            NotebookClient(notebook, timeout=_LIMIT_S, resources=resources).execute()
        for cell in notebook.cells:
            cell.metadata = {}
        nbformat.write(notebook, file)


if __name__ == "__main__":
    main()
