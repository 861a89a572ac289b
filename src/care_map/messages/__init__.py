"""Everything a user reads, in Chinese and in English, one catalogue a language.

A sentence is spelled once, in ``zh/*.toml`` and ``en/*.toml``, under a dotted key; code names
the key and gives the values. The files are split by the room of the house that speaks.

Examples
--------
>>> catalogue("en").text("level.town")
'town'
>>> catalogue("zh").text("level.town")
'乡镇街道'
"""

import os
import string
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, get_args

__all__ = ["LANGUAGES", "Catalogue", "Language", "catalogue", "default_language"]

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


class _Formatter(string.Formatter):
    """Format numbers with thousands separators unless the template says otherwise."""

    def format_field(self, value: object, format_spec: str) -> str:
        if not format_spec and isinstance(value, int) and not isinstance(value, bool):
            format_spec = ","
        return str(super().format_field(value, format_spec))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The sentences of one language by dotted key.

    Parameters
    ----------
    language
        Code of the language.
    texts
        Templates with named fields in braces, by dotted key.
    """

    language: Language
    texts: Mapping[str, str]

    def text(self, key: str, **values: object) -> str:
        """Return the sentence of `key` with its fields filled in.

        Parameters
        ----------
        key
            Dotted key, for example ``"level.town"``.
        **values
            Values of the template's fields; whole numbers get thousands separators.

        Returns
        -------
        str

        Raises
        ------
        KeyError
            The catalogue has no such key, or the template has a field without a value: both
            are mistakes in code, not in input.
        """
        return _Formatter().vformat(self.texts[key], (), values)

    def label(self, group: str, code: str) -> str:
        """Return the label of a code of a vocabulary, or the code where there is none.

        Parameters
        ----------
        group
            First part of the key, for example ``"stage"``.
        code
            A code that may come from a user's file and be unknown here; codes joined with
            ``+`` (two profiles of one circle) give their labels joined.

        Returns
        -------
        str
        """
        return " + ".join(self.texts.get(f"{group}.{part}", part) for part in code.split("+"))

    def names(self, words: Iterable[str]) -> str:
        """Return names or words of one list as the language lists them.

        Examples
        --------
        >>> catalogue("en").names(["Alpha", "Beta"]), catalogue("zh").names(["甲镇", "乙镇"])
        ('Alpha, Beta', '甲镇、乙镇')
        """
        return self.texts["join.names"].join(words)

    def remarks(self, sentences: Iterable[str]) -> str:
        """Return sentences of one cell as the language sets them side by side."""
        return self.texts["join.remarks"].join(sentences)

    def has(self, key: str) -> bool:
        """Tell whether the catalogue has `key`."""
        return key in self.texts


def default_language() -> Language:
    """Return the language of messages before a study is read.

    Chinese, unless the environment variable ``CARE_MAP_LANG`` says ``en``.
    """
    return "en" if os.environ.get("CARE_MAP_LANG", "").lower().startswith("en") else "zh"


def catalogue(language: Language | None = None) -> Catalogue:
    """Return the catalogue of a language, :func:`default_language` without one."""
    return _read(language or default_language())


@cache
def _read(language: Language) -> Catalogue:
    folder = resources.files(__package__) / language
    texts: dict[str, str] = {}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            _flatten(tomllib.loads(file.read_text(encoding="utf-8")), prefix="", into=texts)
    return Catalogue(language=language, texts=texts)


def _flatten(table: Mapping[str, object], *, prefix: str, into: dict[str, str]) -> None:
    for name, entry in table.items():
        key = f"{prefix}{name}"
        if isinstance(entry, Mapping):
            _flatten(entry, prefix=f"{key}.", into=into)
        elif key in into:
            msg = f"message key {key!r} is spelled twice"
            raise ValueError(msg)
        else:
            into[key] = str(entry)
