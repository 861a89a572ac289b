"""Labels of another time: codes and names that a list still has, or has already.

A label that names a unit in force means that unit. One that names a unit of another time is put
in today's words where the crosswalk leaves no doubt; of a split unit the row's point decides.
What stays open is listed with the candidates, and the label is not used.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.inputs.codes import normal_word
from care_map.inputs.crosswalk import Crosswalk
from care_map.inputs.points import project, representative_points
from care_map.inputs.sources import ROW, SourceTable
from care_map.inputs.texts import different_rows
from care_map.inputs.unit_codes import are_codes, code_fault, lost_zeros
from care_map.inputs.unit_index import UnitIndex, canonical_code

__all__ = ["AS_LISTED", "with_units_of_the_day"]

AS_LISTED = "unit_as_listed"
"""Column that keeps the label of a row whose label was put in other words or not used."""

_SHORTEST_CODE = 5
"""Shorter labels are something else than a code that was damaged."""

_LEVEL_OF = {"town_name": "town", "community_name": "community"}


@dataclass(frozen=True, slots=True)
class _Times:
    """The units in force, the others, and what leads from these to those.

    Parameters
    ----------
    index
        Units in force.
    others
        Units of the study that are not.
    crosswalk
        Links between times.
    present
        Codes of the units in force → their ids.
    names
        Names of the units in force, by level.
    former
        Codes and names of the others → when they are in force.
    coded
        Whether the units have Chinese codes, so that another code must be one too.
    """

    index: UnitIndex
    crosswalk: Crosswalk
    present: dict[str, str]
    names: dict[str, set[str]]
    former: dict[str, str]
    coded: bool

    def of_code(self, code: str) -> tuple[str, ...]:
        """Return the units in force that a code of another time leads to."""
        return self._ids(self.crosswalk.other_times(canonical_code(code), self.present))

    def of_name(self, name: str, level: str) -> tuple[str, ...]:
        """Return the units in force, of a level, that a name of another time leads to."""
        word = normal_word(name)
        keys = dict.fromkeys(self.crosswalk.named.get(word, ()))
        found = [end for key in keys for end in self.crosswalk.other_times(key, self.present)]
        ids = self._ids(tuple(dict.fromkeys(found)))
        return tuple(unit for unit in ids if self.index.levels[unit] == level)

    def _ids(self, keys: Sequence[str]) -> tuple[str, ...]:
        return tuple(sorted(self.present[key] for key in keys))


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a label means: nothing to do, one unit, several, or a finding."""

    units: tuple[str, ...] = ()
    fault: str = ""
    detail: str = ""


_PLAIN = _Meaning()


def with_units_of_the_day(
    tables: Sequence[SourceTable], *, index: UnitIndex, others: pd.DataFrame, crosswalk: Crosswalk
) -> list[SourceTable]:
    """Put the labels of other times in the words of the units in force.

    Parameters
    ----------
    tables
        Facilities, demand or targets as read; findings are added to theirs.
    index
        The units in force.
    others
        ``unit_id, name, level, valid_from, valid_to`` of the study's other units.
    crosswalk
        Links between times.

    Returns
    -------
    list of SourceTable
        The same rows. Where a label was changed or is not used, :data:`AS_LISTED` keeps it.
    """
    if index.empty:
        return list(tables)
    names: dict[str, set[str]] = {}
    for unit, name in index.names.items():
        names.setdefault(index.levels[unit], set()).add(normal_word(name))
    former: dict[str, str] = {}
    for row in others.to_dict("records"):
        span = f"{row['valid_from']}–{row['valid_to']}"
        former[canonical_code(row["unit_id"])] = span
        former[normal_word(row["name"])] = span
    present = {canonical_code(unit): unit for unit in index.ids}
    times = _Times(index, crosswalk, present, names, former, are_codes(index.ids))
    return [_translated(table, times) for table in tables]


def _translated(table: SourceTable, times: _Times) -> SourceTable:
    def code_means(code: str) -> _Meaning:
        return _meaning_of_code(code, times)

    table = _column_translated(table, times, "unit_id", code_means, str)
    if times.crosswalk.empty and not times.former:
        return table
    for column, level in _LEVEL_OF.items():

        def name_means(name: str, level: str = level) -> _Meaning:
            return _meaning_of_name(name, level, times)

        table = _column_translated(table, times, column, name_means, times.index.names.__getitem__)
    return table


def _meaning_of_code(code: str, times: _Times) -> _Meaning:
    if not code or times.index.by_code(code):
        return _PLAIN
    units = times.of_code(code)
    if units:
        return _Meaning(units)
    span = times.former.get(canonical_code(code))
    if span:
        return _Meaning(fault="label_not_in_force", detail=span)
    fault = code_fault(code) if times.coded and len(code) >= _SHORTEST_CODE else ""
    # Well formed, and yet nobody's: that is for those who look for unknown units.
    fault = "" if fault == "code_province" else fault
    meant = lost_zeros(code, times.present) if fault == "code_length" else ""
    return _Meaning(
        fault="code_zeros_lost" if meant else fault, detail=times.present.get(meant, "")
    )


def _meaning_of_name(name: str, level: str, times: _Times) -> _Meaning:
    word = normal_word(name)
    if not word or word in times.names.get(level, ()):
        return _PLAIN
    units = times.of_name(name, level)
    if units:
        return _Meaning(units)
    span = times.former.get(word)
    return _Meaning(fault="label_not_in_force", detail=span) if span else _PLAIN


def _column_translated(
    table: SourceTable,
    times: _Times,
    column: str,
    means: Callable[[str], _Meaning],
    spelled: Callable[[str], str],
) -> SourceTable:
    """Return the table with one column of labels in today's words."""
    if column not in table.frame:
        return table
    places, labels = pd.factorize(table.frame[column].to_numpy(dtype=object))
    odd = [(at, label, means(label)) for at, label in enumerate(labels)]
    odd = [(at, label, meaning) for at, label, meaning in odd if meaning != _PLAIN]
    if not odd:
        return table
    words = table.frame[column].to_numpy(dtype=object).copy()
    changed = np.isin(places, [at for at, _, _ in odd])
    rows = np.flatnonzero(changed)
    rows = rows[np.argsort(places[rows], kind="stable")]
    first = np.searchsorted(places[rows], [at for at, _, _ in odd] + [len(labels)])
    for (_, label, meaning), start, end in zip(odd, first[:-1], first[1:], strict=True):
        of_label = rows[start:end]
        words[of_label] = _put(table, times, column, label, meaning, of_label, spelled)
    kept = table.frame.get(AS_LISTED, pd.Series("", table.frame.index, dtype=object))
    listed = kept.where(~changed | (kept != ""), table.frame[column])
    frame = table.frame.assign(
        **{column: pd.Series(words, table.frame.index, dtype=object), AS_LISTED: listed}
    )
    return replace(table, frame=frame)


def _put(
    table: SourceTable,
    times: _Times,
    column: str,
    label: str,
    meaning: _Meaning,
    rows: NDArray[np.intp],
    spelled: Callable[[str], str],
) -> NDArray[np.object_]:
    """Return what stands for a label in some rows, and say so."""
    words = np.full(len(rows), "", dtype=object)
    if meaning.fault:
        _list(table, meaning.fault, rows, column, label, meaning.detail)
        return words
    shown = tuple(_shown(unit, times.index) for unit in meaning.units)
    if len(meaning.units) == 1:
        words[:] = spelled(meaning.units[0])
        _state(table, "label_put", rows, column=column, label=label, place=shown)
        return words
    chosen = _by_point(table, times.index, meaning.units, rows)
    known = chosen != ""
    words[known] = [spelled(unit) for unit in chosen[known]]
    if known.any():
        _state(table, "label_by_point", rows[known], column=column, label=label, place=shown)
    _list(table, "label_split", rows[~known], column, label, shown)
    return words


def _shown(unit: str, index: UnitIndex) -> str:
    return f"{index.names[unit]} ({unit})"


def _by_point(
    table: SourceTable, index: UnitIndex, units: Sequence[str], rows: NDArray[np.intp]
) -> NDArray[np.object_]:
    """Return the one of some units that the point of each row is in, "" where there is none."""
    points = representative_points(project(table.geometry[rows], index.units.crs))
    found, which = different_rows([index.lowest(points)])
    inside = [next((one for one in units if one in index.chain(unit)), "") for (unit,) in found]
    return np.array(inside, dtype=object)[which]


def _state(
    table: SourceTable,
    code: str,
    rows: NDArray[np.intp],
    *,
    column: str,
    label: str,
    place: tuple[str, ...],
) -> None:
    """State once what a label was taken for, with its first row."""
    first = int(table.frame[ROW].to_numpy()[rows[0]])
    table.findings.add(
        code, "info", row=first, column=column, value=label, count=len(rows), place=place
    )


def _list(
    table: SourceTable, code: str, rows: NDArray[np.intp], column: str, label: str, detail: object
) -> None:
    """List rows whose label is not used."""
    numbers = table.frame[ROW].to_numpy()[rows]
    cells = [label] * len(rows)
    table.findings.each(code, rows=numbers, column=column, cells=cells, detail=detail)
