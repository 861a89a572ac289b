"""Tables and paragraphs of a document, as XML."""

from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.oxml.xmlchemy import BaseOxmlElement

from care_map.outputs.captions import shown
from care_map.outputs.chapters import Align, Grid
from care_map.outputs.workbook import clean

__all__ = ["document_table", "paragraph"]

_TWIPS_PER_CM = 1440 / 2.54
_MANY_COLUMNS = 9
_HEADER_FILL = "E7EEF6"
_TOTAL_FILL = "F4F4F4"
_TOGETHER = 14
"""Rows that are kept on one page with each other; a longer table is divided."""

_NOT_ALONE = 3
"""Rows of a divided table that stand together at its top and at its end."""

_EDGES = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
_MARGINS = "".join(
    f'<w:{side} w:w="{twips}" w:type="dxa"/>'
    for side, twips in (("top", 30), ("left", 60), ("bottom", 30), ("right", 60))
)


def document_table(grid: Grid, width_cm: float) -> BaseOxmlElement:
    """Return a table as XML, as wide as `width_cm`.

    Its header stands on each of its pages and no page divides a row. Made cell by cell with
    python-docx the tables of a district would take a minute.
    """
    whole = sum(column.width_cm for column in grid.columns)
    widths = [round(column.width_cm / whole * width_cm * _TWIPS_PER_CM) for column in grid.columns]
    style = "Figure" if len(grid.columns) > _MANY_COLUMNS else "Cell"
    last = len(grid.rows) - 1
    rows = [*_heads(grid, widths, style)]
    for number, row in enumerate(grid.rows):
        fill = _TOTAL_FILL if grid.totals and number == 0 else ""
        at_an_end = min(number + 1, last - number) < _NOT_ALONE
        keep = number < last and (last < _TOGETHER or at_an_end)
        cells = (
            _cell(shown(cell), width, style, align=column.align, fill=fill, keep=keep)
            for cell, width, column in zip(row, widths, grid.columns, strict=True)
        )
        rows.append(_row(cells))
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    table: BaseOxmlElement = parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:jc w:val="center"/><w:tblBorders>{_EDGES}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{_MARGINS}</w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )
    return table


def paragraph(text: str, style: str, *, keep: bool = False) -> BaseOxmlElement:
    """Return a paragraph of a style, by its id; kept with the next one or not."""
    made: BaseOxmlElement = parse_xml(_line(text, style, keep=keep, namespaces=nsdecls("w")))
    return made


def _heads(grid: Grid, widths: Sequence[int], style: str) -> Iterator[str]:
    """Yield the rows of the header: groups over their columns, the other columns over both."""
    titles = [column.title for column in grid.columns]
    if not grid.groups:
        heads = (_head(*one, style) for one in zip(titles, widths, strict=True))
        yield _row(heads, head=True)
        return
    grouped = {at for g in grid.groups for at in range(g.first, g.first + g.count)}
    firsts = {group.first: group for group in grid.groups}
    upper = []
    for at, (title, width) in enumerate(zip(titles, widths, strict=True)):
        if group := firsts.get(at):
            span = sum(widths[at : at + group.count])
            upper.append(_head(group.title, span, style, span=group.count))
        elif at not in grouped:
            upper.append(_head(title, width, style, merge="restart"))
    yield _row(upper, head=True)
    lower = (
        _head(title, width, style) if at in grouped else _head("", width, style, merge="continue")
        for at, (title, width) in enumerate(zip(titles, widths, strict=True))
    )
    yield _row(lower, head=True)


def _head(text: str, width: int, style: str, *, span: int = 1, merge: str = "") -> str:
    more = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    more += f'<w:vMerge w:val="{merge}"/>' if merge else ""
    return _cell(
        text, width, style, align="center", fill=_HEADER_FILL, bold=True, keep=True, more=more
    )


def _row(cells: Iterable[str], *, head: bool = False) -> str:
    """Return a row that no page divides."""
    mark = "<w:tblHeader/>" if head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{mark}</w:trPr>{''.join(cells)}</w:tr>"


def _cell(
    text: str,
    width: int,
    style: str,
    *,
    align: Align,
    fill: str = "",
    bold: bool = False,
    keep: bool = False,
    more: str = "",
) -> str:
    if fill:
        more += f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>'
    look = f'<w:jc w:val="{align}"/>'
    lines = (_line(line, style, look, bold=bold, keep=keep) for line in text.split("\n"))
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{more}<w:vAlign w:val="center"/>'
        f"</w:tcPr>{''.join(lines)}</w:tc>"
    )


def _line(
    text: str,
    style: str,
    look: str = "",
    *,
    bold: bool = False,
    keep: bool = False,
    namespaces: str = "",
) -> str:
    together = "<w:keepNext/>" if keep else ""
    run = ""
    if text:
        heavy = "<w:rPr><w:b/></w:rPr>" if bold else ""
        run = f'<w:r>{heavy}<w:t xml:space="preserve">{escape(clean(text))}</w:t></w:r>'
    opening = f"<w:p {namespaces}>" if namespaces else "<w:p>"
    named = f"<w:pStyle w:val={quoteattr(style)}/>"
    return f"{opening}<w:pPr>{named}{together}{look}</w:pPr>{run}</w:p>"
