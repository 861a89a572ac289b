"""What a column and a table of the schema are."""

from dataclasses import dataclass
from typing import Literal

from care_map.messages import Language

__all__ = ["Column", "Kind", "Table", "column"]

Kind = Literal["text", "integer", "number", "date", "flag", "list", "geometry"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name
        Name in tables and files, ASCII, with its unit.
    kind
        What a cell holds; a ``"list"`` is separated by 、；; or , in files.
    zh, en
        Title for people; `zh` is also read as a header.
    aliases
        More headers that mean this column.
    required
        Whether an input must have it.
    """

    name: str
    kind: Kind
    zh: str
    en: str
    aliases: tuple[str, ...] = ()
    required: bool = False

    def title(self, language: Language) -> str:
        """Return the column's title in `language`."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Table:
    """A table's name and columns in their order."""

    name: str
    zh: str
    en: str
    columns: tuple[Column, ...]

    def title(self, language: Language) -> str:
        """Return the table's title in `language`."""
        return self.zh if language == "zh" else self.en

    @property
    def names(self) -> list[str]:
        """Names of the columns in their order."""
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column:
        """Return the column of that name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def column(
    name: str, kind: Kind, zh: str, en: str, *aliases: str, required: bool = False
) -> Column:
    """Return a column; its aliases follow its titles."""
    return Column(name, kind, zh, en, aliases, required)
