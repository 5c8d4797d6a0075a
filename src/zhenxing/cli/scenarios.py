"""``zhenxing scenarios``: what could go wrong with a plan, and a plan that looks at luck beforehand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    town: Annotated[Path, typer.Argument(help="城镇数据：文件夹或 .gpkg / town: folder or .gpkg", metavar="TOWN")],
    directory: Annotated[Path, typer.Argument(help="规划文件夹 / the plan folder", metavar="DIR")],
    out: Annotated[Path, typer.Option("--out", help="结果文件夹 / folder for the results")],
    count: Annotated[int, typer.Option(min=1, help="模拟的抽样次数 / draws to simulate")] = 200,
    solve_count: Annotated[
        int, typer.Option(min=1, help="两阶段方案所用的抽样次数 / draws the two-stage plan is made for")
    ] = 8,
    omega: Annotated[float, typer.Option(min=0.0, max=1.0, help="最差情形的权重 / weight of the worst cases")] = 0.5,
    alpha: Annotated[
        float, typer.Option(min=0.0, max=0.999, help="0.9 即看最差的一成 / 0.9 looks at the worst tenth")
    ] = 0.9,
    first_years: Annotated[
        int | None,
        typer.Option(min=1, help="事先定下的年数，缺省为全部 / years decided before luck is known; default all"),
    ] = None,
    seconds: Annotated[
        float, typer.Option(min=0.1, help="求解的墙钟秒数，模拟另计 / wall seconds of the solves; simulating on top")
    ] = 120.0,
    work: Annotated[
        int | None, typer.Option(min=1, help="固定工作量，可重复 / fixed work instead of time, repeatable")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="进程数 / processes")] = 2,
    uncertainty: Annotated[
        Path | None,
        typer.Option("--uncertainty", help="不确定性参数 CSV 或 TOML / parameters as CSV or TOML"),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="随机种子 / seed")] = 0,
    lang: Annotated[str | None, typer.Option("--lang", help="zh | en")] = None,
) -> None:
    """方案可能出什么问题：抽样、模拟、两阶段方案。 / What could go wrong with a plan, and a two-stage plan."""
    from zhenxing.cli.clock import stopwatch

    elapsed = stopwatch()
    from zhenxing.i18n import say, speak
    from zhenxing.planning.result import read_plan
    from zhenxing.planning.uncertainty.files import write_study
    from zhenxing.planning.uncertainty.settings import Uncertainty, read_uncertainty
    from zhenxing.planning.uncertainty.study import ScenarioOptions, scenarios
    from zhenxing.store import inputs_sha256, read_town

    settings = Uncertainty() if uncertainty is None else read_uncertainty(uncertainty)
    plan = read_plan(directory)
    given = read_town(town)
    present = inputs_sha256(town)
    if plan.summary.get("inputs_sha256") not in (None, present):
        typer.echo(speak(say("scenarios.other_inputs"), lang), err=True)
    options = ScenarioOptions(
        count=count,
        solve_count=solve_count,
        omega=omega,
        alpha=alpha,
        first_years=first_years,
        seconds=seconds,
        work=work,
        workers=workers,
        seed=seed,
        uncertainty=settings,
    )
    study = scenarios(given, plan, options)
    study.two_stage.summary["inputs_sha256"] = present
    write_study(study, out)
    for text in study.sentences:
        typer.echo(f"- {speak(text, lang)}")
    worth = study.summary["two_stage"]
    done = say(
        "scenarios.done",
        path=out,
        count=count,
        worth=f"{worth['objective_wan']:,.1f}",
        bound=f"{worth['bound_wan']:,.1f}",
        seconds=f"{elapsed():.1f}",
    )
    typer.echo(speak(done, lang))
