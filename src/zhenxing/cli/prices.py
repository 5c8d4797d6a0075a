"""``zhenxing prices``: what binds in a plan, and what the next yuan, mu, person-month or kilowatt is worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import pandas as pd

    from zhenxing.errors import Text
    from zhenxing.planning.explain.prices import Prices
    from zhenxing.planning.explain.words import Names

# Seconds kept for writing; seconds for the figures however long the reading took.
LEAVING, LEAST = 0.5, 1.0
# Lines of the table on the screen; all of them are in prices.csv. Up to so many limits are shown step by step.
SHOWN, FEW = 16, 2
KEYS = ["resource", "park_id", "year", "step"]
# What stands for every year together.
ALL = ("all", "0")


def command(
    town: Annotated[Path, typer.Argument(help="城镇数据：文件夹或 .gpkg / town: folder or .gpkg", metavar="TOWN")],
    directory: Annotated[Path, typer.Argument(help="规划文件夹 / the plan folder", metavar="DIR")],
    out: Annotated[Path, typer.Option("--out", help="结果文件夹 / folder for the result")],
    resource: Annotated[
        str | None,
        typer.Option(
            "--resource",
            help="money 资金、debt 债务、title_mu 确权、cleared_mu 拆除、effort_months 人力、land 空地，"
            "或 park_supply 里的资源名；不写则全部 / the limit; all of them when left out",
        ),
    ] = None,
    year: Annotated[
        str | None, typer.Option("--year", help="年份，all 为各年一起 / a year, or all for every year together")
    ] = None,
    park: Annotated[
        str | None, typer.Option("--park", help="空地和园区资源的园区 / park of land and park supplies")
    ] = None,
    unit: Annotated[
        float | None,
        typer.Option("--unit", help="一个实用单位（该限额自己的单位） / one practical unit of the limit"),
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(
            "--seconds", min=0.1, help="墙钟秒数，默认全部 120、单问一项 60 / wall seconds: 120, or 60 for one"
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="随机种子 / seed")] = 0,
    progress: Annotated[bool, typer.Option("--progress", help="显示进度 / show progress")] = False,
    lang: Annotated[str | None, typer.Option("--lang", help="zh | en")] = None,
) -> None:
    """什么在起约束，再多一点值多少。 / What binds, and what a little more of it is worth.

    例 Examples: --resource money --year 2027；--resource debt --year all；--resource land --park P1
    """
    from zhenxing.cli.clock import stopwatch

    elapsed = stopwatch()
    from zhenxing.cli.given import read_given
    from zhenxing.i18n import say, speak
    from zhenxing.planning.explain.prices import prices
    from zhenxing.planning.explain.steps import PRACTICAL, Steps
    from zhenxing.planning.explain.words import collect_names

    asked = _year(year)
    steps = Steps() if unit is None else Steps(units={**PRACTICAL, _unit(resource, unit): unit})
    given = read_given(town, directory, lang)

    def tell(text: Text) -> None:
        typer.echo(f"{elapsed():7.1f}  {speak(text, lang)}", err=True)

    allowed = seconds if seconds is not None else (120.0 if resource is None else 60.0)
    found = prices(
        given.town,
        given.plan,
        resource=resource,
        year=asked,
        park=park,
        seconds=max(allowed - elapsed() - LEAVING, LEAST),
        steps=steps,
        seed=seed,
        inputs=given.inputs,
        listener=tell if progress else None,
    )
    _write(found, out)
    _print(found, collect_names(given.town), lang)
    typer.echo(speak(say("prices.note", path=out / "reasons.csv"), lang))


def _year(given: str | None) -> int | None:
    from zhenxing.errors import InputError
    from zhenxing.i18n import say

    if given is None:
        return None
    if given in ALL:
        return 0
    if not (given.isascii() and given.isdigit()):
        raise InputError(say("prices.bad_year", year=given))
    return int(given)


def _unit(resource: str | None, unit: float) -> str:
    """Return the resource that a practical unit is for."""
    from zhenxing.errors import InputError
    from zhenxing.i18n import say

    if resource is None or not unit > 0:
        raise InputError(say("prices.bad_unit"))
    return resource


def _write(found: Prices, out: Path) -> None:
    """Write the tables and the summary, each whole; the summary last, so that it stands for all of them."""
    import json
    import os

    from zhenxing.store import write_tables

    write_tables(out, {"prices": found.table, "reasons": found.reasons})
    waiting = out / "prices.json.part"
    waiting.write_text(
        json.dumps(found.summary, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8"
    )
    os.replace(waiting, out / "prices.json")


def _print(found: Prices, names: Names, lang: str | None) -> None:
    """Print a short table, the largest value first, then the sentence about one practical unit of its first limit."""
    from rich.console import Console

    from zhenxing.i18n import language, say, speak

    told = found.table.merge(found.reasons, on=KEYS, validate="one_to_one")
    quiet = told["verdict"].isin(["does_not_bind", "not_limited"])
    loud = told[~quiet]
    units = _units(loud)
    if len(units):
        steps = loud if len(units) <= FEW else units
        Console(highlight=False).print(_table(steps.head(SHOWN), names, lang))
        typer.echo(units.iloc[0][language(lang)])
    for verdict, key in (("does_not_bind", "not_binding"), ("not_limited", "unlimited")):
        own = told[told["verdict"] == verdict]
        if len(own):
            typer.echo(speak(say(f"prices.{key}", limits=_grouped(own, names)), lang))
    better = float(found.summary["better_plan_found_wan"])
    if better > 1.0:
        typer.echo(speak(say("prices.better_plan", value=f"{better:,.0f}"), lang))


def _units(told: pd.DataFrame) -> pd.DataFrame:
    """Return one practical unit more of each limit, the largest value first, those without a figure by their price."""
    rows = told[told["practical"]]
    return rows.sort_values(["value_change_wan", "relaxation_value_wan"], ascending=False, na_position="last")


def _table(lines: pd.DataFrame, names: Names, lang: str | None) -> Any:
    from rich.table import Table
    from rich.text import Text as Cell

    from zhenxing.i18n import say, speak
    from zhenxing.planning.explain.reasons import label_of, quantity, unit_label

    table = Table(title=speak(say("prices.title"), lang), title_justify="left")
    for column, justify in (
        ("limit", "left"), ("step", "right"), ("value", "right"), ("interval", "right"), ("relaxed", "right"),
        ("verdict", "left"),
    ):  # fmt: skip
        table.add_column(speak(say(f"prices.column_{column}"), lang), justify=justify, overflow="fold")  # type: ignore[arg-type]  # the two words it knows
    for row in lines.to_dict("records"):
        verdict = say(f"prices.verdict_{row['verdict']}")
        if row["disagree"]:
            verdict = say("prices.and_disagrees", verdict=verdict)
        resource = str(row["resource"])
        step = f"{'+' if row['step'] > 0 else '-'}{quantity(abs(row['step']))} {speak(unit_label(resource), lang)}"
        table.add_row(
            Cell(speak(label_of(resource, str(row["park_id"]), int(row["year"]), names), lang)),
            step,
            _figure(row["value_change_wan"]),
            f"{_figure(row['low_wan'])} ~ {_figure(row['high_wan'])}",
            _figure(row["relaxation_value_wan"]),
            Cell(speak(verdict, lang)),
        )
    return table


def _grouped(own: pd.DataFrame, names: Names) -> Text:
    """Return limits in one phrase, the years of a resource together."""
    from zhenxing.errors import Text
    from zhenxing.planning.explain.reasons import label_of, resource_label

    found: dict[str, list[tuple[str, int]]] = {}
    for row in own.to_dict("records"):
        found.setdefault(str(row["resource"]), []).append((str(row["park_id"]), int(row["year"])))
    texts = []
    for resource, places in found.items():
        label = resource_label(resource)
        where = [park or (str(year) if year else "") for park, year in places]
        if len(places) == 1:
            texts.append(label_of(resource, *places[0], names))
        else:
            shown = ", ".join(word for word in where if word)
            texts.append(Text(f"{label.zh}（{shown}）", f"{label.en} ({shown})"))
    return Text("；".join(text.zh for text in texts), "; ".join(text.en for text in texts))


def _figure(value: Any) -> str:
    from math import isnan

    from zhenxing.planning.explain.reasons import quantity

    return "—" if isnan(float(value)) else quantity(float(value))
