"""A report as PDF, set by Typst from the shipped font alone, so that it looks the same everywhere."""

from __future__ import annotations

import json
import shutil
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

from zhenxing.report.blocks import Block, Document, Figure, Heading, PageBreak, Paragraph, Table
from zhenxing.report.fonts import FAMILY, folder
from zhenxing.report.word import caption


def write_pdf(document: Document, path: Path) -> None:
    """Write the report as ``path`` (.pdf).

    Parameters
    ----------
    document : Document
        The report.
    path : Path
        File to write.
    """
    import typst

    template = (files("zhenxing.report") / "template.typ").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as held:
        root = Path(held)
        pictures = _copy_pictures(document, root)
        content = {
            "title": document.title,
            "subtitle": document.subtitle,
            "footer": document.footer,
            "language": document.language,
            "font": FAMILY,
            "blocks": _numbered(document, pictures),
        }
        (root / "content.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        (root / "report.typ").write_text(template, encoding="utf-8")
        typst.compile(
            str(root / "report.typ"),
            output=str(path),
            root=str(root),
            font_paths=[str(folder())],
            ignore_system_fonts=True,
        )


def _copy_pictures(document: Document, root: Path) -> dict[Path, str]:
    copied = {}
    for block in document.blocks:
        if isinstance(block, Figure):
            vector = block.path.with_suffix(".svg")
            source = vector if vector.exists() else block.path
            copied[block.path] = source.name
            shutil.copyfile(source, root / source.name)
    return copied


def _numbered(document: Document, pictures: dict[Path, str]) -> list[dict[str, Any]]:
    number = {"table": 0, "figure": 0}
    records = []
    for block in document.blocks:
        if isinstance(block, Table | Figure):
            kind = "table" if isinstance(block, Table) else "figure"
            number[kind] += 1
            title = caption(kind, number[kind], block.title, document.language)
            records.append({**_record(block, pictures), "title": title})
        else:
            records.append(_record(block, pictures))
    return records


def _record(block: Block, pictures: dict[Path, str]) -> dict[str, Any]:
    if isinstance(block, Heading):
        return {"kind": "heading", "text": block.text, "level": block.level}
    if isinstance(block, Paragraph):
        return {"kind": block.kind, "text": block.text}
    if isinstance(block, PageBreak):
        return {"kind": "pagebreak"}
    if isinstance(block, Figure):
        return {"kind": "figure", "path": pictures[block.path], "source": block.source}
    columns = len(block.header)
    return {
        "kind": "table",
        "header": list(block.header),
        "rows": [list(row) for row in block.rows],
        "align": list(block.align or "l" * columns),
        "widths": list(block.widths or (1.0,) * columns),
        "bold": sorted(block.bold),
        "red": [list(place) for place in sorted(block.red)],
        "source": block.source,
    }
