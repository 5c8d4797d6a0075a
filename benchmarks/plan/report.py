"""Tables of measured runs, family by family: nothing is pooled over families, lost comparisons are shown as such."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median
from typing import Any

from benchmarks.plan.best_known import Row
from benchmarks.plan.instances import FAMILIES, SIZES, Instance
from benchmarks.plan.measure import at_cpu, gap_at, primal_integral

Record = dict[str, Any]
# Two values closer than this, relatively, are a tie.
TIE = 1e-6


def share_closed(ours: float, highs: float, bound: float) -> float | None:
    """Return how much of plain HiGHS's distance to the bound the joint plan closes.

    Examples
    --------
    >>> share_closed(95.0, 90.0, 100.0)
    0.5
    """
    return None if bound - highs <= TIE * abs(bound) else (ours - highs) / (bound - highs)


class Results:
    """Measured runs with the best known values and bounds they are held against."""

    def __init__(self, records: Iterable[Record], rows: dict[str, Row]) -> None:
        self.rows = rows
        self.by_key: dict[tuple[str, str, float], Record] = {}
        for record in records:
            self.by_key[record["instance"], record["method"], float(record["budget_cpu_s"])] = record

    def of(self, size: str, family: str, method: str, budget: float) -> dict[int, Record]:
        """Return the runs of a method on a family, by seed."""
        return {
            instance.seed: record
            for (name, how, seconds), record in self.by_key.items()
            for instance in (Instance.of(name),)
            if (instance.size, instance.family, how, seconds) == (size, family, method, budget)
        }

    def bound(self, name: str) -> float | None:
        """Return the lowest bound proven by any method in any run, or stored."""
        row = self.rows.get(name)
        return row.bound_wan if row is not None else None

    def best(self, name: str) -> float | None:
        """Return the best value stored or measured."""
        row = self.rows.get(name)
        values = [r["value"] for (n, _, _), r in self.by_key.items() if n == name and r["value"] is not None]
        stored = [row.value_wan] if row is not None and row.value_wan is not None else []
        return max(values + stored, default=None)

    def budgets(self, size: str) -> list[float]:
        """Return the budgets measured on a size."""
        return sorted({seconds for (name, _, seconds) in self.by_key if Instance.of(name).size == size})

    def methods(self, size: str, budget: float) -> list[str]:
        """Return the methods measured on a size with a budget."""
        from benchmarks.plan.methods import METHODS

        found = {how for (name, how, seconds) in self.by_key if (Instance.of(name).size, seconds) == (size, budget)}
        return [method for method in METHODS if method in found and not method.startswith("without-")]


def table(heads: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def percent(value: float | None, digits: int = 2) -> str:
    """Return a share as percent."""
    return "—" if value is None else f"{100 * value:.{digits}f} %"


def spread(values: list[float], digits: int = 1) -> str:
    """Return median (least … most, how many)."""
    if not values:
        return "—"
    shown = f"{100 * median(values):.{digits}f} %"
    if len(values) == 1:
        return f"{shown} (n=1)"
    return f"{shown} ({100 * min(values):.{digits}f} … {100 * max(values):.{digits}f}, n={len(values)})"


def against_highs(results: Results, size: str, budget: float) -> str:
    """Return, per family, the share of plain HiGHS's gap that the joint plan closes."""
    rows = []
    for family in FAMILIES:
        ours, highs = (results.of(size, family, method, budget) for method in ("joint", "highs"))
        shares, over, without, below = [], [], 0, 0
        for seed in sorted(set(ours) & set(highs)):
            bound, mine, theirs = results.bound(ours[seed]["instance"]), ours[seed]["value"], highs[seed]["value"]
            if theirs is None:
                without += 1
            elif mine is None:
                below += 1
            else:
                over.append(mine / theirs - 1.0 if theirs > 0 else float("inf"))
                below += mine < theirs - TIE * abs(theirs)
                share = share_closed(mine, theirs, bound) if bound is not None else None
                shares += [] if share is None else [share]
        if over or without:
            finite = [value for value in over if value != float("inf")]
            rows.append([family, spread(shares), spread(finite), str(without), str(below)])
    heads = ["family", "share of HiGHS's gap closed", "value over HiGHS", "HiGHS without a plan", "below HiGHS"]
    return table(heads, rows) if rows else ""


def gaps(results: Results, size: str, budget: float, method: str = "joint") -> str:
    """Return, per family and seed, the proven gap of a method's own run, and against the stored bound."""
    rows = []
    for family in FAMILIES:
        found = results.of(size, family, method, budget)
        if not found:
            continue
        own = {seed: gap_at(record["trace"], float("inf")) for seed, record in found.items()}
        known = [v for v in own.values() if v is not None]
        stored = [
            max(bound - r["value"], 0.0) / max(1.0, abs(r["value"]))
            for r in found.values()
            if r["value"] is not None and (bound := results.bound(r["instance"])) is not None
        ]
        each = [percent(own.get(seed)) for seed in range(5)]
        rows.append([family, *each, percent(max(known, default=None)), percent(max(stored, default=None))])
    heads = ["family", *(f"seed {seed}" for seed in range(5)), "worst", "worst, lowest known bound"]
    return table(heads, rows) if rows else ""


def peers(results: Results, size: str, budget: float) -> str:
    """Return, per family and method, value, gap along the way, primal integral, memory, and who wins where."""
    rows = []
    methods = results.methods(size, budget)
    for family in FAMILIES:
        found = {method: results.of(size, family, method, budget) for method in methods}
        for method in methods:
            records = found[method]
            if not records:
                continue
            best = {s: results.best(r["instance"]) for s, r in records.items()}
            short = [1.0 - r["value"] / best[s] for s, r in records.items() if r["value"] is not None and best[s]]
            integrals = [
                primal_integral(_honest(r), best[s], budget) for s, r in records.items() if best[s] is not None
            ]
            marks = [
                _median(gap_at(r["trace"], t) for r in records.values() if t <= budget) for t in (10.0, 40.0, 60.0)
            ]
            wins = sum(
                r["value"] is not None
                and all(_value(found[other].get(s)) <= r["value"] * (1 + TIE) for other in methods if other != method)
                for s, r in records.items()
            )
            cpu, peak = median(r["cpu_s"] for r in records.values()), max(r["peak_mb"] for r in records.values())
            rows.append(
                [
                    family, method, str(len(records)), str(sum(r["value"] is None for r in records.values())),
                    spread(short, 2), *marks, f"{median(integrals):.1f}" if integrals else "—", str(wins),
                    f"{cpu:.1f}", str(peak),
                ]
            )  # fmt: skip
    heads = [
        "family", "method", "runs", "no plan", "below best known", "gap 10 s", "gap 40 s", "gap 60 s",
        "primal integral, s", "best or tied", "CPU s", "MB",
    ]  # fmt: skip
    return table(heads, rows) if rows else ""


def _honest(record: Record) -> list[tuple[float, float | None, float | None]]:
    """Return a trace in which nothing claimed on the way exceeds what was checked at the end."""
    cap = record["value"]
    return [
        (when, None if value is None or cap is None else min(value, cap), bound)
        for when, value, bound in record["trace"]
    ]


def _value(record: Record | None) -> float:
    return -float("inf") if record is None or record["value"] is None else float(record["value"])


def _median(values: Iterable[float | None]) -> str:
    known = [value for value in values if value is not None]
    return percent(median(known)) if known else "—"


def over_staged(results: Results, size: str, budget: float) -> str:
    """Return, per family, what planning jointly adds to the best staged plan of each town in equal CPU."""
    from benchmarks.plan.methods import STAGED

    rows = []
    for family in FAMILIES:
        ours = results.of(size, family, "joint", budget)
        ways = {method: results.of(size, family, method, budget) for method in STAGED}
        more, nothing, used = [], 0, []
        for seed, record in sorted(ours.items()):
            values = {m: float(r[seed]["value"]) for m, r in ways.items() if seed in r and r[seed]["value"] is not None}
            if record["value"] is None or not values:
                continue
            method = max(values, key=lambda name: values[name])
            used.append(method.removeprefix("staged-"))
            nothing += record["value"] <= values[method] * (1 + TIE)
            more += [record["value"] / values[method] - 1.0] if values[method] > 0 else []
        if used:
            best = ", ".join(f"{name} {used.count(name)}" for name in dict.fromkeys(used))
            tried = sum(bool(found) for found in ways.values())
            rows.append([family, spread(more), str(nothing), f"{best} (of {tried} ways)"])
    heads = ["family", "joint over the best staged plan", "no gain", "best staged way"]
    return table(heads, rows) if rows else ""


def value_at(results: Results, size: str, budget: float, seconds: float) -> str:
    """Return, per family, the median value after so many CPU seconds as a share of the best known."""
    methods = results.methods(size, budget)
    rows = []
    for family in FAMILIES:
        cells = []
        for method in methods:
            shares = []
            for record in results.of(size, family, method, budget).values():
                best, (value, _) = results.best(record["instance"]), at_cpu(_honest(record), seconds)
                if best:
                    shares.append((value or 0.0) / best)
            cells.append(percent(median(shares), 1) if shares else "—")
        if any(cell != "—" for cell in cells):
            rows.append([family, *cells])
    return table(["family", *methods], rows) if rows else ""


def full(results: Results) -> str:
    """Return all tables that the runs allow."""
    from benchmarks.plan.couplings import table_of

    parts = []
    for size in SIZES:
        for budget in results.budgets(size):
            for title, text in (
                ("joint against plain HiGHS", against_highs(results, size, budget)),
                ("joint over staged", over_staged(results, size, budget)),
                ("proven gap of the joint plan", gaps(results, size, budget)),
                ("all methods", peers(results, size, budget)),
                ("share of the best known value after 10 CPU s", value_at(results, size, budget, 10.0)),
                ("what each coupling adds", table_of(results.by_key.values(), size, budget)),
            ):
                if text:
                    parts.append(f"### {size}, {budget:g} CPU s: {title}\n\n{text}")
    return "\n\n".join(parts)
