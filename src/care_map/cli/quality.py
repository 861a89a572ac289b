"""How good each file is, on the screen."""

from collections.abc import Iterable, Mapping, Sequence

from care_map.cli.layout import columns, plain
from care_map.messages import Catalogue

__all__ = ["quality_lines"]

_FIGURES = (
    "rows_read",
    "rows_used",
    "rows_left_out",
    "with_point",
    "placed",
    "without_point",
    "outside_units",
    "duplicates",
    "errors",
    "warnings",
)
_TEXTS = ("left_out", "unknown_columns", "encoding", "datum_verdict", "filled")
_PLAIN_ENCODING = "UTF-8"
_INDENT = "  "


def quality_lines(sources: Sequence[Mapping[str, object]], texts: Catalogue) -> list[str]:
    """Return a table with a line per file, and what a number cannot say below it.

    Parameters
    ----------
    sources
        Records of :func:`care_map.diagnostics.scorecard.quality_records`.
    texts
        Catalogue of the titles.

    Returns
    -------
    list of str
        None without a source.
    """
    if not sources:
        return []
    heads = [texts.text(f"quality.head.{name}") for name in ("source", *_FIGURES)]
    rows = [[_name(one, texts), *_figures(one, texts)] for one in sources]
    table = columns([heads, *rows], right=range(1, len(heads)))
    return [texts.text("quality.heading"), *table, *_said(sources, texts), ""]


def _name(source: Mapping[str, object], texts: Catalogue) -> str:
    return plain(f"{source['source']} ({texts.label('dataset', str(source['dataset']))})")


def _figures(source: Mapping[str, object], texts: Catalogue) -> list[str]:
    cells = (source[name] for name in _FIGURES)
    return [texts.text("quality.none") if cell is None else f"{cell:,}" for cell in cells]


def _said(sources: Iterable[Mapping[str, object]], texts: Catalogue) -> list[str]:
    lines = []
    for source in sources:
        for name in _TEXTS:
            text = str(source[name] or "")
            if not text or (name == "encoding" and text == _PLAIN_ENCODING):
                continue
            if name == "datum_verdict":
                text = texts.label("datum_verdict", text)
            said = texts.text(f"quality.line.{name}", source=_name(source, texts), text=plain(text))
            lines.append(f"{_INDENT}{said}")
    return lines
