"""``zhenxing template``: Excel sheets to fill in, made from the declarations of the tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zhenxing.i18n import language, say, speak


def command(
    tables: Annotated[
        list[str] | None,
        typer.Argument(
            help="表名，空着为全部规划输入表 / Tables; all inputs of a plan by default", metavar="[TABLE]..."
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="写出的 .xlsx 文件 / The .xlsx to write", metavar="FILE")
    ] = Path("template.xlsx"),
    lang: Annotated[str | None, typer.Option("--lang", help="zh 或 en / zh or en")] = None,
) -> None:
    """生成待填写的 Excel 模板 / Write Excel sheets to fill in, with units, hints and drop-downs."""
    from zhenxing.schema.workbook import write_template

    write_template(out, tables or (), language(lang))
    typer.echo(speak(say("cli.written", path=out), lang))
