"""Pages of a document as a Chinese office lays them out, written as docx.

A4, margins and type of GB/T 9704: title in 小标宋, headings in 黑体 and 楷体, text in 仿宋 of 16
points on lines of 28 points, page numbers at the outer edge. Fonts that a computer lacks have a
named substitute. Text is always text: control characters become spaces, nothing becomes a field.
"""

import datetime as dt
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

from care_map.errors import OutputError, Problem
from care_map.messages import Catalogue
from care_map.outputs.captions import chapter_heading, part_heading
from care_map.outputs.chapters import Grid, Picture
from care_map.outputs.document_tables import document_table, paragraph
from care_map.outputs.workbook import clean

__all__ = ["Pages", "write_pages"]

_ROMAN = "Times New Roman"
_TITLE, _BLACK, _TEXT, _KAI = "方正小标宋简体", "黑体", "仿宋", "楷体"
_SUBSTITUTES = {
    _TITLE: "宋体",
    _BLACK: "SimHei",
    _TEXT: "仿宋_GB2312",
    _KAI: "楷体_GB2312",
}
_FONT_TABLE = "word/fontTable.xml"
_LINE = Pt(28)
_INDENT_LETTERS = 200  # two, in hundredths
_MARGINS_CM = {"top": 3.7, "bottom": 3.5, "left": 2.8, "right": 2.6}
_WIDE_MARGINS_CM = {"top": 2.6, "bottom": 2.4, "left": 2.2, "right": 2.2}
_SHORT_CM, _LONG_CM = 21.0, 29.7
_CREATED = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_RED = RGBColor(0x9C, 0x00, 0x06)


@dataclass(slots=True)
class Pages:
    """A document that grows from its first page to its last.

    Parameters
    ----------
    texts
        Language: numbering of chapters, the frame of page numbers.
    labels
        What stands at the head of every page.
    """

    texts: Catalogue
    labels: Sequence[str] = ()
    document: Document = field(default_factory=docx.Document)
    _chapters: int = 0
    _sections: int = 0
    _wide: bool = False

    def __post_init__(self) -> None:
        """Set up language, styles and the first page."""
        # Where a font is missing, its substitute has the signs and line ends of this language.
        for language in self.document.styles.element.iter(qn("w:lang")):
            language.set(qn("w:eastAsia"), "zh-CN")
        _make_styles(self.document)
        _frame(self.document.sections[0], wide=False)
        self.document.settings.odd_and_even_pages_header_footer = True
        self._edges(self.document.sections[0])

    def title(self, title: str, lines: Iterable[str]) -> None:
        """Write the title, lines under it, and the labels."""
        self._paragraph(title, "Title")
        for line in lines:
            self._paragraph(line, "Subtitle")
        for label in self.labels:
            self._paragraph(label, "Label")
        self._paragraph("", "Normal")

    def turn(self, *, wide: bool) -> None:
        """Go on across the page or upright: on a new page if that is a change."""
        if wide == self._wide:
            return
        self._wide = wide
        _frame(self.document.add_section(WD_SECTION.NEW_PAGE), wide=wide)

    def chapter(self, title: str) -> None:
        """Begin a chapter."""
        self._chapters, self._sections = self._chapters + 1, 0
        self._paragraph(chapter_heading(self._chapters, title, self.texts), "Heading 1")

    def section(self, title: str) -> None:
        """Begin a section of a chapter."""
        self._sections += 1
        self._paragraph(part_heading(self._sections, title, self.texts), "Heading 2")

    def text(self, sentence: str) -> None:
        """Write a paragraph."""
        self._paragraph(sentence, "Normal")

    def note(self, sentence: str) -> None:
        """Write a small line over a table, on the same page as its head."""
        self._paragraph(sentence, "Note", keep=True)

    def caption(self, text: str, *, above: bool = True) -> None:
        """Write what a table or picture is called: above a table, under a picture."""
        self._paragraph(text, "Caption", keep=above)

    def point(self, sentence: str, number: int) -> None:
        """Write an entry of a list."""
        self._paragraph(f"{number}. {sentence}", "Point")

    def picture(self, picture: Picture) -> None:
        """Place a picture; its caption follows on the same page."""
        run = self.document.add_paragraph(style="Picture").add_run()
        run.add_picture(io.BytesIO(picture.png), Cm(picture.width_cm), Cm(picture.height_cm))
        for shown in run.element.iter(qn("wp:docPr")):
            shown.set("descr", clean(picture.alt))
            shown.set("name", clean(picture.title)[:80])

    def grid(self, grid: Grid) -> None:
        """Write a table over the width of the page; its header stands on each of its pages."""
        margins = _WIDE_MARGINS_CM if self._wide else _MARGINS_CM
        page = _LONG_CM if self._wide else _SHORT_CM
        width = page - margins["left"] - margins["right"]
        table = document_table(grid, width)
        self.document.element.body.insert_element_before(table, "w:sectPr")
        # Two tables without a paragraph between them would become one.
        self._paragraph("", "Note")

    def _paragraph(self, text: str, style: str, *, keep: bool = False) -> None:
        # With python-docx each would look through all styles: seconds for a long report.
        made = paragraph(text, style.replace(" ", ""), keep=keep)
        self.document.element.body.insert_element_before(made, "w:sectPr")

    def _edges(self, section: Section) -> None:
        """Write what stands at the edges of every page: labels above, the number below."""
        for side, header, footer in (
            (WD_ALIGN_PARAGRAPH.RIGHT, section.header, section.footer),
            (WD_ALIGN_PARAGRAPH.LEFT, section.even_page_header, section.even_page_footer),
        ):
            top, bottom = header.paragraphs[0], footer.paragraphs[0]
            top.style = bottom.style = self.document.styles["Edge"]
            top.add_run(clean("  ".join(self.labels))).font.color.rgb = _RED
            bottom.alignment = side
            bottom.add_run(self.texts.text("quarterly.page_before"))
            number = OxmlElement("w:fldSimple")
            number.set(qn("w:instr"), "PAGE")
            run, shown = OxmlElement("w:r"), OxmlElement("w:t")
            shown.text = "1"
            run.append(shown)
            number.append(run)
            bottom.paragraph_format.element.append(number)
            bottom.add_run(self.texts.text("quarterly.page_after"))


def write_pages(pages: Pages, path: Path, *, title: str) -> None:
    """Write a document, the same bytes for the same pages.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    properties = pages.document.core_properties
    properties.title = clean(title)[:255]
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.keywords = properties.subject = ""
    properties.created = properties.modified = _CREATED
    properties.revision = 1
    plain = io.BytesIO()
    pages.document.save(plain)
    fixed = io.BytesIO()
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(fixed, "w") as target:
        for name in source.namelist():
            member = zipfile.ZipInfo(name, _ZIP_TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o600 << 16
            part = source.read(name)
            target.writestr(member, _with_substitutes(part) if name == _FONT_TABLE else part)
    try:
        path.write_bytes(fixed.getvalue())
    except OSError as error:
        values = {"detail": error.strerror or str(error)}
        problem = Problem("output_unwritable", source=path.name, values=values)
        raise OutputError([problem]) from error


def _make_styles(document: Document) -> None:
    """Set fonts, sizes and lines of the styles that pages use."""
    normal = _style(document, "Normal", _TEXT, Pt(16))
    spacing = normal.paragraph_format
    spacing.line_spacing_rule, spacing.line_spacing = WD_LINE_SPACING.EXACTLY, _LINE
    spacing.space_before = spacing.space_after = Pt(0)
    _indent(normal)
    title = _style(document, "Title", _TITLE, Pt(22))
    subtitle = _style(document, "Subtitle", _KAI, Pt(16))
    label = _style(document, "Label", _KAI, Pt(16))
    label.font.color.rgb = _RED
    for style, line in ((title, Pt(36)), (subtitle, _LINE), (label, _LINE)):
        style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
        style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        style.paragraph_format.line_spacing = line
        style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
        _indent(style, 0)
    for name, font in (("Heading 1", _BLACK), ("Heading 2", _KAI)):
        heading = _style(document, name, font, Pt(16))
        heading.paragraph_format.space_before = heading.paragraph_format.space_after = Pt(0)
        heading.paragraph_format.keep_with_next = True
        _indent(heading)
    for name, size, line in (("Note", Pt(10.5), Pt(16)), ("Edge", Pt(14), Pt(16))):
        small = _style(document, name, _TEXT if name == "Note" else "宋体", size)
        small.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        small.paragraph_format.line_spacing = line
        _indent(small, 0)
    caption = _style(document, "Caption", _BLACK, Pt(10.5))
    caption.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    caption.paragraph_format.space_before = caption.paragraph_format.space_after = Pt(3)
    point = _style(document, "Point", _TEXT, Pt(12))
    point.paragraph_format.space_after = Pt(3)
    for style, line in ((caption, Pt(16)), (point, Pt(20))):
        style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        style.paragraph_format.line_spacing = line
        _indent(style, 0)
    picture = _style(document, "Picture", _TEXT, Pt(10.5))
    picture.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    picture.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    picture.paragraph_format.space_before = Pt(6)
    picture.paragraph_format.keep_with_next = True
    _indent(picture, 0)
    for name, size in (("Cell", Pt(10)), ("Figure", Pt(9))):
        cell = _style(document, name, _TEXT, size)
        cell.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        cell.paragraph_format.line_spacing = 1.0
        _indent(cell, 0)


def _style(document: Document, name: str, font: str, size: Pt) -> ParagraphStyle:
    styles = document.styles
    known = name in styles
    style = styles[name] if known else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    if not isinstance(style, ParagraphStyle):
        msg = f"style {name!r} is of no paragraph"
        raise TypeError(msg)
    if not known:
        style.base_style = styles["Normal"]
    style.font.name, style.font.size = _ROMAN, size
    style.font.bold = style.font.italic = False
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for kind in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.attrib.pop(qn(f"w:{kind}Theme"), None)
    fonts.set(qn("w:eastAsia"), font)
    fonts.set(qn("w:cs"), _ROMAN)
    for mark in style.element.xpath("./w:pPr/w:pBdr | ./w:rPr/w:spacing"):
        mark.getparent().remove(mark)
    return style


def _indent(style: ParagraphStyle, letters: int = _INDENT_LETTERS) -> None:
    """Indent first lines by letters, whatever their size."""
    indent = style.element.get_or_add_pPr().get_or_add_ind()
    indent.set(qn("w:firstLineChars"), str(letters))
    points = style.font.size.pt if style.font.size else 0
    indent.set(qn("w:firstLine"), str(round(letters / 100 * points * 20)))


def _frame(section: Section, *, wide: bool) -> None:
    """Set paper and margins."""
    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    section.page_width = Cm(_LONG_CM if wide else _SHORT_CM)
    section.page_height = Cm(_SHORT_CM if wide else _LONG_CM)
    margins = _WIDE_MARGINS_CM if wide else _MARGINS_CM
    section.top_margin, section.bottom_margin = Cm(margins["top"]), Cm(margins["bottom"])
    section.left_margin, section.right_margin = Cm(margins["left"]), Cm(margins["right"])
    section.header_distance, section.footer_distance = Cm(1.4), Cm(1.4 if wide else 2.5)


def _with_substitutes(table: bytes) -> bytes:
    """Add to a font table which fonts may stand in for those that a computer lacks."""
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
        for name, other in _SUBSTITUTES.items()
    )
    return table.replace(b"</w:fonts>", f"{fonts}</w:fonts>".encode())
