"""OR-Library problems as ordinary towns: generalised assignment, and location with a single source.

Agents and facilities are parks, jobs and customers are candidates that must land, profits and costs are ``fit_wan``. A
town is written as the folder a user would write (``town.toml`` and a few CSV files) and read back by whoever plans it.

Sources: J. E. Beasley's OR-Library (GAP, maximised; CAP with a single source) and the instances of Delmaire et al.
The files themselves are not part of the project; ``ZHENXING_DATA`` names the folder that holds them.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Matrix = list[list[float]]
Rows = Sequence[Mapping[str, object]]

GAP_FILE, GAP_VALUES = "optim/gap1_12_orlib.zip", "optim/gap1_12_values.csv"
LOCATION_FILE = "optim/sscflp_delmaire_orlib.zip"
SETTINGS = """[plan]
base_year = 2025
horizon_years = 1
discount_rate = 0.0
tail_years = 0
"""


@dataclass(frozen=True)
class Assignment:
    """Generalised assignment: every job to one agent, within each agent's capacity, at the highest profit."""

    name: str
    profit: Matrix
    use: Matrix
    capacity: list[float]
    optimum: float


@dataclass(frozen=True)
class Location:
    """Location with a single source: every customer to one open facility, within its capacity, at the lowest cost."""

    name: str
    capacity: list[float]
    fixed_cost: list[float]
    demand: list[float]
    cost: Matrix  # by customer, then facility
    optimum: float


def read_assignments(data: Path) -> Iterator[Assignment]:
    """Yield the 60 problems of gap1 to gap12 with their proved optima."""
    with (data / GAP_VALUES).open(encoding="utf-8", newline="") as file:
        optima = {(row["file"], int(row["problem"])): float(row["value"]) for row in csv.DictReader(file)}
    with zipfile.ZipFile(data / GAP_FILE) as archive:
        for number in range(1, 13):
            words = iter(archive.read(f"gap/gap{number}.txt").split())
            for problem in range(1, int(next(words)) + 1):
                agents, jobs = int(next(words)), int(next(words))
                profit, use = (_matrix(words, agents, jobs) for _ in range(2))
                capacity = _vector(words, agents)
                optimum = optima[f"gap{number}", problem]
                yield Assignment(f"gap{number}-{problem}", profit, use, capacity, optimum)


def read_locations(data: Path, library: str) -> Iterator[Location]:
    """Yield the problems of a library (``Lib_1``: Delmaire, ``Lib_3_1``: OR-Library) with their published optima."""
    with zipfile.ZipFile(data / LOCATION_FILE) as archive:
        optima = [float(word) for word in archive.read(f"{library}/os").split()]
        for number, optimum in enumerate(optima, start=1):
            words = iter(archive.read(f"{library}/p{number}").split())
            facilities, customers = int(next(words)), int(next(words))
            capacity, fixed, demand = (_vector(words, size) for size in (facilities, facilities, customers))
            cost = _matrix(words, customers, facilities)
            yield Location(f"{library}/p{number}", capacity, fixed, demand, cost, optimum)


def assignment_folder(problem: Assignment, folder: Path) -> Path:
    """Write a generalised assignment problem as a town; its value is the profit."""
    agents, jobs = range(len(problem.capacity)), range(len(problem.profit[0]))
    uses = [{**_use(j, problem.use[i][j]), "park_id": f"agent{i + 1}"} for i in agents for j in jobs]
    tables = {
        "parks": [{"park_id": f"agent{i + 1}"} for i in agents],
        "candidates": [{"candidate_id": _job(j)} for j in jobs],
        "placements": [_placement(j, f"agent{i + 1}", problem.profit[i][j]) for i in agents for j in jobs],
        "candidate_uses": uses,
        "park_supply": [_supply(f"agent{i + 1}", problem.capacity[i]) for i in agents],
        "locks": [_must(j) for j in jobs],
    }
    return write_folder(tables, folder)


def location_folder(problem: Location, folder: Path) -> Path:
    """Write a location problem as a town; its value is minus the cost."""
    facilities, customers = range(len(problem.capacity)), range(len(problem.demand))
    steps = [
        {
            "park_id": f"facility{i + 1}",
            "resource": "capacity",
            "step": 1,
            "adds": problem.capacity[i],
            "cost_wan": problem.fixed_cost[i],
            "lead_years": 0,
        }
        for i in facilities
    ]
    places = [_placement(j, f"facility{i + 1}", -problem.cost[j][i]) for j in customers for i in facilities]
    tables = {
        "parks": [{"park_id": f"facility{i + 1}"} for i in facilities],
        "candidates": [{"candidate_id": _job(j)} for j in customers],
        "placements": places,
        "candidate_uses": [_use(j, problem.demand[j]) for j in customers],
        "park_supply": [_supply(f"facility{i + 1}", 0.0) for i in facilities],
        "utility_steps": steps,
        "budget": [{"year": 2026, "own_funds_wan": sum(problem.fixed_cost)}],
        "locks": [_must(j) for j in customers],
    }
    return write_folder(tables, folder)


def write_folder(tables: Mapping[str, Rows], folder: Path, settings: str = SETTINGS) -> Path:
    """Write a town folder by hand: ``town.toml`` and one CSV file per table."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "town.toml").write_text(settings, encoding="utf-8")
    for name, rows in tables.items():
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        (folder / f"{name}.csv").write_text(text.getvalue(), encoding="utf-8")
    return folder


def _job(j: int) -> str:
    return f"job{j + 1}"


def _placement(j: int, park: str, fit: float) -> dict[str, object]:
    return {"candidate_id": _job(j), "park_id": park, "fit_wan": fit}


def _use(j: int, amount: float) -> dict[str, object]:
    return {"candidate_id": _job(j), "resource": "capacity", "amount": amount}


def _supply(park: str, amount: float) -> dict[str, object]:
    return {"park_id": park, "resource": "capacity", "amount": amount}


def _must(j: int) -> dict[str, object]:
    return {"subject": "candidate", "id": _job(j), "rule": "must"}


def _vector(words: Iterator[bytes], size: int) -> list[float]:
    return [float(next(words)) for _ in range(size)]


def _matrix(words: Iterator[bytes], rows: int, columns: int) -> Matrix:
    return [_vector(words, columns) for _ in range(rows)]
