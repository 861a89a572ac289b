"""Codes of units that cannot be right: wrong length, letters, zeros that a program has cut off."""

import re
import unicodedata
from collections.abc import Collection, Iterable

from care_map.inputs.unit_index import canonical_code

__all__ = ["are_codes", "code_fault", "lost_zeros"]

_CODE_DIGITS = 12
_LENGTHS = (6, 9, 12)
_PROVINCE = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12]")
_SHORTEST = 5


def code_fault(code: str) -> str:
    """Return what is wrong with a code of a Chinese unit: the code of the finding, "" if nothing.

    Parameters
    ----------
    code
        The cell's text.

    Returns
    -------
    str
        ``code_letters``, ``code_length``, ``code_province`` or "".

    Examples
    --------
    >>> [code_fault(code) for code in ("500101001", "50010100100", "5OO101001", "990101001")]
    ['', 'code_length', 'code_letters', 'code_province']
    """
    text = unicodedata.normalize("NFKC", code).strip()
    if not (text.isascii() and text.isdigit()):
        return "code_letters"
    if len(text) not in _LENGTHS:
        return "code_length"
    return "" if _PROVINCE.match(text) else "code_province"


def are_codes(codes: Iterable[str]) -> bool:
    """Tell whether most of some ids are codes of Chinese units: only then the others are wrong.

    Examples
    --------
    >>> are_codes(["500101001", "500101002000", "50010100"]), are_codes(["63000020-011"])
    (True, False)
    """
    faults = [code_fault(code) for code in codes if code]
    return bool(faults) and 2 * faults.count("") > len(faults)


def lost_zeros(code: str, known: Collection[str]) -> str:
    """Return the unit whose code this would be with its last zeros, "" if there is none.

    Parameters
    ----------
    code
        A code of a wrong length.
    known
        Codes of units, of 12 digits.

    Examples
    --------
    >>> lost_zeros("500101", {"500101000000"}), lost_zeros("50010101", {"500101010000"})
    ('500101000000', '500101010000')
    """
    text = code.strip()
    if not text.isdigit() or not _SHORTEST <= len(text) < _CODE_DIGITS:
        return ""
    full = canonical_code(text).ljust(_CODE_DIGITS, "0")
    return full if full in known else ""
