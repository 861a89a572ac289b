"""Figures as people read them; rounding never carries a figure over its threshold."""

from fractions import Fraction

from care_map.messages import Catalogue
from care_map.policy.bounds import Bounds, Threshold

__all__ = ["bounds_text", "counter", "figure_text"]

_DIGITS = range(1, 8)
_PERCENT = 100


def figure_text(
    texts: Catalogue,
    figure: Fraction,
    *,
    form: str,
    beside: Fraction | None = None,
    measure: str = "",
) -> str:
    """Return a figure as text, with as many digits as tell it from another.

    Parameters
    ----------
    texts
        Language.
    figure
        The figure.
    form
        ``share``, ``number`` or ``yes_no``.
    beside
        What it must not be mistaken for.
    measure
        Word for what a number counts.

    Examples
    --------
    >>> from care_map.messages import catalogue
    >>> figure_text(catalogue("en"), Fraction(8999, 10000), form="share", beside=Fraction(9, 10))
    '89.99%'
    """
    if form == "yes_no":
        return texts.text(f"policy.flag.{'yes' if figure else 'no'}")
    factor = _PERCENT if form == "share" else 1
    shown = ""
    for digits in _DIGITS:
        shown = _decimal(figure * factor, digits)
        if beside is None or beside == figure or shown != _decimal(beside * factor, digits):
            break
    if form == "share":
        return f"{shown}%"
    return f"{shown} {measure}" if measure else shown


def _decimal(figure: Fraction, digits: int) -> str:
    text = f"{float(round(figure, digits)):,.{digits}f}"
    return text.rstrip("0").rstrip(".")


def bounds_text(
    texts: Catalogue,
    bounds: Bounds,
    *,
    form: str,
    threshold: Threshold | None = None,
    measure: str = "",
) -> str:
    """Return a range as text, one figure where both ends are the same.

    Parameters
    ----------
    texts
        Language.
    bounds
        The range.
    form
        As for :func:`figure_text`.
    threshold
        What the ends must not be mistaken for.
    measure
        Word for what a number counts.
    """
    low, high = bounds.low, bounds.high
    beside = None if threshold is None else threshold.value

    def shown(end: Fraction, *, word: str = measure) -> str:
        return figure_text(texts, end, form=form, beside=beside, measure=word)

    if low is not None and high is not None:
        if low == high:
            return shown(low)
        if form != "yes_no":
            return texts.text("policy.range.between", low=shown(low, word=""), high=shown(high))
    elif low is not None:
        return texts.text("policy.range.from", low=shown(low))
    elif high is not None:
        return texts.text("policy.range.until", high=shown(high))
    return texts.text("policy.range.unknown")


def counter(texts: Catalogue, code: str, *, column: str | None = None, measure: str = "") -> str:
    """Return the word for one of what is counted.

    Parameters
    ----------
    texts
        Language.
    code
        List, or what else is counted: a code of ``counter``.
    column
        Column that is summed instead of rows: beds and staff have words of their own.
    measure
        The pack's word, used where it is a Chinese counter.
    """
    if column is not None:
        code = "beds" if "beds" in column else "staff" if "staff" in column else "other"
        code = "elders" if column == "elders" else code
    own = texts.language == "zh" and len(measure) == 1
    return measure if own else texts.label("counter", code)
