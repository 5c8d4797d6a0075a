"""``zhenxing report``: a plan as Word, Excel, PDF and figures."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pandas as pd


class EditionChoice(StrEnum):
    """Who will read the report."""

    internal = "internal"
    outward = "outward"


def command(
    town: Annotated[Path, typer.Argument(help="城镇数据：文件夹或 .gpkg / town: folder or .gpkg")],
    plan: Annotated[Path, typer.Argument(help="计划文件夹 / folder of the plan")],
    out: Annotated[Path, typer.Option("--out", help="报告文件夹 / folder for the report")],
    edition: Annotated[
        EditionChoice,
        typer.Option(help="internal 内部版；outward 对外版，未签约企业以代称出现 / outward hides unsigned firms"),
    ] = EditionChoice.internal,
    lang: Annotated[str | None, typer.Option("--lang", help="zh | en")] = None,
    seconds: Annotated[
        float,
        typer.Option(
            min=0.0,
            help="比较方案和敏感性的计算秒数，0 为不算 / seconds for baselines and sensitivity, 0 leaves them out",
        ),
    ] = 40.0,
    prices: Annotated[
        Path | None, typer.Option("--prices", help="zhenxing prices 的结果文件夹 / folder of zhenxing prices")
    ] = None,
    alternatives: Annotated[
        Path | None,
        typer.Option("--alternatives", help="zhenxing alternatives 的结果文件夹 / folder of zhenxing alternatives"),
    ] = None,
    scenarios: Annotated[
        Path | None, typer.Option("--scenarios", help="zhenxing scenarios 的结果文件夹 / folder of zhenxing scenarios")
    ] = None,
    diagnosis: Annotated[
        Path | None, typer.Option("--diagnosis", help="zhenxing diagnose 的结果文件夹 / folder of zhenxing diagnose")
    ] = None,
    explain_seconds: Annotated[
        float,
        typer.Option(
            "--explain-seconds",
            min=0.0,
            help="没有给出文件夹的上述结果和“为什么不更早”的计算秒数，0 为不算 / seconds for those that no "
            "folder gives and for why not earlier, 0 leaves them out",
        ),
    ] = 0.0,
    own_list: Annotated[
        Path | None,
        typer.Option(
            "--own-list", help="自己的清单（locks 表 CSV），作为比较方案 / own list (locks table, CSV) to compare with"
        ),
    ] = None,
    date: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="报告日期 / date of the report")
    ] = None,
    signed: Annotated[
        float,
        typer.Option(
            min=0.0, max=1.0, help="落地概率不低于此值视为已签约 / probability from which a firm counts as signed"
        ),
    ] = 0.9,
) -> None:
    """写出规划报告（Word、Excel、PDF、图）。 / Write a plan's report (Word, Excel, PDF, figures)."""
    import datetime as dt

    from zhenxing.errors import SourceError
    from zhenxing.i18n import language, say, speak
    from zhenxing.planning.result import read_plan
    from zhenxing.report import ReportOptions, write_report
    from zhenxing.store import inputs_sha256, read_town

    made = read_plan(plan)
    if not made.has_plan:
        raise SourceError(say("report.nothing_planned", path=plan))
    options = ReportOptions(
        edition=edition.value,
        language=language(lang),
        seconds=seconds,
        own_list=None if own_list is None else _read_list(own_list),
        date=date.date() if date else dt.date.today(),
        signed_probability=signed,
        prices=prices,
        alternatives=alternatives,
        scenarios=scenarios,
        diagnosis=diagnosis,
        explain_seconds=explain_seconds,
        workers=2,
        inputs=inputs_sha256(town),
    )
    written = write_report(read_town(town), made, out, options)
    for warning in written.warnings:
        typer.echo(speak(warning, lang), err=True)
    if written.missing_glyphs:
        typer.echo(speak(say("report.missing_glyphs", letters=written.missing_glyphs), lang), err=True)
    for path in written.paths:
        if path.suffix != ".svg":
            typer.echo(speak(say("cli.written", path=path), lang))
    if not written.is_sound:
        typer.echo(speak(say("report.unsound", count=written.violations), lang), err=True)
        raise typer.Exit(1)


def _read_list(path: Path) -> pd.DataFrame:
    import pandas as pd

    from zhenxing import schema
    from zhenxing.errors import SourceError
    from zhenxing.i18n import say

    try:
        raw = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""], encoding="utf-8-sig")
    except (OSError, ValueError) as fault:
        raise SourceError(say("report.unreadable_list", path=path)) from fault
    typed, issues = schema.conform("locks", raw)
    faults = [issue for issue in issues if issue.level == "error"]
    if faults:
        raise SourceError(say("report.unreadable_list", path=path), faults)
    return typed
