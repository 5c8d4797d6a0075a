"""``zhenxing check-plan``: whether a plan is allowed and worth what it says, by the second implementation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zhenxing.i18n import Language, language, say, speak

if TYPE_CHECKING:
    from rich.console import Console

    from zhenxing.planning.checker import PlanCheck

SHOWN = 20


def command(
    town: Annotated[
        str, typer.Argument(help="镇的数据：文件夹或 .gpkg / The town: a folder or a .gpkg", metavar="TOWN")
    ],
    directory: Annotated[Path, typer.Argument(help="计划文件夹 / The plan folder", metavar="DIR")],
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出 / Print JSON")] = False,
    lang: Annotated[str | None, typer.Option("--lang", help="zh 或 en / zh or en")] = None,
) -> None:
    """独立核对计划是否合规、价值是否属实 / Check independently that a plan is allowed and its value right.

    退出码 0 合规且价值一致，1 否，2 无法读取。Exit code 0 allowed and value equal, 1 not, 2 unreadable.
    """
    from zhenxing.errors import ZhenxingError
    from zhenxing.planning.checker import check_plan
    from zhenxing.store import read_town

    try:
        check = check_plan(read_town(town), directory, source=town)
    except ZhenxingError as failure:
        if not as_json:
            raise
        _print_json(
            {"passed": False, "error": failure.text._asdict(), "issues": [one.record() for one in failure.issues]}
        )
        raise typer.Exit(failure.exit_code) from None
    if as_json:
        _print_json(check.record())
    else:
        _print(check, language(lang))
    raise typer.Exit(0 if check.passed else 1)


def _print_json(content: dict[str, Any]) -> None:
    import json

    typer.echo(json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False))


def _print(check: PlanCheck, spoken: Language) -> None:
    """Violations first, then mismatches and warnings, the parts of the value, one line of verdict."""
    from rich.console import Console

    console = Console()
    if check.evaluation is not None and not check.evaluation.allowed:
        _print_violations(console, check, spoken)
    for heading, findings in (("heading_mismatches", check.mismatches), ("heading_warnings", check.warnings)):
        if findings:
            console.print(speak(say(f"check_plan.{heading}"), spoken), style="bold")
            for finding in findings:
                console.print(f"- {speak(finding.text, spoken)}", markup=False)
    if check.evaluation is not None:
        _print_parts(console, check, spoken)
    console.print(speak(check.verdict, spoken), style="bold green" if check.passed else "bold red", markup=True)


def _print_violations(console: Console, check: PlanCheck, spoken: Language) -> None:
    from rich.table import Table
    from rich.text import Text as Cell

    assert check.evaluation is not None
    violations = check.evaluation.violations
    table = Table(title=speak(say("check_plan.heading_violations"), spoken), title_justify="left")
    for column in ("rule", "where", "what"):
        table.add_column(speak(say(f"check_plan.column_{column}"), spoken), overflow="fold")
    for row in violations.head(SHOWN).itertuples():
        where = f"{row.table} {row.id}".strip()
        table.add_row(Cell(str(row.rule)), Cell(where), Cell(str(row.zh if spoken == "zh" else row.en)))
    console.print(table)
    if len(violations) > SHOWN:
        console.print(speak(say("check_plan.more", count=len(violations) - SHOWN), spoken))


def _print_parts(console: Console, check: PlanCheck, spoken: Language) -> None:
    from rich.table import Table

    assert check.evaluation is not None
    reported = check.summary.get("parts")
    reported = reported if isinstance(reported, dict) else {}
    table = Table(title=speak(say("check_plan.heading_parts"), spoken), title_justify="left")
    table.add_column(speak(say("check_plan.column_part"), spoken))
    for column in ("reported", "recomputed"):
        table.add_column(speak(say(f"check_plan.column_{column}"), spoken), justify="right")
    for name, part in check.evaluation.parts.items():
        label = speak(say(f"check_plan.part_{name}"), spoken)
        table.add_row(label, _figure(reported.get(name)), _figure(part))
    total = speak(say("check_plan.total"), spoken)
    table.add_row(total, _figure(check.summary.get("value_wan")), _figure(check.evaluation.value_wan), style="bold")
    console.print(table)


def _figure(value: object) -> str:
    return f"{value:,.2f}" if isinstance(value, (int, float)) and not isinstance(value, bool) else "–"
