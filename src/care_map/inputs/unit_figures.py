"""Figures of units of one time → figures of the units of another, sums kept exactly."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.config import CrosswalkSource, Study
from care_map.errors import InputError, Problem
from care_map.inputs.codes import normal_word
from care_map.inputs.crosswalk import Crosswalk, make_crosswalk, unit_key
from care_map.inputs.osm_demand import largest_remainder
from care_map.inputs.sources import read_source
from care_map.schema import CROSSWALK

__all__ = ["map_units", "read_crosswalk"]

_NO_UNITS = pd.DataFrame({"unit_id": [], "name": []}, dtype=object)
_Links = Mapping[str, Mapping[str, float]]


def read_crosswalk(path: str | Path) -> Crosswalk:
    """Read a crosswalk between units of two times from CSV or a spreadsheet.

    Parameters
    ----------
    path
        A table with the columns of :data:`care_map.schema.CROSSWALK`.

    Returns
    -------
    Crosswalk

    Raises
    ------
    InputError
        The table cannot be read, shares do not sum to 1, a row stands twice, a unit comes back
        to itself; all problems are listed.
    """
    file = Path(path)
    study = Study(root=file.parent, name=file.name)
    problems: list[Problem] = []
    table = read_source(study, CrosswalkSource(path=Path(file.name)), CROSSWALK, problems=problems)
    tables = [] if table is None else [table]
    crosswalk = make_crosswalk(tables, units=_NO_UNITS, others=_NO_UNITS)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise InputError(errors)
    return crosswalk


def map_units(
    table: pd.DataFrame,
    crosswalk: Crosswalk,
    *,
    columns: Sequence[str],
    back: bool = False,
    weights: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Carry figures of units over to what the units have become, or back.

    Whole numbers stay whole: they are divided by largest remainder, so that every unit's figure
    is in the result exactly once. A unit that is in no link keeps its figure. Only counts and
    areas can be carried over: of rates carry over both of their numbers.

    Parameters
    ----------
    table
        ``unit_id`` (code, or name where the crosswalk knows the unit by name only) and figures.
    crosswalk
        Of :func:`read_crosswalk`.
    columns
        Columns to carry over: whole numbers or floats, none missing.
    back
        From what units have become to what they were. A unit that came from several is divided
        by `weights`.
    weights
        Size of former units, such as their elders, by code: needed for the way back where units
        were merged, as nothing else says who of them came from where.

    Returns
    -------
    pandas.DataFrame
        ``unit_id`` (codes in full) and `columns`, a row per unit, in order of first appearance.

    Raises
    ------
    InputError
        A column is no number or has missing cells; a weight is needed and not given.

    Examples
    --------
    >>> links = pd.DataFrame({"from_unit": ["a", "a", "b"], "to_unit": ["c", "d", "d"],
    ...     "share": [0.5, 0.5, 1.0], "from_name": "", "to_name": "", "since": ""})
    >>> old = pd.DataFrame({"unit_id": ["a", "b", "z"], "elders": [7, 10, 3]})
    >>> map_units(old, Crosswalk(links), columns=["elders"]).values.tolist()
    [['c', 4], ['d', 13], ['z', 3]]
    """
    _check(table, columns)
    links = _backward(crosswalk, weights) if back else crosswalk.forward
    units = [_parts(_key(str(unit), crosswalk, links), links) for unit in table["unit_id"]]
    order = list(dict.fromkeys(end for parts in units for end in parts))
    place = {unit: at for at, unit in enumerate(order)}
    figures: dict[str, NDArray[Any]] = {"unit_id": np.array(order, dtype=object)}
    for name in columns:
        whole = pd.api.types.is_integer_dtype(table[name].dtype)
        sums: NDArray[Any] = np.zeros(len(order), dtype=np.int64 if whole else np.float64)
        for value, parts in zip(table[name].tolist(), units, strict=True):
            at = [place[end] for end in parts]
            sums[at] += _divided(value, np.array(list(parts.values())), whole=whole)
        figures[name] = sums
    return pd.DataFrame(figures)


def _key(unit: str, crosswalk: Crosswalk, links: _Links) -> str:
    """Return what a unit is known by in the links, be it given by code or by name."""
    code = unit_key(unit)
    if code in links:
        return code
    named = [key for key in crosswalk.named.get(normal_word(unit), ()) if key in links]
    return named[0] if len(named) == 1 else code


def _check(table: pd.DataFrame, columns: Sequence[str]) -> None:
    problems = []
    for name in ("unit_id", *columns):
        cells = table.get(name)
        if cells is None:
            problems.append(Problem("figures_column", column=name))
        elif name != "unit_id" and not pd.api.types.is_numeric_dtype(cells.dtype):
            problems.append(Problem("figures_no_number", column=name))
        elif cells.isna().any():
            problems.append(Problem("figures_missing", column=name, count=int(cells.isna().sum())))
    if problems:
        raise InputError(problems)


def _divided(
    value: float, shares: NDArray[np.float64], *, whole: bool
) -> NDArray[np.int64] | NDArray[np.float64]:
    if not whole:
        return value * shares
    # A difference between two periods may be negative; it divides like its size.
    sign = -1 if value < 0 else 1
    return sign * largest_remainder(shares, abs(int(value)))


def _parts(unit: str, links: _Links) -> dict[str, float]:
    """Return the shares of the units that a unit ends in, itself if it is in no link."""
    ends: dict[str, float] = {}
    waiting = [(unit, 1.0)]
    while waiting:
        one, share = waiting.pop(0)
        following = links.get(one)
        if following is None:
            ends[one] = ends.get(one, 0.0) + share
            continue
        for two, part in following.items():
            # A unit that gave away a part goes on under its code.
            if two == one:
                ends[one] = ends.get(one, 0.0) + share * part
            else:
                waiting.append((two, share * part))
    return ends


def _backward(crosswalk: Crosswalk, weights: Mapping[str, float] | None) -> _Links:
    """Return for each unit the shares that came from others, by the weights of these."""
    given = {
        _key(unit, crosswalk, crosswalk.forward): float(weight)
        for unit, weight in (weights or {}).items()
    }
    problems: list[Problem] = []
    links: dict[str, dict[str, float]] = {}
    sizes = _sizes(crosswalk, given)
    for unit, sources in crosswalk.backward.items():
        if len(sources) == 1:
            links[unit] = dict.fromkeys(sources, 1.0)
            continue
        lacks = [one for one in sources if one not in sizes]
        parts = {one: sizes.get(one, 0.0) * share for one, share in sources.items()}
        total = sum(parts.values())
        if lacks or total <= 0:
            names = tuple(lacks or sources)
            problems.append(Problem("weights_missing", value=unit, values={"names": names}))
            continue
        links[unit] = {one: part / total for one, part in parts.items()}
    if problems:
        raise InputError(problems)
    return links


def _sizes(crosswalk: Crosswalk, given: Mapping[str, float]) -> dict[str, float]:
    """Return the weights of all units: as given, else what has come into the unit."""
    sizes = dict(given)
    for _ in range(len(crosswalk.backward)):
        before = len(sizes)
        for unit, sources in crosswalk.backward.items():
            if unit not in sizes and all(one in sizes for one in sources if one != unit):
                sizes[unit] = sum(
                    sizes[one] * share for one, share in sources.items() if one != unit
                )
        if len(sizes) == before:
            break
    return sizes
