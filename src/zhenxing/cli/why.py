"""``zhenxing why``: what a wish about a plan costs, what moves for it, and what stands in its way."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    town: Annotated[Path, typer.Argument(help="城镇数据：文件夹或 .gpkg / town: folder or .gpkg", metavar="TOWN")],
    directory: Annotated[Path, typer.Argument(help="规划文件夹 / the plan folder", metavar="DIR")],
    site: Annotated[str | None, typer.Option("--site", help="问一个地块 / ask about a site")] = None,
    start_by: Annotated[
        int | None, typer.Option("--start-by", help="地块或工程不晚于该年开工 / the site or work starts by this year")
    ] = None,
    not_before: Annotated[int | None, typer.Option("--not-before", help="不早于该年 / not before this year")] = None,
    mode: Annotated[str | None, typer.Option("--mode", help="地块的改造方式 / mode of the site")] = None,
    never: Annotated[bool, typer.Option("--never", help="完全不开工或不落户 / not at all")] = False,
    candidate: Annotated[
        str | None, typer.Option("--candidate", help="问一个拟落户企业 / ask about a candidate")
    ] = None,
    park: Annotated[
        str | None, typer.Option("--park", help="企业落户或指标所在的园区 / park of the candidate or the target")
    ] = None,
    year: Annotated[
        int | None, typer.Option("--year", help="企业不晚于该年落户 / the candidate lands by this year")
    ] = None,
    work: Annotated[str | None, typer.Option("--work", help="问一个公共工程 / ask about a public work")] = None,
    target: Annotated[
        str | None,
        typer.Option("--target", help="指标,年份,数值：要求达到 / INDICATOR,YEAR,VALUE: a target to be met"),
    ] = None,
    seconds: Annotated[
        float, typer.Option(min=0.1, help="整个命令的墙钟秒数 / wall seconds of the whole command")
    ] = 5.0,
    seed: Annotated[int, typer.Option(min=0, help="随机种子 / seed")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出 / print JSON")] = False,
    lang: Annotated[str | None, typer.Option("--lang", help="zh | en")] = None,
) -> None:
    """为什么不能这样：一个要求的代价、要动什么、被什么挡住。 / Why not otherwise: what a wish costs and what blocks it.

    例 Examples: --site S07 --start-by 2028；--site S07 --never；--candidate C12 --park P2；--target cleared_mu,2028,500
    """
    from zhenxing.cli.clock import stopwatch

    elapsed = stopwatch()
    from zhenxing.i18n import say, speak
    from zhenxing.planning.explain.ground import ground
    from zhenxing.planning.explain.why import answer
    from zhenxing.planning.explain.wishes import read_wish
    from zhenxing.planning.result import read_plan
    from zhenxing.store import inputs_sha256, read_town

    given = read_town(town)
    wish = read_wish(
        given,
        site=site,
        start_by=start_by,
        not_before=not_before,
        mode=mode,
        never=never,
        candidate=candidate,
        park=park,
        year=year,
        work=work,
        target=target,
    )
    base = ground(given, read_plan(directory), inputs=inputs_sha256(town))
    if not base.same_inputs:
        typer.echo(speak(say("why.other_inputs"), lang), err=True)
    # printing and leaving take a little too
    found = answer(base, wish, max(seconds - elapsed() - LEAVING, LEAST), seed=seed)
    if as_json:
        import json

        typer.echo(json.dumps(found.record(), ensure_ascii=False, indent=1, allow_nan=False))
        return
    for text in found.sentences:
        typer.echo(speak(text, lang))


# Seconds kept for printing the answer; seconds for an answer however long the reading took.
LEAVING, LEAST = 0.2, 1.0
