"""`care-map returns`: one workbook per town, and the folder of them back.

::

    returns/2026Q4/甲街道_2026Q4.xlsx       what `new` writes: last period's rows, to be mended

    outputs/returns/2026Q4/                 what `merge` writes
        facilities.xlsx  elders.xlsx        every good row, as the study can read it
        received.xlsx                       towns whose return has come, for [[received]]
        chase.xlsx                          towns whose return is missing or cannot be used
        report.xlsx                         each town, what changed, rows that were not merged
        marked/                             returns with problems, marked in the cells
        issues.csv  summary.json
"""

import contextlib
import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from care_map.config import Study
from care_map.errors import InputError, OutputError, Problem
from care_map.inputs.last_period import LastPeriod, read_last_period
from care_map.inputs.return_files import read_folder
from care_map.inputs.return_merge import FORM_VERSION, merge_files, most_common_period
from care_map.inputs.returns import own_columns
from care_map.messages import Catalogue, Language, catalogue
from care_map.outputs.folder import swapped_folder
from care_map.outputs.return_results import MergedList, Summary, write_results
from care_map.outputs.returns import file_stem, list_columns
from care_map.outputs.templates import TemplateSheet, write_template
from care_map.packs.used_columns import used_columns
from care_map.schema import Column
from care_map.vocabulary import STAGE_DATES

__all__ = ["MergedReturns", "ReturnForms", "merge_returns", "new_returns"]

_PERIOD = re.compile(r"[\w-]{1,20}")
_ASKED: Mapping[str, tuple[str, ...]] = {
    "facilities": (
        "facility_id",
        "name",
        "roles",
        "stage",
        *STAGE_DATES,
        "unit_id",
        "community_name",
        "address",
        "phone",
        "operator",
        "ownership",
        "operator_kind",
        "floor_area_m2",
        "beds",
        "nursing_beds",
        "day_care_beds",
        "open_beds",
        "lon",
        "lat",
        "updated",
    ),
    "demand": (
        "demand_id",
        "age",
        "grade_scheme",
        "grade",
        "groups",
        "needs",
        "residence",
        "willing",
        "signed",
        "last_visit",
        "unit_id",
        "community_name",
        "lon",
        "lat",
    ),
}
"""What the notices' quarterly reports need of every facility, and what a list of elders holds."""

_DERIVED = ("town_name", "elders", "origin", "location_quality", "placed_by")


@dataclass(frozen=True, slots=True)
class ReturnForms:
    """Forms that were written.

    Parameters
    ----------
    folder
        Where they are.
    period
        Period that they ask for.
    files
        The workbooks, in the order of the towns.
    problems
        What the user should know of them.
    """

    folder: Path
    period: str
    files: tuple[Path, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class MergedReturns:
    """A folder of returns, merged.

    Parameters
    ----------
    folder
        Where the results are.
    period
        Period that was collected.
    summary
        Key figures, as ``summary.json`` has them.
    problems
        Every finding; `source` is the file's name in the folder of returns.
    study_lines
        What the study file says to read the merged lists, in TOML.
    """

    folder: Path
    period: str
    summary: Summary
    problems: tuple[Problem, ...]
    study_lines: tuple[str, ...]


def new_returns(
    study: Study | str | Path,
    *,
    out: str | Path | None = None,
    period: str | None = None,
    with_elders: bool = False,
    language: Language | None = None,
) -> ReturnForms:
    """Write one workbook per town, with the town's rows of last period filled in.

    Parameters
    ----------
    study
        A study, or the path of a study file or of its folder.
    out
        Folder of the workbooks; ``returns/<period>`` in the study's folder without it.
    period
        For example ``2026Q4``; the quarter of the study's ``as_of`` without it, else today's.
    with_elders
        Whether the lists of elders go along. They are sensitive personal data.
    language
        Language of the workbooks; the study's without it.

    Returns
    -------
    ReturnForms

    Raises
    ------
    InputError
        The study's lists have errors, it has no towns, or a workbook is there already.
    OutputError
        The folder cannot be written.
    """
    last = read_last_period(study, with_elders=with_elders)
    texts = catalogue(language or last.study.language)
    period = _period(period, last.study)
    folder = Path(out) if out is not None else last.study.root / "returns" / period
    taken: set[str] = set()
    names: dict[str, Path] = {}
    for unit, name in last.towns.items():
        stem = file_stem(name, period, taken=taken)
        taken.add(stem.casefold())
        names[unit] = folder / f"{stem}.xlsx"
    there = [file.name for file in names.values() if file.exists()]
    if there:
        raise InputError(
            [Problem("return_exists", source=str(folder), value=" / ".join(there[:3]))]
        )
    columns = {
        kind.key: list_columns(
            kind, last.rows[kind.key], always=_asked(kind.key, last.study), never=_DERIVED
        )
        for kind in last.kinds
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for unit, file in names.items():
            _write_form(file, unit, last, columns=columns, period=period, texts=texts)
    except OSError as error:
        detail = {"detail": error.strerror or str(error)}
        raise OutputError(
            [Problem("output_unwritable", source=str(folder), values=detail)]
        ) from None
    problems = tuple(_told(last))
    return ReturnForms(folder, period, tuple(names.values()), problems)


def merge_returns(
    study: Study | str | Path,
    folder: str | Path,
    *,
    out: str | Path | None = None,
    period: str | None = None,
    with_elders: bool = False,
    received: dt.date | None = None,
    language: Language | None = None,
) -> MergedReturns:
    """Merge a folder of returns: every good row, who is missing, what is wrong, what changed.

    Parameters
    ----------
    study
        A study, or the path of a study file or of its folder.
    folder
        What the towns have sent back, under any names of files.
    out
        Folder of the results; ``outputs/returns/<period>`` in the study's folder without it.
    period
        Period that is collected; the one of most workbooks without it.
    with_elders
        Whether lists of elders are merged too.
    received
        Day on which the returns came, for the list that ``[[received]]`` of a study reads; its
        cells stay empty without it.
    language
        Language of comments and lists; the study's without it.

    Returns
    -------
    MergedReturns

    Raises
    ------
    InputError
        The study's lists have errors, it has no towns, or there is no such folder.
    OutputError
        The results cannot be written.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError([Problem("return_no_folder", source=str(folder))])
    last = read_last_period(study, with_elders=with_elders)
    texts = catalogue(language or last.study.language)
    files = read_folder(folder.resolve(), towns=last.towns)
    period = _period(period or most_common_period(files) or None, last.study)
    target = Path(out) if out is not None else last.study.root / "outputs" / "returns" / period
    if target.resolve().is_relative_to(folder.resolve()):
        raise InputError([Problem("return_out_inside", source=str(target))])
    merge = merge_files(
        files,
        study=last.study,
        index=last.index,
        kinds=last.kinds,
        period=period,
        datum=last.datum,
        own=set().union(*(own_columns(last.rows[kind.key], kind.table) for kind in last.kinds)),
    )
    with swapped_folder(target) as fresh:
        summary = write_results(
            fresh, last=last, merge=merge, period=period, received=received, texts=texts
        )
    lines = tuple(_study_lines(target, last.study, summary["lists"]))
    return MergedReturns(target, period, summary, tuple(merge.problems), lines)


def _asked(kind: str, study: Study) -> tuple[str, ...]:
    """Return the columns that a form asks for: the usual ones, and those of the notice."""
    if study.pack is None:
        return _ASKED[kind]
    rows = "elders" if kind == "demand" else kind
    return (*_ASKED[kind], *sorted(used_columns(study.pack)[rows]))


def _study_lines(folder: Path, study: Study, lists: Mapping[str, MergedList]) -> Iterator[str]:
    """Yield the sources of the merged lists as a study file spells them."""
    for key, merged in lists.items():
        path = folder.resolve() / merged["file"]
        with contextlib.suppress(ValueError):
            path = path.relative_to(study.root.resolve())
        for sheet in merged["sheets"]:
            yield f"[[{key}]]"
            yield f"path = {json.dumps(path.as_posix(), ensure_ascii=False)}"
            yield f"layer = {json.dumps(sheet, ensure_ascii=False)}"
            yield f'datum = "{merged["datum"]}"'


def _period(given: str | None, study: Study) -> str:
    if given is None:
        day = study.as_of or dt.datetime.now(tz=dt.UTC).astimezone().date()
        return f"{day.year}Q{(day.month + 2) // 3}"
    if not _PERIOD.fullmatch(given):
        raise InputError([Problem("return_period_name", column="--period", value=given)])
    return given


def _told(last: LastPeriod) -> list[Problem]:
    """Return what the user should know of the forms."""
    found = [
        Problem("return_row_without_town", "warning", record.file, row=record.row)
        for kind in last.kinds
        for record in last.rows[kind.key]
        if not record.town
    ]
    if last.left_out:
        found.append(Problem("return_rows_left_out", "info", count=last.left_out))
    return found


def _write_form(
    file: Path,
    unit: str,
    last: LastPeriod,
    *,
    columns: Mapping[str, Sequence[Column]],
    period: str,
    texts: Catalogue,
) -> None:
    """Write the workbook of one town."""
    name = last.towns[unit]
    title = texts.text("returns.form.title", town=name, period=period)
    communities = [
        last.index.names[one]
        for one in last.index.ids
        if last.index.levels[one] == "community" and unit in last.index.chain(one)
    ]
    sheets = [
        TemplateSheet(
            kind.table,
            tuple(columns[kind.key]),
            [
                [record.cells.get(column.name) for column in columns[kind.key]]
                for record in last.rows[kind.key]
                if record.town == unit
            ],
            title=title,
        )
        for kind in last.kinds
    ]
    lines = [texts.text(f"returns.guide.{line}") for line in ("rows", "ids", "back")]
    lines.append(texts.text("returns.guide.datum", datum=last.datum["facilities"].upper()))
    if "demand" in columns:
        lines.append(texts.text("template.guide.elders"))
    identity = {
        "form": FORM_VERSION,
        "study": last.study.name,
        "period": period,
        "unit_id": unit,
        "unit_name": name,
        "lists": ";".join(kind.key for kind in last.kinds),
        **{f"datum_{kind.key}": last.datum[kind.key] for kind in last.kinds},
    }
    write_template(
        file,
        sheets,
        texts=texts,
        title=title,
        lines=lines,
        names={"communities": communities} if communities else {},
        identity=identity,
    )
