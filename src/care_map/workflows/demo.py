"""`care-map demo`: the synthetic demonstration district, made and assessed."""

from pathlib import Path

from care_map.demo.district import write_demo
from care_map.messages import Language
from care_map.workflows.run import Progress, Run, run

__all__ = ["demo"]


def demo(
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
    """
    return run(write_demo(Path(out), language=language), progress=progress)
