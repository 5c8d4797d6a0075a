"""``zhenxing check``: the town's tables against each other, with the rows and the repair of each finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from zhenxing.i18n import Language, language, say, speak

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zhenxing.errors import Issue

LEVELS = {"error": "red", "warning": "yellow", "info": "cyan"}


def command(
    town: Annotated[
        str, typer.Argument(help="镇的数据：文件夹或 .gpkg / The town: a folder or a .gpkg", metavar="TOWN")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出 / Print JSON")] = False,
    lang: Annotated[str | None, typer.Option("--lang", help="zh 或 en / zh or en")] = None,
) -> None:
    """检查镇的数据：编号、年份、单位与自相矛盾之处 / Check a town's tables: ids, years, units, contradictions.

    退出码 0 无误或仅有警告，2 有错误。Exit code 0 clean or warnings, 2 errors.
    """
    import json

    from zhenxing.errors import InputError
    from zhenxing.planning.consistency import check_inputs
    from zhenxing.store import read_town

    try:
        read = read_town(town)
        issues = [*check_inputs(read), *read.issues]
    except InputError as failure:
        # faults found while reading are findings of the same kind; without any the error itself is the answer
        if not failure.issues:
            raise
        issues = list(failure.issues)
    bad = any(issue.level == "error" for issue in issues)
    if as_json:
        content = {"passed": not bad, "issues": [issue.record() for issue in issues]}
        typer.echo(json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False))
    else:
        _print(issues, language(lang))
    raise typer.Exit(2 if bad else 0)


def _print(issues: Sequence[Issue], spoken: Language) -> None:
    """One table per level, errors first, and a line that counts them."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text as Cell

    console = Console()
    counts = {level: [issue for issue in issues if issue.level == level] for level in LEVELS}
    for level, colour in LEVELS.items():
        if not counts[level]:
            continue
        heading = speak(say(f"check.level_{level}"), spoken)
        table = Table(title=heading, title_justify="left", title_style=f"bold {colour}", show_lines=True)
        for column in ("where", "what"):
            table.add_column(speak(say(f"check.column_{column}"), spoken), overflow="fold")
        for issue in counts[level]:
            where = ".".join(part for part in (issue.table, issue.column) if part)
            table.add_row(Cell(where), Cell(speak(issue.text, spoken)))
        console.print(table)
    if not issues:
        console.print(speak(say("check.clean"), spoken), style="green")
    else:
        numbers = {"errors": len(counts["error"]), "warnings": len(counts["warning"]), "infos": len(counts["info"])}
        console.print(speak(say("check.summary", **numbers), spoken))
