"""`care-map compare`: what changed between two runs, and who wins and who loses."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from care_map.assessment import Assessment
from care_map.comparison.compare import Compared, compare_sides
from care_map.errors import Problem
from care_map.inputs.crosswalk import Crosswalk
from care_map.inputs.unit_figures import read_crosswalk
from care_map.messages import Language
from care_map.outputs.comparison import write_comparison
from care_map.outputs.map.compare_page import ComparisonMap

__all__ = ["Comparison", "compare"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed between two runs.

    Parameters
    ----------
    found
        Everything that is known.
    """

    found: Compared

    @property
    def coverage(self) -> pd.DataFrame:
        """Coverage before, after and more: :data:`care_map.schema.COMPARED_COVERAGE`."""
        return self.found.compared_coverage

    @property
    def winners(self) -> pd.DataFrame:
        """Who wins and who loses by town and group: :data:`care_map.schema.WINNERS`."""
        return self.found.winners

    @property
    def gaps(self) -> pd.DataFrame:
        """Gaps that closed and opened: :data:`care_map.schema.COMPARED_GAPS`."""
        return self.found.compared_gaps

    @property
    def facilities(self) -> pd.DataFrame:
        """Facilities that changed: :data:`care_map.schema.COMPARED_FACILITIES`."""
        return self.found.compared_facilities

    @property
    def verdicts(self) -> pd.DataFrame:
        """What became of each clause: :data:`care_map.schema.COMPARED_VERDICTS`."""
        return self.found.compared_verdicts

    @property
    def ledger(self) -> pd.DataFrame:
        """What became of each target: :data:`care_map.schema.COMPARED_LEDGER`."""
        return self.found.compared_ledger

    @property
    def summary(self) -> Mapping[str, object]:
        """Key figures, JSON values only."""
        return self.found.summary

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What makes the two runs hard to compare."""
        return self.found.problems

    def map(self, *, language: Language | None = None) -> ComparisonMap:
        """Return the page: a folium map that works offline; ``.save(path)`` writes it.

        Parameters
        ----------
        language
            Its language; that of the later run without it.
        """
        return ComparisonMap(self.found, language)

    def save(self, folder: str | Path, *, language: Language | None = None) -> Path:
        """Write page, workbook, tables, summary and findings into a folder, swapped in whole.

        Parameters
        ----------
        folder
            Missing, empty, or an earlier comparison.
        language
            As in :meth:`map`.

        Raises
        ------
        OutputError
            The folder cannot be written, or holds something else.
        """
        return write_comparison(self.found, Path(folder), language=language)


def compare(
    before: Assessment | str | Path,
    after: Assessment | str | Path,
    *,
    crosswalk: Crosswalk | str | Path | None = None,
) -> Comparison:
    """Compare two runs: what changed, who wins and who loses.

    Elders are followed by id where both runs have the same; else the differences of towns' counts
    are told, and said to be that. Where definitions differ, the comparison says so in `problems`.

    Parameters
    ----------
    before, after
        Assessments, or folders of runs.
    crosswalk
        Between the units of both, instead of those of their studies, or its file.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        A folder is no run of ours, or the crosswalk has problems.
    """
    if isinstance(crosswalk, str | Path):
        crosswalk = read_crosswalk(crosswalk)
    links = None if crosswalk is None else crosswalk.links
    return Comparison(compare_sides(before, after, links=links))
