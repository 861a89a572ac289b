"""What the rules of one run share: pack, lists, language, and what is looked up once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from care_map.messages import Catalogue
from care_map.packs.conditions import Condition
from care_map.packs.pack_file import PackFile
from care_map.policy.answers import Answers, joined_lacks
from care_map.policy.cells import Cells
from care_map.policy.conditions import answer, fields_of
from care_map.policy.facts import Facts
from care_map.schema import (
    DEMAND,
    FACILITY_LIST,
    RECEIVED,
    SERVICES_LIST,
    STATED,
    UNIT_LIST,
    Table,
)

__all__ = ["PERSON_RECORDS", "PLACE", "Scene"]

Bools = NDArray[np.bool_]

_TABLES: Mapping[str, Table] = {
    "facilities": FACILITY_LIST,
    "units": UNIT_LIST,
    "elders": DEMAND,
    "services": SERVICES_LIST,
    "stated": STATED,
    "received": RECEIVED,
}
_LIST_OF = {"unit": "units", "town": "units", "facility": "facilities"}
PERSON_RECORDS = "#person_records"
"""Stands for records of persons where a list has only numbers of elders."""
PLACE = "#place"
"""Stands for the coordinates of a facility."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where the clauses of a pack are judged.

    Parameters
    ----------
    pack
        The notice.
    facts
        The lists.
    texts
        Sentences of the language.
    """

    pack: PackFile
    facts: Facts
    texts: Catalogue
    _cells: dict[str, Cells] = field(init=False, default_factory=dict)

    def cells(self, rows: str) -> Cells:
        """Return a list column by column, the same for every clause."""
        if rows not in self._cells:
            self._cells[rows] = Cells(self.facts, rows)
        return self._cells[rows]

    def answer(self, condition: Condition | None, rows: str) -> Answers:
        """Answer a condition of the pack for each row of a list."""
        return answer(condition, self.cells(rows), named=self.pack.condition)

    def fields(self, *conditions: Condition | None) -> tuple[str, ...]:
        """Return the columns that conditions read, each once."""
        read = [fields_of(condition, named=self.pack.condition) for condition in conditions]
        return tuple(dict.fromkeys(name for names in read for name in names))

    def title(self, rows: str, name: str) -> str:
        """Return the title of a column, with its list where that is another."""
        if name in (PERSON_RECORDS, PLACE):
            return self.texts.text(f"policy.missing.{name.removeprefix('#')}")
        if rows in ("stated", "received"):
            return _TABLES[rows].column(name).title(self.texts.language)
        column = self.cells(rows).column(name)
        title = column.title(self.texts.language) if column else name
        where = _LIST_OF.get(name.partition(".")[0], "") if "." in name else ""
        if not where:
            return title
        return self.texts.text("policy.missing.of_list", column=title, list=self.list_title(where))

    def list_title(self, rows: str) -> str:
        """Return what a list is called."""
        return _TABLES[rows].title(self.texts.language)

    def list_missing(self, *lists: str) -> tuple[str, ...]:
        """Name the lists among these that the study does not have."""
        return tuple(
            self.texts.text("policy.missing.list", list=self.list_title(name))
            for name in lists
            if name not in self.facts.given
        )

    def missing(self, rows: str, lacking: Iterable[Mapping[str, Bools]]) -> tuple[str, ...]:
        """Name what unknown rows lack, the most frequent first."""
        counts = {name: int(those.sum()) for name, those in joined_lacks(lacking).items()}
        ordered = sorted(counts.items(), key=lambda entry: -entry[1])
        return tuple(self._lack(rows, name, count) for name, count in ordered if count)

    def _lack(self, rows: str, name: str, count: int) -> str:
        title = self.title(rows, name)
        if name == PERSON_RECORDS:
            return title
        if name == PLACE:
            return self.texts.text("policy.missing.cells", column=title, count=count)
        list_ = _LIST_OF.get(name.partition(".")[0], rows) if "." in name else rows
        if name == "services" and rows == "facilities":
            list_ = "services"
        if list_ not in self.facts.given:
            return self.list_missing(list_)[0]
        if not self.cells(rows).has(name):
            return self.texts.text("policy.missing.column", column=title)
        return self.texts.text("policy.missing.cells", column=title, count=count)
