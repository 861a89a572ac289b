"""What a value of a file must be, in the words of the catalogues, from a finding of pydantic."""

from pydantic_core import ErrorDetails

__all__ = ["expected_words"]

_EXPECTED = (
    "int_type",
    "int_from_float",
    "float_type",
    "string_type",
    "bool_type",
    "list_type",
    "dict_type",
    "model_type",
    "date_type",
    "path_type",
    "literal_error",
    "greater_than",
    "greater_than_equal",
    "less_than_equal",
    "string_too_short",
    "string_too_long",
    "string_pattern_mismatch",
    "too_short",
)
"""Findings of the validation that the catalogues have words for, ``expected.<type>``."""

_ALIKE = {
    "model_attributes_type": "model_type",
    "model_type": "model_type",
    "tuple_type": "list_type",
    "int_parsing": "int_type",
    "float_parsing": "float_type",
    "date_from_datetime_inexact": "date_type",
}


def expected_words(finding: ErrorDetails) -> dict[str, object]:
    """Return what a value must be: a code of ``expected``, and the bound or the choices.

    Parameters
    ----------
    finding
        One of ``ValidationError.errors()``.

    Returns
    -------
    dict
        The fields ``expected`` and ``bound`` of a message.
    """
    context = finding.get("ctx", {})
    bounds = [
        context[name]
        for name in ("ge", "gt", "le", "lt", "min_length", "max_length")
        if name in context
    ]
    choices = str(context.get("expected", "")).replace(" or ", ", ")
    kind = _ALIKE.get(finding["type"], finding["type"])
    return {
        "expected": kind if kind in _EXPECTED else "other",
        "bound": f"{bounds[0]:g}" if bounds else choices,
    }
