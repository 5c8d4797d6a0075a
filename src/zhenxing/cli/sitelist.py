"""``zhenxing sitelist``: next year's list of sites, its reserve and the reasons."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    town: Annotated[Path, typer.Argument(help="城镇数据：文件夹或 .gpkg / town: folder or .gpkg")],
    plan: Annotated[Path, typer.Argument(help="计划文件夹 / folder of the plan")],
    year: Annotated[int, typer.Option("--year", help="年份 / calendar year")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="写出的 .xlsx；不给则只在屏幕显示 / .xlsx to write; without it the list is shown only"
        ),
    ] = None,
    schedule: Annotated[
        Path | None,
        typer.Option("--schedule", help="本镇自己的工期表（CSV：step,months,needs,zh,en） / own durations (CSV)"),
    ] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="zh | en")] = None,
) -> None:
    """列出某年启动的地块、备选和不启动的理由。 / List the sites of a year, the reserve and the reasons."""
    from zhenxing.errors import SourceError
    from zhenxing.i18n import language, say, speak
    from zhenxing.planning.result import read_plan
    from zhenxing.report import ReportOptions
    from zhenxing.report.facts import gather
    from zhenxing.report.schedule import read_steps
    from zhenxing.report.sitelist import site_list
    from zhenxing.report.sitelist_workbook import write_site_list
    from zhenxing.store import read_town

    made = read_plan(plan)
    if not made.has_plan:
        raise SourceError(say("report.nothing_planned", path=plan))
    steps = read_steps(schedule)
    facts = gather(read_town(town), made, ReportOptions(language=language(lang), seconds=0))
    listed = site_list(facts, year, steps)
    if out is not None:
        write_site_list(facts, listed, out)
    area = facts.voice.number(listed.started["area_mu"].sum(), 1)
    typer.echo(facts.voice("list_done", year=year, count=len(listed.started), mu=area, reserve=len(listed.reserve)))
    for row in listed.started.to_dict("records"):
        shown = (
            row["site"],
            row["park"],
            facts.voice.number(row["area_mu"], 1),
            row["mode"],
            row["supply"],
            row["reason"],
        )
        typer.echo(f"  {row['no']}. " + " · ".join(str(part) for part in shown))
    if out is not None:
        typer.echo(speak(say("cli.written", path=out), lang))
    if not facts.is_sound:
        typer.echo(facts.voice("unsound", count=len(facts.evaluation.violations)), err=True)
        raise typer.Exit(1)
