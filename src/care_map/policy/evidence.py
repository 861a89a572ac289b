"""The rows that a verdict rests on, with what their cells say and what they lack."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.messages import Catalogue
from care_map.packs.columns import VOCABULARY_OF
from care_map.policy.answers import Answers, joined_lacks
from care_map.policy.cells import Cells
from care_map.policy.scene import Scene
from care_map.policy.scope import Scope

__all__ = [
    "EVIDENCE",
    "answer_words",
    "evidence_of",
    "judged_rows",
    "number_text",
    "plain_evidence",
]

Bools = NDArray[np.bool_]
Objects = NDArray[np.object_]

EVIDENCE = ("row_kind", "row_id", "name", "unit_id", "unit_name", "answer", "value", "missing")
_WORDS = np.array(["yes", "no", "unknown"], dtype=object)
_KIND = {"facilities": "facility", "units": "unit", "elders": "elder", "services": "service"}
_ID = {
    "facilities": "facility_id",
    "units": "unit_id",
    "elders": "demand_id",
    "services": "facility_id",
}
_NAME = {"facilities": "name", "units": "name", "services": "facility.name"}


def plain_evidence(columns: Mapping[str, Sequence[object]]) -> dict[str, Objects]:
    """Return rows of evidence that are made by hand.

    Parameters
    ----------
    columns
        :data:`EVIDENCE`, all of one length.
    """
    return {name: np.array([str(cell) for cell in columns[name]], object) for name in EVIDENCE}


def number_text(number: float) -> str:
    """Return a number as people write it.

    Examples
    --------
    >>> number_text(250.0), number_text(0.25)
    ('250', '0.25')
    """
    return str(int(number)) if number == int(number) else f"{number:.10g}"


def answer_words(member: Answers, meets: Answers) -> Objects:
    """Return yes, no or unknown for each row; a row that may not be meant is unknown."""
    sure = member.yes
    code = np.select([sure & meets.yes, sure & meets.no], [0, 1], 2)
    return np.asarray(_WORDS[code], dtype=object)


def judged_rows(scope: Scope, meets: Answers) -> tuple[Bools, Objects]:
    """Return which rows are evidence, and the answer of each.

    Of elders only those that are not, are unknown (unless all are), or live elsewhere.
    """
    words = answer_words(scope.member, meets)
    rows = ~scope.member.no
    if scope.rows != "elders":
        return rows, words
    rows &= ~scope.cells.counted
    sure = scope.member.yes
    shown = rows & ~(sure & meets.yes)
    if not (rows & sure & (meets.yes | meets.no)).any():
        shown = np.zeros(len(rows), bool)
    words[scope.away] = "away"
    return shown | scope.away, words


def evidence_of(
    scene: Scene,
    rows: str,
    chosen: Bools,
    words: Objects,
    *,
    fields: Sequence[str],
    missing: Sequence[Mapping[str, Bools]] = (),
) -> dict[str, Objects]:
    """Return the chosen rows of a list as evidence.

    Parameters
    ----------
    scene
        Lists and language.
    rows
        List.
    chosen
        ``(n,)`` which rows.
    words
        ``(n,)`` their answers.
    fields
        Columns whose cells are shown.
    missing
        What rows lack.

    Returns
    -------
    Evidence
        :data:`EVIDENCE`, an entry per chosen row.
    """
    cells = scene.cells(rows)
    at = np.flatnonzero(chosen)
    unit_id = _texts(cells, "unit_id", at)
    own_unit = rows == "units"
    return {
        "row_kind": np.broadcast_to(np.array([_KIND[rows]], dtype=object), len(at)),
        "row_id": _texts(cells, _ID[rows], at),
        "name": _texts(cells, _NAME.get(rows, ""), at),
        "unit_id": unit_id,
        "unit_name": _texts(cells, "name" if own_unit else "unit.name", at),
        "answer": words[at],
        "value": _joined(
            [_cell_texts(scene, rows, name, at) for name in fields], len(at), scene.texts
        ),
        "missing": _joined(_lack_texts(scene, rows, missing, at), len(at), scene.texts),
    }


Coded = tuple[NDArray[np.int64], list[str]]


def _texts(cells: Cells, name: str, at: NDArray[np.int64]) -> Objects:
    return cells.words(name).at(at)


def _cell_texts(scene: Scene, rows: str, name: str, at: NDArray[np.int64]) -> Coded:
    """Return what each cell says, with the title of its column; empty where nothing stands."""
    cells, texts = scene.cells(rows), scene.texts
    kind = cells.kind(name)
    if kind in ("number", "integer", "flag"):
        codes, values = pd.factorize(cells.numbers(name)[at], use_na_sentinel=True)
        flags = {1.0: texts.text("policy.flag.yes"), 0.0: texts.text("policy.flag.no")}
        shown = [flags[one] if kind == "flag" else number_text(one) for one in values]
    else:
        column = cells.words(name)
        codes = column.codes[at]
        group = VOCABULARY_OF.get(name.rpartition(".")[2])
        if name == "services":
            group = "service"
        shown = [_labels(scene, group, value) for value in column.spelled]
    title = scene.title(rows, name)
    return codes.astype(np.int64), [f"{title} {one}" if one else "" for one in shown]


def _labels(scene: Scene, group: str | None, value: str) -> str:
    if group is None or not value:
        return scene.texts.names(value.split(";"))
    return scene.texts.names(scene.texts.label(group, code) for code in value.split(";"))


def _lack_texts(
    scene: Scene, rows: str, missing: Sequence[Mapping[str, Bools]], at: NDArray[np.int64]
) -> list[Coded]:
    return [
        (np.where(those[at], 0, -1), [scene.title(rows, name)])
        for name, those in joined_lacks(missing).items()
    ]


def _joined(parts: Sequence[Coded], size: int, texts: Catalogue) -> Objects:
    """Join texts of each row; each different combination is put together once."""
    codes = np.zeros(size, dtype=np.int64)
    spelled = [""]
    for more, words in parts:
        width = len(words) + 1
        codes, found = pd.factorize(codes * width + more + 1)
        spelled = [
            texts.remarks(filter(None, (spelled[key // width], ["", *words][key % width])))
            for key in found.tolist()
        ]
    return np.array([*spelled, ""], dtype=object)[codes]
