"""Columns of text: held by Arrow, read a word at a time, handed on as objects.

A million cells hold few different words in most columns, and in the others a pattern tells at
once which cells need no reading.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = [
    "as_objects",
    "as_text",
    "different_rows",
    "each_different",
    "each_word",
    "matches",
    "trimmed",
    "words_of",
]

_TEXT = pa.large_string()
_SAMPLE = 2000


def as_text(cells: pd.Series) -> pa.Array:
    """Return cells as an Arrow array of text, "" for what is missing."""
    kind = None if isinstance(cells.dtype, pd.StringDtype) else _TEXT
    made = pa.array(cells.array, kind, from_pandas=True)
    words = made.combine_chunks() if isinstance(made, pa.ChunkedArray) else made
    return words.cast(_TEXT).fill_null("")


def trimmed(words: pa.Array) -> pa.Array:
    """Return words without white space around them, as :meth:`str.strip` does."""
    return pc.utf8_trim_whitespace(words)


def matches(words: pa.Array, pattern: str) -> NDArray[np.bool_]:
    """Tell which words have a match of an RE2 pattern."""
    found: NDArray[np.bool_] = pc.match_substring_regex(words, pattern).to_numpy(
        zero_copy_only=False
    )
    return found


def as_objects(words: pa.Array) -> NDArray[np.object_]:
    """Return words as objects; the same word is one object where words repeat."""
    sample = words.slice(0, _SAMPLE)
    if len(sample.unique()) * 2 > len(sample):
        objects: NDArray[np.object_] = words.to_numpy(zero_copy_only=False)
        return objects if objects.flags.writeable else objects.copy()
    places, different = words_of(words)
    return np.array(different, dtype=object)[places]


def words_of(words: pa.Array) -> tuple[NDArray[np.int64], list[str]]:
    """Return the different words, and for each cell which of them it holds."""
    found = words.dictionary_encode()
    places = found.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return places, found.dictionary.to_pylist()


def each_word(cells: pd.Series, read: Callable[[str], str]) -> NDArray[np.object_]:
    """Read each different word once.

    Examples
    --------
    >>> each_word(pd.Series(["a", "b", "a"]), str.upper).tolist()
    ['A', 'B', 'A']
    """
    places, words = words_of(as_text(cells))
    return np.array([read(word) for word in words], dtype=object)[places]


def each_different(
    values: NDArray[np.object_], read: Callable[[str], object]
) -> NDArray[np.object_]:
    """Read each different object once.

    Examples
    --------
    >>> each_different(np.array(["a", "b", "a"], dtype=object), str.upper).tolist()
    ['A', 'B', 'A']
    """
    places, different = pd.factorize(values)
    found = np.full(len(different), None, dtype=object)
    for at, value in enumerate(different):
        found[at] = read(value)
    return found[places]


def different_rows(
    columns: Sequence[NDArray[np.object_]],
) -> tuple[list[tuple[str, ...]], NDArray[np.int64]]:
    """Return the different rows of some columns, and for each row which of them it is.

    Examples
    --------
    >>> town, village = (np.array(list(words), dtype=object) for words in ("aab", "xxy"))
    >>> rows, which = different_rows([town, village])
    >>> rows, which.tolist()
    ([('a', 'x'), ('b', 'y')], [0, 0, 1])
    """
    which = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        places, different = pd.factorize(column)
        # Numbered anew each time, so that the product never gets too large.
        which = pd.factorize(which * len(different) + places)[0].astype(np.int64)
    first = np.zeros(int(which.max(initial=-1)) + 1, dtype=np.int64)
    first[which[::-1]] = np.arange(len(which) - 1, -1, -1)
    return list(zip(*(column[first] for column in columns), strict=True)), which
