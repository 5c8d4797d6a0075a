"""``zhenxing plan``: the joint plan of a town, or one of its baselines."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from zhenxing.planning.solve.incumbent import Progress


class MethodChoice(StrEnum):
    """How the plan is made."""

    joint = "joint"
    greedy = "greedy"
    staged = "staged"


def command(
    town: Annotated[Path, typer.Argument(help="城镇数据：文件夹或 .gpkg / town: folder or .gpkg")],
    out: Annotated[Path, typer.Option("--out", help="结果文件夹 / folder for the plan")],
    seconds: Annotated[
        float, typer.Option(min=0.1, help="整个命令的墙钟秒数 / wall seconds of the whole command")
    ] = 60.0,
    gap: Annotated[float, typer.Option(min=0.0, help="达到该相对差距即停 / stop at this relative gap")] = 1e-6,
    threads: Annotated[int, typer.Option(min=1, help="线程数 / threads")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="随机种子 / seed")] = 0,
    work: Annotated[
        int | None,
        typer.Option(min=1, help="固定工作量，逐字节可重复 / fixed work instead of time, repeatable byte for byte"),
    ] = None,
    method: Annotated[
        MethodChoice, typer.Option(help="joint 联合；greedy 逐年；staged 先地后企 / how the plan is made")
    ] = MethodChoice.joint,
    start: Annotated[
        Path | None,
        typer.Option("--from", help="从已有规划文件夹开始，结果不会更差 / begin with a plan folder; never worse"),
    ] = None,
    progress: Annotated[
        bool, typer.Option("--progress", help="显示价值、上界、差距 / show value, bound and gap")
    ] = False,
    save: Annotated[
        str | None, typer.Option("--save", help="同时存为该镇的一次运行 / also keep it as a run of the town")
    ] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="zh | en")] = None,
) -> None:
    """编制多年度联合更新规划。 / Make the joint multi-year renewal plan."""
    from zhenxing.cli.clock import stopwatch

    elapsed = stopwatch()
    from zhenxing.errors import InfeasibleError, NoPlanInTimeError
    from zhenxing.i18n import say, speak
    from zhenxing.planning.options import PlanOptions
    from zhenxing.planning.plan import plan, without_plan
    from zhenxing.planning.result import read_plan, write_plan
    from zhenxing.store import inputs_sha256, read_town

    listener = _listener(lang) if progress else None
    given = read_town(town)
    begin = None if start is None else read_plan(start).tables
    left = max(seconds - elapsed(), 0.1)
    options = PlanOptions(left, gap, threads, seed, work, method.value, listener, begin)
    try:
        result = plan(given, options)
    except InfeasibleError:
        write_plan(without_plan(given, "infeasible", options, elapsed()), out)
        raise
    # the files as they lie on disk, which may be spelled otherwise than the program would write them
    result.summary["inputs_sha256"] = inputs_sha256(town)
    files = write_plan(result, out)
    if not result.has_plan:
        raise NoPlanInTimeError(say("plan.no_plan_in_time", seconds=seconds))
    if save is not None:
        from zhenxing.store import save_run

        said = {"seconds": seconds, "gap": gap, "threads": threads, "seed": seed, "work": work, "method": method.value}
        save_run(town, result.tables, stage="plan", name=save, options=said, summary=result.summary)
    summary = result.summary
    shown = {
        "value": f"{summary['value_wan']:,.1f}",
        "bound": f"{summary['bound_wan']:,.1f}",
        "gap": f"{summary['gap']:.2%}",
        "status": summary["status"],
        "method": summary["method"],
        "seconds": f"{elapsed():.1f}",
    }
    typer.echo(speak(say("plan.done", **shown), lang))
    typer.echo(speak(say("cli.written", path=files[-1].parent), lang))


def _listener(lang: str | None) -> Callable[[Progress], None]:
    """Return a function that prints one line for every clear step forward, at most a few a second."""
    from zhenxing.i18n import say, speak

    last = {"value": float("-inf"), "at": -1.0}

    def show(line: Progress) -> None:
        if line.value <= last["value"] and line.seconds - last["at"] < 1.0:
            return
        last["value"], last["at"] = line.value, line.seconds
        known = line.value > float("-inf")
        text = say(
            "plan.progress",
            seconds=line.seconds,
            value=f"{line.value:,.1f}" if known else "—",
            bound=f"{line.bound:,.1f}",
            gap=f"{line.gap:.2%}" if known else "—",
            method=line.method,
        )
        typer.echo(speak(text, lang), err=True)

    return show
