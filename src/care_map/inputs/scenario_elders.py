"""Elders of another year: whole numbers, shared out as the elders of the list are."""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from care_map.errors import Problem
from care_map.inputs.tables import Inputs
from care_map.inputs.unit_index import UnitIndex
from care_map.scenarios import ChangeElders

__all__ = ["changed_elders", "shared_out"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def changed_elders(
    inputs: Inputs, change: ChangeElders, index: UnitIndex
) -> tuple[Inputs, list[Problem]]:
    """Return a study's lists with other numbers of elders.

    Parameters
    ----------
    inputs
        The lists.
    change
        Which elders, and how many there are instead.
    index
        The study's units.

    Returns
    -------
    Inputs
        Its demand has the same rows, of which some may stand for nobody.
    list of Problem
        Units that there are not, elders that there are none of; then nothing is changed.
    """
    demand = inputs.demand
    units = [(word, index.by_code(word)) for word in change.units]
    problems = [Problem("scenario_no_unit", value=word) for word, unit in units if not unit]
    chosen = _of_whom(demand, change)
    wanted = {unit for _, unit in units if unit}
    if change.units:
        here = demand["unit_id"].map(lambda unit: not wanted.isdisjoint(index.chain(unit)))
        chosen &= here.to_numpy(dtype=bool)
    rows = np.flatnonzero(chosen)
    elders = demand["elders"].to_numpy(dtype=np.int64)
    known = int(elders[rows].sum())
    if not problems and known == 0:
        problems.append(Problem("scenario_no_elders"))
    if problems:
        return inputs, problems
    total = change.elders if change.elders is not None else round(known * (change.factor or 0.0))
    changed = elders.copy()
    changed[rows] = shared_out(elders[rows], total)
    column = pd.Series(changed, demand.index).astype(demand["elders"].dtype)
    return replace(inputs, demand=demand.assign(elders=column)), []


def shared_out(weights: Ints, total: int) -> Ints:
    """Share a whole number out by weights, evenly along the rows: their sum is the number.

    Parameters
    ----------
    weights
        ``(n,)`` whole numbers that are not negative, one at least above 0.
    total
        The number.

    Returns
    -------
    ``(n,)`` whole numbers.

    Examples
    --------
    >>> shared_out(np.ones(5, np.int64), 7).tolist(), shared_out(np.array([4, 0, 4]), 4).tolist()
    ([1, 2, 1, 2, 1], [2, 0, 2])
    """
    # Along the list, not the largest first: records of one elder each all have the same claim.
    before = np.concatenate([[0], np.cumsum(weights)])
    whole = int(before[-1])
    upto = (2 * before * total + whole) // (2 * whole)
    return np.asarray(np.diff(upto), dtype=np.int64)


def _of_whom(demand: pd.DataFrame, change: ChangeElders) -> Bools:
    chosen = np.ones(len(demand), dtype=bool)
    if change.group:
        cells = demand["groups"].astype(str)
        chosen &= np.array([change.group in cell.split(";") for cell in cells], dtype=bool)
    if change.age_from is not None or change.age_to is not None:
        if "age" not in demand:
            return np.zeros(len(demand), dtype=bool)
        age = pd.to_numeric(demand["age"]).to_numpy(dtype=float, na_value=np.nan)
        low = -np.inf if change.age_from is None else change.age_from
        high = np.inf if change.age_to is None else change.age_to
        chosen &= (age >= low) & (age <= high)
    return chosen
