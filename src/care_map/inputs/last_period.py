"""A study's lists as they stood before a period's returns, each row with its town."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from care_map.config import Study, read_study
from care_map.errors import InputError, Problem
from care_map.inputs.load import load_inputs
from care_map.inputs.returns import KINDS, Kind, Record, common_datum, last_rows
from care_map.inputs.unit_index import UnitIndex
from care_map.values import Datum

__all__ = ["LastPeriod", "read_last_period"]


@dataclass(frozen=True, slots=True)
class LastPeriod:
    """What is known before the returns.

    Parameters
    ----------
    study
        The study.
    index
        Its units.
    towns
        Id of each town → its name, in the order of the units.
    kinds
        Lists that are returned.
    rows
        List → its rows.
    datum
        List → datum of the rows' coordinates.
    left_out
        Rows that no form can hold: counts of elders, and what the readers cannot use.
    """

    study: Study
    index: UnitIndex
    towns: Mapping[str, str]
    kinds: tuple[Kind, ...]
    rows: Mapping[str, list[Record]]
    datum: Mapping[str, Datum]
    left_out: int


def read_last_period(study: Study | str | Path, *, with_elders: bool) -> LastPeriod:
    """Read a study's units and lists, and nothing that takes long and does not matter here.

    Parameters
    ----------
    study
        A study, or the path of a study file or of its folder.
    with_elders
        Whether its lists of elders are read too.

    Returns
    -------
    LastPeriod

    Raises
    ------
    InputError
        The lists have errors, or there are no towns.
    """
    if not isinstance(study, Study):
        study = read_study(study)
    none = ("targets", "services", "stated", "received")
    lean: dict[str, object] = {"roads": None, **dict.fromkeys(none, ())}
    if not with_elders:
        lean["demand"] = ()
    inputs = load_inputs(study.model_copy(update=lean))
    index = UnitIndex(inputs.units)
    towns = {unit: index.names[unit] for unit in index.ids if index.levels[unit] == "town"}
    if not towns:
        source = study.file.name if study.file else ""
        raise InputError([Problem("return_no_towns", source=source)])
    kinds = tuple(KINDS[key] for key in KINDS if with_elders or key == "facilities")
    datum = {kind.key: common_datum(getattr(study, kind.key)) for kind in kinds}
    rows: dict[str, list[Record]] = {}
    left_out = 0
    for kind in kinds:
        found: tuple[list[Record], int] = ([], 0)
        table = getattr(inputs, kind.key)
        if getattr(study, kind.key) and "source_row" in table:
            found = last_rows(study, table, kind, index=index, datum=datum[kind.key])
        rows[kind.key] = found[0]
        left_out += found[1]
    return LastPeriod(study, index, towns, kinds, rows, datum, left_out)
