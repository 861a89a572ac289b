"""Tables of a document, as XML."""

from collections.abc import Iterable, Sequence

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from care_map.outputs.chapters import Align, Grid
from care_map.outputs.workbook import clean

__all__ = ["document_table", "leaf"]

_TWIPS_PER_CM = 1440 / 2.54
_MANY_COLUMNS = 9
_HEADER_FILL = "E7EEF6"
_TOTAL_FILL = "F4F4F4"


def document_table(grid: Grid, width_cm: float) -> BaseOxmlElement:
    """Return a table as XML, as wide as `width_cm`.

    Its header stands on each of its pages and no page divides a row. Made cell by cell with
    python-docx the tables of a district would take a minute.
    """
    whole = sum(column.width_cm for column in grid.columns)
    widths = [round(column.width_cm / whole * width_cm * _TWIPS_PER_CM) for column in grid.columns]
    style = "Figure" if len(grid.columns) > _MANY_COLUMNS else "Cell"
    table = OxmlElement("w:tbl")
    table.append(_table_properties(sum(widths)))
    columns = OxmlElement("w:tblGrid")
    columns.extend(leaf("w:gridCol", **{"w:w": str(width)}) for width in widths)
    table.append(columns)
    table.extend(_heads(grid, widths, style))
    for number, row in enumerate(grid.rows):
        fill = _TOTAL_FILL if grid.totals and number == 0 else ""
        cells = [
            _cell(_shown(cell), width, style, align=column.align, fill=fill)
            for cell, width, column in zip(row, widths, grid.columns, strict=True)
        ]
        table.append(_row(cells))
    return table


def _table_properties(width: int) -> BaseOxmlElement:
    properties = OxmlElement("w:tblPr")
    properties.append(leaf("w:tblW", **{"w:w": str(width), "w:type": "dxa"}))
    properties.append(leaf("w:jc", **{"w:val": "center"}))
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = {"w:val": "single", "w:sz": "4", "w:space": "0", "w:color": "000000"}
        borders.append(leaf(f"w:{side}", **line))
    properties.append(borders)
    properties.append(leaf("w:tblLayout", **{"w:type": "fixed"}))
    margins = OxmlElement("w:tblCellMar")
    for side, twips in (("top", 30), ("left", 40), ("bottom", 30), ("right", 40)):
        margins.append(leaf(f"w:{side}", **{"w:w": str(twips), "w:type": "dxa"}))
    properties.append(margins)
    return properties


def _heads(grid: Grid, widths: Sequence[int], style: str) -> Iterable[BaseOxmlElement]:
    """Yield the rows of the header: groups over their columns, the other columns over both."""
    titles = [column.title for column in grid.columns]
    if not grid.groups:
        yield _row([_head(*one, style) for one in zip(titles, widths, strict=True)], head=True)
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
    yield _row(
        [
            _head(title, width, style)
            if at in grouped
            else _head("", width, style, merge="continue")
            for at, (title, width) in enumerate(zip(titles, widths, strict=True))
        ],
        head=True,
    )


def _head(text: str, width: int, style: str, *, span: int = 1, merge: str = "") -> BaseOxmlElement:
    return _cell(
        text, width, style, align="center", fill=_HEADER_FILL, bold=True, span=span, merge=merge
    )


def _row(cells: Iterable[BaseOxmlElement], *, head: bool = False) -> BaseOxmlElement:
    """Return a row that no page divides."""
    row = OxmlElement("w:tr")
    properties = OxmlElement("w:trPr")
    properties.append(OxmlElement("w:cantSplit"))
    if head:
        properties.append(OxmlElement("w:tblHeader"))
    row.append(properties)
    row.extend(cells)
    return row


def _cell(
    text: str,
    width: int,
    style: str,
    *,
    align: Align,
    fill: str = "",
    bold: bool = False,
    span: int = 1,
    merge: str = "",
) -> BaseOxmlElement:
    cell = OxmlElement("w:tc")
    properties = OxmlElement("w:tcPr")
    properties.append(leaf("w:tcW", **{"w:w": str(width), "w:type": "dxa"}))
    if span > 1:
        properties.append(leaf("w:gridSpan", **{"w:val": str(span)}))
    if merge:
        properties.append(leaf("w:vMerge", **{"w:val": merge}))
    if fill:
        colours = {"w:val": "clear", "w:color": "auto", "w:fill": fill}
        properties.append(leaf("w:shd", **colours))
    properties.append(leaf("w:vAlign", **{"w:val": "center"}))
    cell.append(properties)
    for line in text.split("\n"):
        cell.append(_line(line, style, align=align, bold=bold))
    return cell


def _line(text: str, style: str, *, align: Align, bold: bool) -> BaseOxmlElement:
    paragraph = OxmlElement("w:p")
    properties = OxmlElement("w:pPr")
    properties.append(leaf("w:pStyle", **{"w:val": style}))
    properties.append(leaf("w:jc", **{"w:val": align}))
    paragraph.append(properties)
    if text:
        run = OxmlElement("w:r")
        if bold:
            looks = OxmlElement("w:rPr")
            looks.append(OxmlElement("w:b"))
            run.append(looks)
        run.append(leaf("w:t", clean(text)))
        paragraph.append(run)
    return paragraph


def leaf(tag: str, text: str = "", **attributes: str) -> BaseOxmlElement:
    """Return an element without children, such as ``w:t``; attributes are named ``w:val``."""
    element = OxmlElement(tag)
    for name, attribute in attributes.items():
        element.set(qn(name), attribute)
    if text:
        element.text = text
        if text != text.strip():
            element.set(qn("xml:space"), "preserve")
    return element


def _shown(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, int) and not isinstance(cell, bool):
        return f"{cell:,}"
    return str(cell)
