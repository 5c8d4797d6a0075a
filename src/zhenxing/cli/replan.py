"""``zhenxing replan``: a half-executed plan made anew with new data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

# Changes told on the screen; all of them stand in changes.csv.
SHOWN = 10


def command(
    town: Annotated[Path, typer.Argument(help="城镇的新数据：文件夹或 .gpkg / the town's new data: folder or .gpkg")],
    directory: Annotated[Path, typer.Argument(help="原规划文件夹 / the old plan's folder", metavar="DIR")],
    as_of: Annotated[int, typer.Option("--as-of", help="该年（含）以前的已经发生 / what is up to this year is done")],
    out: Annotated[Path, typer.Option("--out", help="结果文件夹 / folder for the new plan")],
    started: Annotated[
        Path | None,
        typer.Option("--started", help="实际执行情况：CSV 或规划文件夹 / what really started: CSV or plan folder"),
    ] = None,
    before: Annotated[
        Path | None, typer.Option("--before", help="做原规划时的城镇数据 / the town as it was for the old plan")
    ] = None,
    keep_wan: Annotated[
        float, typer.Option("--keep-wan", help="每改一项决定至少要值多少万元 / least worth of a changed decision")
    ] = 0.0,
    town_out: Annotated[
        Path | None, typer.Option("--town-out", help="另写一个从该年开始的镇 / also write a town that begins then")
    ] = None,
    seconds: Annotated[
        float, typer.Option(min=0.1, help="整个命令的墙钟秒数 / wall seconds of the whole command")
    ] = 60.0,
    seed: Annotated[int, typer.Option(min=0, help="随机种子 / seed")] = 0,
    lang: Annotated[str | None, typer.Option("--lang", help="zh | en")] = None,
) -> None:
    """执行到一半的规划，用新数据重编：已启动的不动。 / Make a half-executed plan anew; what has started stays."""
    from zhenxing.cli.clock import stopwatch

    elapsed = stopwatch()
    from zhenxing.cli.given import read_given
    from zhenxing.i18n import language, say, speak
    from zhenxing.planning.later_town import later_town
    from zhenxing.planning.replan import replan
    from zhenxing.planning.result import write_plan
    from zhenxing.store import read_town, write_tables, write_town

    read = read_given(town, directory, lang, quiet=True)
    made = replan(
        read.town,
        read.plan,
        as_of,
        started=started,
        before=None if before is None else read_town(before),
        keep_wan=keep_wan,
        seconds=max(seconds - elapsed(), 0.1),
        seed=seed,
        inputs=read.inputs,
    )
    write_plan(made.result, out)
    write_tables(out, {"changes": made.changes})
    for note in made.notes:
        typer.echo(speak(note.text, lang), err=True)
    summary = made.result.summary
    text = say(
        "alternatives.replanned",
        value=f"{summary['value_wan']:,.1f}",
        bound=f"{summary['bound_wan']:,.1f}",
        gap=f"{summary['gap']:.2%}",
        start="—" if made.start_value_wan is None else f"{made.start_value_wan:,.1f}",
        changes=len(made.changes),
        ties=int(made.changes["tie"].eq(True).sum()),
    )
    typer.echo(speak(text, lang))
    for row in made.changes.head(SHOWN).to_dict("records"):
        line = say(
            "alternatives.change_line",
            id=f"{row['id']} {row['name']}".strip(),
            old=row["old"] or "—",
            new=row["new"] or "—",
            reason=row[f"reason_{language(lang)}"],
        )
        typer.echo(speak(line, lang))
    if town_out is not None:
        later, lost = later_town(read.town, made.result, as_of)
        write_town(later, town_out)
        for issue in lost:
            typer.echo(speak(issue.text, lang), err=True)
        typer.echo(speak(say("cli.written", path=town_out), lang))
    typer.echo(speak(say("cli.written", path=out), lang))
