"""A report as a Word file, formatted as an office would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docx import Document as new_word
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from zhenxing.report.blocks import Document, Figure, Heading, PageBreak, Paragraph, Table

RED = RGBColor(0xC0, 0x00, 0x00)
ORANGE = RGBColor(0xB4, 0x5F, 0x06)
GREY = RGBColor(0x59, 0x59, 0x59)
FONTS = {"zh": ("Times New Roman", "仿宋", "黑体", "宋体"), "en": ("Calibri", "仿宋", "黑体", "宋体")}
ALIGN = {"l": WD_ALIGN_PARAGRAPH.LEFT, "r": WD_ALIGN_PARAGRAPH.RIGHT, "c": WD_ALIGN_PARAGRAPH.CENTER}
PAGE_WIDTH_CM = 17.0


def write_word(document: Document, path: Path) -> None:
    """Write the report as ``path`` (.docx).

    Parameters
    ----------
    document : Document
        The report.
    path : Path
        File to write.
    """
    word = new_word()
    _page(word, document)
    _styles(word, document.language)
    _line(word, document.title, size=15, bold=True, align="c", language=document.language, heading=True, after=2)
    _line(word, document.subtitle, size=9.5, align="c", language=document.language, colour=GREY, after=6)
    number = {"table": 0, "figure": 0}
    for block in document.blocks:
        if isinstance(block, Heading):
            _heading(word, block)
        elif isinstance(block, Paragraph):
            _paragraph(word, block, document.language)
        elif isinstance(block, Table):
            number["table"] += 1
            _table(word, block, number["table"], document.language)
        elif isinstance(block, Figure):
            number["figure"] += 1
            _figure(word, block, number["figure"], document.language)
        elif isinstance(block, PageBreak):
            word.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    # a property of a Word file holds at most 255 characters
    word.core_properties.title = document.title[:255]
    word.core_properties.author = "zhenxing"
    word.core_properties.comments = document.footer[:255]
    word.save(str(path))


def caption(kind: str, number: int, title: str, language: str) -> str:
    """Return a caption with its number.

    Examples
    --------
    >>> caption("table", 2, "资金平衡", "zh")
    '表2 资金平衡'
    """
    words = {"zh": {"table": "表", "figure": "图"}, "en": {"table": "Table ", "figure": "Figure "}}
    return f"{words[language][kind]}{number} {title}"


def _page(word: Any, document: Document) -> None:
    section = word.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.0)
    section.top_margin, section.bottom_margin = Cm(1.6), Cm(1.5)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(foot, f"{document.footer} · ", 8, document.language, colour=GREY)
    _page_number(foot, document.language)


def _page_number(paragraph: Any, language: str) -> None:
    run = _run(paragraph, "", 8, language, colour=GREY)
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)


def _styles(word: Any, language: str) -> None:
    latin, body, heading, _ = FONTS[language]
    _style_font(word.styles["Normal"], latin, body, 10.5)
    word.styles["Normal"].paragraph_format.line_spacing = 1.1
    for level, size in ((1, 14), (2, 11.5), (3, 10.5)):
        style = word.styles[f"Heading {level}"]
        _style_font(style, latin, heading, size)
        style.font.bold = True
        style.font.color.rgb = RGBColor(0x1F, 0x3A, 0x5F)
        style.paragraph_format.space_before = Pt(9 if level == 1 else 5)
        style.paragraph_format.space_after = Pt(3)
        style.paragraph_format.keep_with_next = True


def _style_font(style: Any, latin: str, east_asian: str, size: float) -> None:
    style.font.name, style.font.size = latin, Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), east_asian)
    # headings of the default template name theme fonts, which win over the fonts set here
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)


def _run(
    paragraph: Any,
    text: str,
    size: float,
    language: str,
    *,
    bold: bool = False,
    colour: Any = None,
    heading: bool = False,
    table: bool = False,
) -> Any:
    latin, body, head, cell = FONTS[language]
    run = paragraph.add_run(text)
    run.font.size, run.font.bold, run.font.name = Pt(size), bold, latin
    run._element.get_or_add_rPr().get_or_add_rFonts().set(
        qn("w:eastAsia"), head if heading else cell if table else body
    )
    if colour is not None:
        run.font.color.rgb = colour
    return run


def _line(
    word: Any,
    text: str,
    *,
    size: float,
    language: str,
    align: str = "l",
    bold: bool = False,
    colour: Any = None,
    heading: bool = False,
    after: float = 3,
    keep: bool = False,
) -> Any:
    paragraph = word.add_paragraph()
    paragraph.alignment = ALIGN[align]
    paragraph.paragraph_format.space_after = Pt(after)
    paragraph.paragraph_format.keep_with_next = keep
    _run(paragraph, text, size, language, bold=bold, colour=colour, heading=heading)
    return paragraph


def _heading(word: Any, block: Heading) -> None:
    word.add_heading(block.text, level=block.level)


def _paragraph(word: Any, block: Paragraph, language: str) -> None:
    style = {"bullet": "List Bullet"}.get(block.kind)
    paragraph = word.add_paragraph(style=style)
    colour = {"alert": RED, "warning": ORANGE, "note": GREY}.get(block.kind)
    size = {"note": 8.5, "lead": 11}.get(block.kind, 10.5)
    if block.kind in ("body", "lead") and language == "zh":
        paragraph.paragraph_format.first_line_indent = Pt(2 * size)
    paragraph.paragraph_format.space_after = Pt(2)
    _run(paragraph, block.text, size, language, bold=block.kind in ("alert", "lead"), colour=colour)


def _caption(word: Any, text: str, language: str) -> None:
    _line(word, text, size=9.5, language=language, align="c", bold=True, heading=True, after=2, keep=True)


def _table(word: Any, block: Table, number: int, language: str) -> None:
    _caption(word, caption("table", number, block.title, language), language)
    columns = len(block.header)
    table = word.add_table(rows=1 + len(block.rows), cols=columns)
    table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    shares = block.widths or (1.0,) * columns
    widths = [Cm(PAGE_WIDTH_CM * share / sum(shares)) for share in shares]
    # LibreOffice and WPS follow the grid, Word the cells: both are set
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    size = 8.5 if columns <= 8 else 7.5 if columns <= 9 else 7 if columns <= 11 else 6.5
    style = _cell_style(word, size)
    # python-docx walks the whole table for each cell(); rows read once keep long tables fast
    for place, (row, cells) in enumerate(zip(table.rows, (block.header, *block.rows), strict=True)):
        for column, (cell, text) in enumerate(zip(row.cells, cells, strict=True)):
            cell.width = widths[column]
            paragraph = cell.paragraphs[0]
            paragraph.style = style
            is_header = place == 0
            paragraph.alignment = ALIGN["c" if is_header else (block.align or "l" * columns)[column]]
            colour = RED if (place - 1, column) in block.red else None
            _run(paragraph, text, size, language, bold=is_header or place - 1 in block.bold, colour=colour, table=True)
            if is_header:
                _shade(cell, "DCE6F1")
        _keep_whole(row)
    _repeat_header(table.rows[0])
    _line(word, block.source, size=7.5, language=language, colour=GREY, after=6)


def _cell_style(word: Any, size: float) -> Any:
    """Return the paragraph style of table cells; an empty cell takes its height from it."""
    name = f"Table cell {size}"
    if name not in word.styles:
        style = word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = word.styles["Normal"]
        style.font.size = Pt(size)
        style.paragraph_format.space_after = Pt(0)
        style.paragraph_format.line_spacing = 1.0
    return word.styles[name]


def _shade(cell: Any, colour: str) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)


def _repeat_header(row: Any) -> None:
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _keep_whole(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _figure(word: Any, block: Figure, number: int, language: str) -> None:
    paragraph = word.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = True
    paragraph.add_run().add_picture(str(block.path), width=Cm(16.0))
    _caption(word, caption("figure", number, block.title, language), language)
    _line(word, block.source, size=7.5, language=language, colour=GREY, after=6)
