"""What a report is made of, before it becomes Word or PDF: headings, paragraphs, tables and figures in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

ParagraphKind = Literal["body", "lead", "alert", "warning", "note", "bullet"]


@dataclass(frozen=True)
class Heading:
    """A numbered heading of the report; level 1 starts a part."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """One paragraph; ``alert`` is printed red, ``warning`` dark orange."""

    text: str
    kind: ParagraphKind = "body"


@dataclass(frozen=True)
class Table:
    """A table as printed: every cell is text already.

    Parameters
    ----------
    title, source : str
        Caption above and note of origin below.
    header : tuple of str
        Column labels.
    rows : tuple of tuple of str
        The cells.
    align : str
        One letter per column: ``l``, ``r`` or ``c``.
    widths : tuple of float
        Relative column widths; empty = equal.
    bold : frozenset of int
        Rows printed bold (totals).
    red : frozenset of (row, column)
        Cells printed red (negative cash, missed targets).
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    source: str
    align: str = ""
    widths: tuple[float, ...] = ()
    bold: frozenset[int] = field(default_factory=frozenset)
    red: frozenset[tuple[int, int]] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Figure:
    """A picture with its caption and its note of origin."""

    path: Path
    title: str
    source: str


@dataclass(frozen=True)
class PageBreak:
    """The next block starts a page."""


Block = Heading | Paragraph | Table | Figure | PageBreak


@dataclass(frozen=True)
class Document:
    """A whole report in one language and one edition."""

    title: str
    subtitle: str
    footer: str
    language: str
    blocks: tuple[Block, ...]


def translated(document: Document, change: Callable[[str], str]) -> Document:
    """Return the document with every sentence, caption and cell passed through ``change``.

    Examples
    --------
    >>> page = Document("a", "", "", "en", (Paragraph("secret 1"),))
    >>> translated(page, lambda text: text.replace("secret", "***")).blocks[0].text
    '*** 1'
    """
    return replace(
        document,
        title=change(document.title),
        subtitle=change(document.subtitle),
        footer=change(document.footer),
        blocks=tuple(_changed(block, change) for block in document.blocks),
    )


def texts(document: Document) -> list[str]:
    """Return every piece of text of the document in reading order."""
    found: list[str] = []

    def keep(text: str) -> str:
        found.append(text)
        return text

    translated(document, keep)
    return found


def _changed(block: Block, change: Callable[[str], str]) -> Block:
    if isinstance(block, Heading | Paragraph):
        return replace(block, text=change(block.text))
    if isinstance(block, Table):
        return replace(
            block,
            title=change(block.title),
            source=change(block.source),
            header=tuple(change(label) for label in block.header),
            rows=tuple(tuple(change(cell) for cell in row) for row in block.rows),
        )
    if isinstance(block, Figure):
        return replace(block, title=change(block.title), source=change(block.source))
    return block
