"""``zhenxing alternatives``: plans that are almost as good and differ."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    town: Annotated[Path, typer.Argument(help="城镇数据：文件夹或 .gpkg / town: folder or .gpkg")],
    directory: Annotated[Path, typer.Argument(help="规划文件夹 / the plan folder", metavar="DIR")],
    out: Annotated[Path, typer.Option("--out", help="结果文件夹 / folder for the alternatives")],
    within: Annotated[float, typer.Option(help="允许损失的价值比例 / share of the value that may be lost")] = 0.01,
    seconds: Annotated[
        float, typer.Option(min=0.1, help="整个命令的墙钟秒数 / wall seconds of the whole command")
    ] = 120.0,
    seed: Annotated[int, typer.Option(min=0, help="随机种子 / seed")] = 0,
    lang: Annotated[str | None, typer.Option("--lang", help="zh | en")] = None,
) -> None:
    """价值相近而做法不同的方案，以及各方案都不变的决定。 / Plans almost as good that differ, and what they share."""
    from zhenxing.cli.clock import stopwatch

    elapsed = stopwatch()
    from zhenxing.cli.given import read_given, write_plans
    from zhenxing.errors import InputError
    from zhenxing.i18n import say, speak
    from zhenxing.planning.alternatives import alternatives

    if not 0.0 <= within < 1.0:
        raise InputError(say("alternatives.bad_within", within=within))
    read = read_given(town, directory, lang)
    found = alternatives(
        read.town, read.plan, within=within, seconds=max(seconds - elapsed(), 0.1), seed=seed, inputs=read.inputs
    )
    write_plans(out, found.plans, {"alternatives": found.table, "no_regret": found.no_regret})
    for row in found.table.iloc[1:].to_dict("records"):
        line = say(
            "alternatives.line",
            name=row["name"],
            aim=row["aim_en"] if _english(lang) else row["aim_zh"],
            value=f"{row['value_wan']:,.1f}",
            loss=f"{row['loss_wan']:,.1f}",
            share=f"{row['loss_share']:.2%}",
            sites=row["sites_changed"],
            landings=row["landings_changed"],
            debt=f"{row['peak_debt_wan']:,.0f}",
        )
        typer.echo(speak(line, lang))
    best = found.table.sort_values("loss_wan", kind="stable").iloc[0]
    if best["loss_share"] < -1e-6:
        gain = f"{-best['loss_wan']:,.1f}"
        typer.echo(speak(say("alternatives.better", name=best["name"], gain=gain), lang))
    counts = found.no_regret["verdict"].value_counts()
    told = {name: int(counts.get(name, 0)) for name in ("proven", "not_refuted", "refuted")}
    text = say(
        "alternatives.regret",
        all=len(found.no_regret),
        within=f"{within:.1%}",
        proven=told["proven"],
        open=told["not_refuted"],
        refuted=told["refuted"],
    )
    typer.echo(speak(text, lang))
    typer.echo(speak(say("cli.written", path=out), lang))


def _english(lang: str | None) -> bool:
    from zhenxing.i18n import language

    return language(lang) == "en"
