"""``zhenxing import``: a department's files into a town; what was read, what was not, what changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zhenxing.i18n import Language, language, say, speak

if TYPE_CHECKING:
    import datetime as dt

    from zhenxing.errors import Issue
    from zhenxing.importers import ImportResult

COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}
MOST_CHANGES = 20


def command(
    source: Annotated[
        Path, typer.Argument(help="部门的文件或文件夹 / A department's file or folder", metavar="SOURCE")
    ],
    town: Annotated[
        Path,
        typer.Argument(
            help="镇：文件夹或 .gpkg，没有则新建 / The town: a folder or .gpkg, made when new", metavar="TOWN"
        ),
    ],
    crs: Annotated[
        str, typer.Option("--crs", help="图层坐标系 / System of the layers: EPSG:4490, 4547, 4526, gcj02 …")
    ] = "",
    table: Annotated[
        list[str] | None,
        typer.Option("--table", help="指明表名 / Name a table: FILE=TABLE or FILE#SHEET=TABLE", metavar="FILE=TABLE"),
    ] = None,
    as_of: Annotated[str, typer.Option("--as-of", help="数据日期 / Date of the data: 2026-06-30")] = "",
    edition: Annotated[
        str, typer.Option("--edition", help="行业代码版本 / Edition of the industry codes: 2017, 2011, 2002")
    ] = "",
    encoding: Annotated[str, typer.Option("--encoding", help="文字编码 / Encoding of text files: gb18030, utf-8")] = "",
    city: Annotated[str, typer.Option("--city", help="地址所在城市 / City of the addresses: 中山")] = "",
    issues: Annotated[
        Path | None,
        typer.Option("--issues", help="处理清单的位置 / Where the workbook of issues goes", metavar="FILE.xlsx"),
    ] = None,
    max_rows: Annotated[int, typer.Option("--max-rows", min=1, help="单表行数上限 / Longest sheet read")] = 300_000,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看结果，不写入 / Show, write nothing")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="列出全部说明 / List every remark too")] = False,
    who: Annotated[str, typer.Option("--who", help="经办人，记入修改历史 / Who, kept in the history")] = "",
    lang: Annotated[str | None, typer.Option("--lang", help="zh 或 en / zh or en")] = None,
) -> None:
    """导入部门的 Excel、CSV、Parquet 和 GIS 文件 / Import a department's Excel, CSV, Parquet and GIS files.

    每一行要么导入，要么列明原因。退出码 0 已导入；2 有文件无法读取或坐标系不明。
    Every row is imported or listed with its reason. Exit code 0 imported; 2 a file or its system cannot be read.
    """
    from zhenxing.importers import ImportOptions, import_files, write_issues
    from zhenxing.store import write_town

    options = ImportOptions(
        crs=crs,
        tables=_tables(table or []),
        as_of=_date(as_of),
        edition=_edition(edition),
        encoding=encoding,
        city=city,
        max_rows=max_rows,
    )
    result = import_files(source, town, options)
    spoken = language(lang)
    _print(result, spoken, verbose)
    if not dry_run and result.changed:
        write_town(result.town, town, who=who, why=f"import {source.name}")
        held = sum(len(frame) > 0 for frame in result.town.tables.values())
        typer.echo(speak(say("importers.imported_town", town=town, tables=held), lang))
    if not dry_run and result.to_mend:
        place = issues or town.with_name(f"{town.stem}_issues.xlsx")
        for path in write_issues(result, place):
            typer.echo(speak(say("importers.issues_written", path=path), lang))
    if result.nothing:
        typer.echo(speak(say("importers.nothing_imported"), lang), err=True)
        raise typer.Exit(2)
    if result.unreadable:
        files = "、".join(result.unreadable)
        typer.echo(speak(say("importers.some_unreadable", count=len(result.unreadable), files=files), lang), err=True)
        raise typer.Exit(2)


def _tables(given: list[str]) -> dict[str, str]:
    from zhenxing.errors import InputError

    named: dict[str, str] = {}
    for one in given:
        file, sign, name = one.rpartition("=")
        if not sign or not file or not name:
            raise InputError(say("importers.bad_table_option", given=one))
        named[file] = name
    return named


def _date(given: str) -> dt.date | None:
    import datetime

    from zhenxing.errors import InputError

    if not given:
        return None
    try:
        return datetime.date.fromisoformat(given)
    except ValueError:
        raise InputError(say("importers.bad_date_option", given=given)) from None


def _edition(given: str) -> str:
    from zhenxing.errors import InputError
    from zhenxing.rules.industry import EDITIONS

    if given and given not in EDITIONS:
        raise InputError(say("importers.bad_edition", given=given, known=", ".join(EDITIONS)))
    return given


def _print(result: ImportResult, spoken: Language, verbose: bool) -> None:
    from rich.console import Console

    console = Console()
    for record in result.accounts.to_dict("records"):
        _print_account(console, {str(key): value for key, value in record.items()}, spoken)
    for level in ("error", "warning", "info"):
        found = [issue for issue in result.issues if issue.level == level]
        if level != "info" or verbose:
            for issue in found:
                _print_issue(console, issue, spoken)
    counts = {level: sum(issue.level == level for issue in result.issues) for level in COLOURS}
    console.print(speak(say("importers.counts", **counts), spoken))
    _print_changes(console, result, spoken)


_KINDS = ("title", "header", "blank", "totals", "remarks", "repeated", "listed")


def _print_account(console: object, record: dict[str, object], spoken: Language) -> None:
    """One line for each sheet: what table it is, how many of its rows came in and what the others are."""
    from rich.console import Console
    from rich.text import Text as Cell

    assert isinstance(console, Console)
    name = f"{record['file']}#{record['sheet']}" if record["sheet"] else str(record["file"])
    others = "，".join(
        f"{speak(say(f'importers.account_{kind}'), spoken)} {record[kind]}" for kind in _KINDS if record[kind]
    )
    text = say(
        "importers.account_line",
        name=name,
        table=record["table"] or "—",
        rows=record["rows"],
        imported=record["imported"],
        others=f"（{others}）" if others else "",
    )
    style = "" if record["imported"] else "yellow"
    console.print(Cell(speak(text, spoken), style=style), soft_wrap=True)


def _print_issue(console: object, issue: Issue, spoken: Language) -> None:
    from rich.console import Console
    from rich.text import Text as Cell

    assert isinstance(console, Console)
    console.print(Cell("● ", style=COLOURS[issue.level]) + Cell(speak(issue.text, spoken)), soft_wrap=True)


def _print_changes(console: object, result: ImportResult, spoken: Language) -> None:
    """Say what changes in the town; changed cells and contradictions one by one, as far as they fit the screen."""
    from rich.console import Console

    from zhenxing.importers.difference import change_counts

    assert isinstance(console, Console)
    counts = change_counts(result.changes)
    if not result.changed:
        console.print(speak(say("importers.no_change"), spoken), markup=False)
        return
    if counts and all(set(kinds) == {"added"} for kinds in counts.values()):
        text = say("importers.all_added", rows=len(result.changes), tables=len(counts))
        console.print(speak(text, spoken), markup=False, soft_wrap=True)
        return
    for table, kinds in counts.items():
        parts = "，".join(f"{speak(say(f'importers.change_{kind}'), spoken)} {count}" for kind, count in kinds.items())
        console.print(f"{table}: {parts}", markup=False, soft_wrap=True)
    shown = result.changes[result.changes["change"].isin(["changed", "conflict", "removed"])]
    for row in shown.head(MOST_CHANGES).itertuples():
        text = say(
            f"importers.{row.change}_cell", table=row.table, row=row.row_id, column=row.column, old=row.old, new=row.new
        )
        console.print(f"  {speak(text, spoken)}", markup=False, soft_wrap=True)
    if len(shown) > MOST_CHANGES:
        console.print(f"  … (+{len(shown) - MOST_CHANGES})", markup=False)
