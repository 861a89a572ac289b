"""Which header of a file is which of our columns."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from care_map.inputs.findings import Findings
from care_map.schema import Table

__all__ = ["RUNNING_NUMBERS", "Headers", "find_headers", "normal_header", "recognised"]

RUNNING_NUMBERS = frozenset({"序号", "序號", "no", "no."})
"""Headers of a running number, which is an id only if nothing else is."""

_NOISE = re.compile("[\\s*＊:：_\u200b-\u200f\u2060\ufeff]+")
_BRACKETS = str.maketrans({"〔": "(", "〕": ")", "【": "(", "】": ")", "[": "(", "]": ")"})


@dataclass(frozen=True, slots=True)
class Headers:
    """The headers of a file, understood.

    Parameters
    ----------
    place
        Our column name → position in the file.
    spelled
        Our column name → header as the file spells it.
    unknown
        Positions of all other headers.
    """

    place: Mapping[str, int]
    spelled: Mapping[str, str]
    unknown: tuple[int, ...]


def normal_header(header: str) -> str:
    """Return a header in the form in which headers are compared.

    Examples
    --------
    >>> normal_header("建筑面积（平方米） *")
    '建筑面积(平方米)'
    """
    text = unicodedata.normalize("NFKC", header).translate(_BRACKETS).casefold()
    return _NOISE.sub("", text)


def recognised(headers: Sequence[str], table: Table, columns: Mapping[str, str]) -> set[str]:
    """Return the names of our columns that a row of cells has headers for."""
    known = _known(table)
    normal = {normal_header(header) for header in headers if header}
    found = {known[header] for header in normal if header in known}
    named = {name for name, header in columns.items() if normal_header(header) in normal}
    return found | named


def find_headers(
    headers: Sequence[str],
    table: Table,
    *,
    columns: Mapping[str, str],
    constants: Mapping[str, object],
    findings: Findings,
) -> Headers:
    """Map headers to our columns: as the study says, else by name, title or alias.

    Parameters
    ----------
    headers
        As the file spells them.
    table
        Whose columns are looked for.
    columns
        Our column name → header, from the study.
    constants
        Columns that the study gives a value for: only `columns` may map a header to them.
    findings
        Gets an error for a header that is missing and for two headers of one column.

    Returns
    -------
    Headers
    """
    place = _named(headers, columns, findings)
    taken = set(place.values())
    candidates: dict[str, list[int]] = {}
    known = _known(table)
    for position, header in enumerate(headers):
        name = known.get(normal_header(header))
        if name and position not in taken and name not in columns and name not in constants:
            candidates.setdefault(name, []).append(position)
    for name, positions in candidates.items():
        real = [at for at in positions if normal_header(headers[at]) not in RUNNING_NUMBERS]
        chosen = real or positions[:1]
        if len(chosen) > 1:
            both = " / ".join(headers[at] for at in chosen)
            findings.add("column_ambiguous", "error", column=name, value=both, name=name)
        place[name] = chosen[0]
    for column in table.columns:
        if column.required and column.name not in place and column.name not in constants:
            findings.add(
                "column_missing",
                "error",
                column=column.zh,
                name=column.name,
                present=_present(headers),
            )
    unknown = tuple(at for at in range(len(headers)) if at not in set(place.values()))
    return Headers(place, {name: headers[at] for name, at in place.items()}, unknown)


@cache
def _known(table: Table) -> Mapping[str, str]:
    known: dict[str, str] = {}
    for column in table.columns:
        for spelling in (column.name, column.zh, column.en, *column.aliases):
            known.setdefault(normal_header(spelling), column.name)
    return known


def _named(
    headers: Sequence[str], columns: Mapping[str, str], findings: Findings
) -> dict[str, int]:
    """Find the headers that the study names: as spelled, else in their normal form."""
    place: dict[str, int] = {}
    normal = [normal_header(header) for header in headers]
    for name, header in columns.items():
        exact = [at for at, given in enumerate(headers) if given == header]
        found = exact or [at for at, given in enumerate(normal) if given == normal_header(header)]
        if found:
            place[name] = found[0]
        else:
            findings.add(
                "header_missing", "error", column=header, name=name, present=_present(headers)
            )
    return place


def _present(headers: Sequence[str]) -> tuple[str, ...]:
    return tuple(filter(None, headers))
