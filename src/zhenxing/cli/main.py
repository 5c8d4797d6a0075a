"""The command line: one file per command, loaded light; errors become one bilingual message and an exit code."""

from __future__ import annotations

import sys

import typer

from zhenxing.cli import (
    alternatives,
    check,
    check_plan,
    classify,
    clock,
    diagnose,
    import_,
    pareto,
    plan,
    prices,
    replan,
    report,
    sample,
    scenarios,
    sitelist,
    template,
    why,
)
from zhenxing.errors import ZhenxingError

app = typer.Typer(
    name="zhenxing",
    help="镇兴：从部门报表到一份可核验的多年度更新规划。"
    " / From the departments' files to one checked multi-year renewal plan.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("import")(import_.command)
app.command("check")(check.command)
app.command("diagnose")(diagnose.command)
app.command("plan")(plan.command)
app.command("check-plan")(check_plan.command)
app.command("classify")(classify.command)
app.command("alternatives")(alternatives.command)
app.command("pareto")(pareto.command)
app.command("replan")(replan.command)
app.command("prices")(prices.command)
app.command("report")(report.command)
app.command("scenarios")(scenarios.command)
app.command("sitelist")(sitelist.command)
app.command("template")(template.command)
app.command("why")(why.command)
app.add_typer(sample.app, name="sample")


@app.callback(invoke_without_command=True)
def _main(version: bool = typer.Option(False, "--version", help="版本 / version")) -> None:
    if version:
        from importlib.metadata import version as installed

        typer.echo(installed("zhenxing"))
        raise typer.Exit(0)


def run() -> None:
    """Run the command line; a ``ZhenxingError`` ends it with its own exit code, never with a traceback."""
    clock.count_from_process_start()
    try:
        app()
    except ZhenxingError as error:
        for line in (error.text.zh, error.text.en):
            typer.echo(line, err=True)
        for issue in error.issues[:20]:
            place = ".".join(part for part in (issue.table, issue.column) if part)
            typer.echo(f"  [{issue.level}] {place} {issue.text.zh} / {issue.text.en}", err=True)
        if len(error.issues) > 20:
            typer.echo(f"  … (+{len(error.issues) - 20})", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(0)
    finally:
        clock.count_from_call()


if __name__ == "__main__":
    run()
