"""Numbers that carry their unit: as a spreadsheet holds them, and as they read in a document."""

import math
from dataclasses import dataclass
from fractions import Fraction

from care_map.messages import Catalogue
from care_map.policy.rates import figure_text

__all__ = ["Amount", "amount", "minutes", "number", "share"]

_UNIT_LETTERS = 20


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit.

    Parameters
    ----------
    value
        The number; a share is a fraction of 1.
    number_format
        Its format in the codes of spreadsheets: decimals, unit, sign of comparison.
    text
        How it reads.
    """

    value: float
    number_format: str
    text: str

    def __str__(self) -> str:
        """Return how it reads."""
        return self.text


def amount(
    texts: Catalogue,
    value: float,
    *,
    form: str,
    unit: str = "",
    sign: str = "",
    beside: float | None = None,
) -> Amount:
    """Return a number with its unit, spelled as the verdicts spell it.

    Parameters
    ----------
    texts
        Language.
    value
        The number.
    form
        ``share`` or ``number``.
    unit
        Word after a number.
    sign
        Sign of comparison before it.
    beside
        A number that it must not be mistaken for: as many decimals as that takes.

    Examples
    --------
    >>> from care_map.messages import catalogue
    >>> one = amount(catalogue("zh"), 0.9, form="share", sign="≥")
    >>> one.number_format, str(one)
    ('"≥"0%', '≥90%')
    >>> str(amount(catalogue("zh"), 1500, form="number", unit="人"))
    '1,500 人'
    """
    other = None if beside is None else _exact(beside)
    shown = figure_text(texts, _exact(value), form=form, beside=other)
    _, _, decimals = shown.rstrip("%").partition(".")
    places = f".{'0' * len(decimals)}" if decimals else ""
    # A quotation mark or a backslash in a unit would end the quoted part of the format.
    word = unit.translate({ord('"'): None, ord("\\"): None})[:_UNIT_LETTERS]
    codes = f"0{places}%" if form == "share" else f"#,##0{places}"
    before = f'"{sign}"' if sign else ""
    after = f'" {word}"' if word and form != "share" else ""
    text = f"{sign}{shown}" if form == "share" or not unit else f"{sign}{shown} {unit}"
    return Amount(value, f"{before}{codes}{after}", text)


def share(value: object) -> Amount | None:
    """Return a fraction of 1 as a percentage with one decimal, nothing where it is unknown.

    Examples
    --------
    >>> str(share(0.7168))
    '71.7%'
    """
    known = _known(value)
    return None if known is None else Amount(known, "0.0%", f"{known:.1%}")


def minutes(value: object) -> Amount | None:
    """Return minutes with one decimal, nothing where they are unknown."""
    known = _known(value)
    return None if known is None else Amount(known, "0.0", f"{known:,.1f}")


def number(value: object, decimals: int = 2) -> Amount | None:
    """Return a number with at most so many decimals, nothing where it is unknown.

    Examples
    --------
    >>> str(number(1559.0)), str(number(0.60804))
    ('1,559', '0.61')
    """
    known = _known(value)
    if known is None:
        return None
    places = 0 if known.is_integer() else decimals
    codes = f"#,##0.{'0' * places}" if places else "#,##0"
    return Amount(known, codes, f"{known:,.{places}f}")


def _known(value: object) -> float | None:
    if not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _exact(value: float) -> Fraction:
    return Fraction(value).limit_denominator(10**9)
