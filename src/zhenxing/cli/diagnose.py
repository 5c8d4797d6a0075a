"""``zhenxing diagnose``: the town's chain, its firms' way up, its land's output, its place beside others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from zhenxing.diagnosis.diagnosing import Diagnosis
    from zhenxing.planning.practising import PracticeStudy
    from zhenxing.town import Town


def command(
    town: Annotated[Path, typer.Argument(help="城镇数据：文件夹或 .gpkg / town: folder or .gpkg", metavar="TOWN")],
    out: Annotated[Path, typer.Option("--out", help="诊断文件夹 / folder of the diagnosis", metavar="DIR")],
    only: Annotated[
        str,
        typer.Option(
            help="只做哪些部分，逗号分隔 / parts to make, comma separated: classification, chain, ladder, watch, "
            "output_per_mu, peers, launches"
        ),
    ] = "",
    apply: Annotated[
        bool,
        typer.Option(
            "--apply",
            help="把推算出的输入表写入城镇，人给的行不动 / put derived input rows into the town, never over "
            "rows that people gave",
        ),
    ] = False,
    save: Annotated[
        str | None,
        typer.Option("--save", help="另存为城镇的一次运行 / also keep it as a run of the town", metavar="NAME"),
    ] = None,
    year: Annotated[
        int | None, typer.Option(help="用到哪一年的数据 / last year of figures to use", metavar="YEAR")
    ] = None,
    chain: Annotated[
        str,
        typer.Option(help="城镇没有环节表时用的自带产业链 / shipped chain where the town has no links of its own"),
    ] = "lighting",
    scheme: Annotated[str, typer.Option(help="亩均评价方案 / scheme of output per mu")] = "huangyan",
    home: Annotated[
        str, typer.Option(help="本镇在对标地区中的编号 / the town's id among the peers", metavar="ID")
    ] = "",
    visits: Annotated[
        int, typer.Option(min=0, help="一年可走访企业的次数 / visits to firms that can be made in a year")
    ] = 200,
    practice: Annotated[
        str | None,
        typer.Option(
            help="在某地做法下重新编规划并比较 / plan again under a practice card and compare", metavar="CARD"
        ),
    ] = None,
    seconds: Annotated[
        float,
        typer.Option(min=0.1, help="比较做法时每份规划的秒数 / seconds for each plan of a practice comparison"),
    ] = 60.0,
    lang: Annotated[str | None, typer.Option("--lang", help="zh | en")] = None,
) -> None:
    """诊断：产业链、企业梯度、规上线监测、亩均、对标。 / Diagnosis: chain, ladder, watch, output per mu, peers."""
    import datetime as dt

    from zhenxing.cli.clock import stopwatch

    elapsed = stopwatch()
    from zhenxing.diagnosis.diagnosing import DiagnoseOptions, diagnose
    from zhenxing.diagnosis.files import write_diagnosis
    from zhenxing.i18n import say, speak
    from zhenxing.store import apply_derived, read_town, save_run, write_town

    given = read_town(town)
    parts = tuple(name.strip() for name in only.split(",") if name.strip())
    options = DiagnoseOptions(only=parts, year=year, chain=chain, scheme=scheme, home=home, visits=visits)
    found = diagnose(given, options)
    more = {}
    changed = given
    if apply:
        changed, clashes = apply_derived(given, "diagnose", found.inputs, as_of=dt.date.today().isoformat())
        more["clashes"] = clashes
        found.summary["clashes"] = len(clashes[["table", "row_id"]].drop_duplicates())
    if practice is not None:
        tried = _tried(changed, practice, seconds)
        more |= {"practice_changes": tried.changes, "practice_effects": tried.effects}
        found.summary["practice"] = tried.summary
    write_diagnosis(found, out, more)
    for line in _account(found, lang):
        typer.echo(line)
    if practice is not None:
        for line in _practice_lines(tried, lang):
            typer.echo(line)
    if apply:
        write_town(changed, town, who="zhenxing diagnose", why="derived:diagnose")
        rows = sum(len(frame) for frame in found.inputs.values())
        said = say("diagnosis.applied", town=town, rows=rows, clashes=found.summary["clashes"])
        typer.echo(speak(said, lang))
    if save is not None:
        kept = save_run(
            town, found.tables, stage="diagnose", name=save, options=found.summary["options"], summary=found.summary
        )
        typer.echo(speak(say("diagnosis.saved", run=kept), lang))
    typer.echo(speak(say("diagnosis.done", path=out, seconds=f"{elapsed():.1f}"), lang))
    if not any(one.state == "made" for one in found.states):
        raise typer.Exit(2)


def _tried(town: Town, name: str, seconds: float) -> PracticeStudy:
    from zhenxing.diagnosis.practices import practice
    from zhenxing.planning.practising import try_practice

    return try_practice(town, practice(name), seconds)


def _account(found: Diagnosis, lang: str | None) -> list[str]:
    """Return one line for every part, and one about the findings."""
    from zhenxing.diagnosis.headlines import headline
    from zhenxing.i18n import say, speak

    lines = []
    for one in found.states:
        part = speak(say(f"diagnosis.part_{one.part}"), lang)
        if one.state == "made":
            told = speak(headline(one.part, found.tables), lang)
        else:
            told = speak(say(f"diagnosis.{one.state}", reason=one.reason), lang)
        lines.append(speak(say("diagnosis.line", part=part, told=told), lang))
    levels = found.summary["issues"]
    lines.append(speak(say("diagnosis.findings", **levels), lang))
    return lines


def _practice_lines(tried: PracticeStudy, lang: str | None) -> list[str]:
    from zhenxing.errors import Text
    from zhenxing.i18n import say, speak

    totals = tried.effects[tried.effects["year"].isna()].set_index("measure")
    shown = {}
    for measure in ("released_mu", "value_wan", "year_of_common_mu"):
        value = float(totals["difference"][measure])
        shown[measure] = "—" if value != value else f"{value:+,.0f}"
    gaps = {when: f"{float(tried.summary[when]['gap'] or 0.0):.2%}" for when in ("before", "after")}
    card = Text(str(tried.summary["zh"]), str(tried.summary["en"]))
    name = say("diagnosis.practice_name", name=card, card=tried.summary["card"])
    lines = [speak(say("diagnosis.practice_done", name=name, **shown, **gaps), lang)]
    if "certain" in totals and not bool(totals["certain"]["value_wan"]):
        lines.append(speak(say("diagnosis.practice_open"), lang))
    return lines
