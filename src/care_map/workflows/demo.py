"""`care-map demo`: the synthetic demonstration district, made and assessed."""

import tomllib
from pathlib import Path

from care_map.demo.district import write_demo
from care_map.errors import InputError, OutputError, Problem
from care_map.messages import Language
from care_map.workflows.run import Progress, Run, run

__all__ = ["run_demo"]


def run_demo(
    out: str | Path = "outputs/demo-study",
    *,
    language: Language = "zh",
    progress: Progress = lambda _: None,
) -> Run:
    """Write the demonstration study and run it.

    Parameters
    ----------
    out
        Folder of the study; its run lies in ``outputs/demo`` below it.
    language
        Language of the outputs; the synthetic lists are Chinese.
    progress
        As in :func:`care_map.workflows.run.run`.

    Returns
    -------
    Run

    Raises
    ------
    InputError
        The folder holds something that is not a demonstration study.
    OutputError
        The folder cannot be written.
    """
    folder = Path(out)
    _refuse_foreign(folder)
    try:
        study = write_demo(folder, language=language)
    except OSError as error:
        detail = {"detail": error.strerror or str(error)}
        raise OutputError([Problem("new_unwritable", source=str(out), values=detail)]) from None
    return run(study, progress=progress)


def _refuse_foreign(folder: Path) -> None:
    """Raise unless the folder is missing, empty or an earlier demonstration."""
    if folder.is_dir() and any(folder.iterdir()):
        try:
            told = tomllib.loads((folder / "study.toml").read_text(encoding="utf-8-sig"))
        except (OSError, ValueError):
            told = {}
        head = told.get("study")
        if not isinstance(head, dict) or head.get("data") != "synthetic":
            raise InputError([Problem("demo_foreign", source=str(folder))])
    elif folder.exists() and not folder.is_dir():
        raise InputError([Problem("new_is_file", source=str(folder))])
