"""The benchmark suite of the joint plan. One command each for towns, runs, tables, and what others found.

Examples::

    python -m benchmarks.plan run --minutes 25           # the main table, resumable, all families evenly
    python -m benchmarks.plan run --table peers --sizes S --seeds 0 --minutes 60
    python -m benchmarks.plan best-known                 # take over what the runs found, if better and checked
    python -m benchmarks.plan report                     # tables per family
    python -m benchmarks.plan export --out suite --sizes S M
    python -m benchmarks.plan check S-balanced-0 my.sol  # value a solution of somebody else's solver
    python -m benchmarks.plan run --table couplings --sizes S --minutes 20   # what each coupling adds
    python -m benchmarks.plan build-time --sizes S M L
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from benchmarks.plan.instances import FAMILIES, SEEDS, SIZES, Instance, instances

RUNS = Path("build/plan_suite")


def main(arguments: list[str] | None = None) -> int:
    """Run one command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.plan", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    _run_options(commands.add_parser("run", help="make measured runs; what is done already is not done again"))
    shown = commands.add_parser("report", help="print the tables of the runs")
    shown.add_argument("--runs", type=Path, default=RUNS)
    known = commands.add_parser("best-known", help="offer the runs' plans and bounds to best_known.csv")
    known.add_argument("--runs", type=Path, default=RUNS)
    known.add_argument("--drop-changed", action="store_true", help="drop rows whose town the generator no longer draws")
    written = commands.add_parser("export", help="write instances as town folders and MPS files")
    written.add_argument("--out", type=Path, required=True)
    _selection(written, sizes=["S", "M"])
    checked = commands.add_parser("check", help="value a solution: .sol (name value a line), plan folder or plan .zip")
    checked.add_argument("instance")
    checked.add_argument("solution", type=Path)
    checked.add_argument("--submit", metavar="NAME", help="take it into best_known.csv under this name if it is better")
    built = commands.add_parser("build-time", help="our model building beside linopy's on the same rows")
    built.add_argument("--sizes", nargs="+", choices=SIZES, default=["S", "M", "L"])
    built.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args(arguments)
    return {
        "run": _run, "report": _report, "best-known": _best_known, "export": _export, "check": _check,
        "build-time": _build_time,
    }[given.command](given)  # fmt: skip


def _selection(parser: argparse.ArgumentParser, *, sizes: list[str] | None = None) -> None:
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=sizes)
    parser.add_argument("--families", nargs="+", choices=FAMILIES, default=list(FAMILIES))
    parser.add_argument("--seeds", nargs="+", type=int, choices=SEEDS, default=list(SEEDS))


def _run_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--table", choices=["main", "peers", "couplings", "bounds"], default="main", help="which runs")
    _selection(parser)
    parser.add_argument("--methods", nargs="+", help="only these methods")
    parser.add_argument("--cpu-seconds", type=float, help="this budget for all runs instead of the table's own")
    parser.add_argument("--minutes", type=float, default=600.0, help="wall minutes for all runs together")
    parser.add_argument("--at-once", type=int, default=2, help="runs at a time; one thread each")
    parser.add_argument("--runs", type=Path, default=RUNS, help="folder of results; runs in it are not made again")
    parser.add_argument("--keep-old", action="store_true", help="also keep runs of an older state of the program")


def _run(given: argparse.Namespace) -> int:
    from benchmarks.plan.runs import TABLES, jobs, run_all

    batches = []
    for batch in TABLES[given.table]:
        methods = tuple(m for m in batch.methods if not given.methods or m in given.methods)
        if methods and (not given.sizes or batch.size in given.sizes):
            families = tuple(f for f in batch.families if f in given.families)
            seeds = tuple(s for s in batch.seeds if s in given.seeds)
            seconds = given.cpu_seconds or batch.cpu_seconds
            batches.append(replace(batch, methods=methods, families=families, seeds=seeds, cpu_seconds=seconds))
    wanted = jobs(batches)
    made = run_all(wanted, given.runs, minutes=given.minutes, at_once=given.at_once, keep_old=given.keep_old)
    print(f"{made} runs made; results in {given.runs / 'runs.jsonl'}")
    return 0


def _report(given: argparse.Namespace) -> int:
    from benchmarks.plan.best_known import read_table
    from benchmarks.plan.report import Results, full
    from benchmarks.plan.runs import read_runs

    print(full(Results(read_runs(given.runs / "runs.jsonl"), read_table())))
    return 0


def _best_known(given: argparse.Namespace) -> int:
    from benchmarks.plan.best_known import changed, read_table, solution_path, update, write_table
    from benchmarks.plan.runs import read_runs

    if given.drop_changed:
        rows = read_table()
        for name in changed(rows):
            del rows[name]
            solution_path(name).unlink(missing_ok=True)
            print(f"{name}：城镇已变，删去 / the town has changed, dropped")
        write_table(rows)
    for line in update(read_runs(given.runs / "runs.jsonl"), given.runs / "plans"):
        print(line)
    return 0


def _export(given: argparse.Namespace) -> int:
    from benchmarks.plan.export import export

    for instance in instances(tuple(given.sizes), tuple(given.families), tuple(given.seeds)):
        print(export(instance, given.out))
    return 0


def _check(given: argparse.Namespace) -> int:
    from benchmarks.plan.best_known import offer_plan, read_table, write_table
    from benchmarks.plan.export import checked_solution

    tables, found = checked_solution(Instance.of(given.instance), given.solution)
    for row in found.violations.head(20).itertuples():
        print(f"{row.zh} / {row.en}")
    rows = read_table()
    known = rows.get(given.instance)
    best = f"{known.value_wan:,.1f}" if known is not None and known.value_wan is not None else "—"
    print(f"value_wan {found.value_wan:,.4f}  violations {len(found.violations)}  best known {best}")
    if given.submit:
        print(offer_plan(rows, given.instance, tables, given.submit, None))
        write_table(rows)
    return 1 if len(found.violations) else 0


def _build_time(given: argparse.Namespace) -> int:
    from benchmarks.plan.build_time import compare

    return compare(given.sizes, given.repeat)


if __name__ == "__main__":
    raise SystemExit(main())
