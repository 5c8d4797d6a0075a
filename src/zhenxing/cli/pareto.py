"""``zhenxing pareto``: what less disruption, less debt or a fuller chain costs in value."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class MeasureChoice(StrEnum):
    """What the value is traded against."""

    disruption = "disruption"
    debt = "debt"
    chain = "chain"


def command(
    town: Annotated[Path, typer.Argument(help="城镇数据：文件夹或 .gpkg / town: folder or .gpkg")],
    directory: Annotated[Path, typer.Argument(help="规划文件夹 / the plan folder", metavar="DIR")],
    out: Annotated[Path, typer.Option("--out", help="结果文件夹 / folder for the front")],
    against: Annotated[
        MeasureChoice,
        typer.Option(
            help="disruption 受影响厂房；debt 最高负债；chain 产业链到位率 / floor disturbed, highest debt, chain"
        ),
    ],
    points: Annotated[int, typer.Option(min=2, help="点数 / points")] = 7,
    seconds: Annotated[
        float, typer.Option(min=0.1, help="整个命令的墙钟秒数 / wall seconds of the whole command")
    ] = 120.0,
    seed: Annotated[int, typer.Option(min=0, help="随机种子 / seed")] = 0,
    lang: Annotated[str | None, typer.Option("--lang", help="zh | en")] = None,
) -> None:
    """价值与扰动、负债、产业链之间的取舍曲线。 / The trade-off of value against disruption, debt or the chain."""
    from zhenxing.cli.clock import stopwatch

    elapsed = stopwatch()
    from zhenxing.cli.given import read_given, write_plans
    from zhenxing.i18n import say, speak
    from zhenxing.planning.pareto import pareto

    read = read_given(town, directory, lang)
    front = pareto(
        read.town,
        read.plan,
        against.value,
        points=points,
        seconds=max(seconds - elapsed(), 0.1),
        seed=seed,
        inputs=read.inputs,
    )
    write_plans(out, front.plans, {"pareto": front.table, "envelope": front.envelope})
    for row in front.table.to_dict("records"):
        level = f"{row['level']:.1%}" if against is MeasureChoice.chain else f"{row['level']:,.0f}"
        line = say(
            f"alternatives.point_{against.value}",
            level=level,
            value=f"{row['value_wan']:,.1f}",
            bound=f"{row['bound_wan']:,.1f}",
            plan=row["plan"],
        )
        typer.echo(speak(line, lang))
    typer.echo(speak(say("cli.written", path=out), lang))
