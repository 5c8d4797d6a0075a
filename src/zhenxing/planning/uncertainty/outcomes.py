"""Many simulations of a plan, and one row for each: value, money, firms, delays, targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from zhenxing.planning.uncertainty.playbook import Playbook
from zhenxing.planning.uncertainty.pool import Workers
from zhenxing.planning.uncertainty.sampling import Draw
from zhenxing.planning.uncertainty.simulator import TOLERANCE, Outcome, play

Floats = npt.NDArray[np.float64]

# Draws that one process takes at a time.
CHUNK = 25


@dataclass(frozen=True)
class Record:
    """One simulation in figures; ``shortfalls`` by target row."""

    scenario: int
    value_wan: float
    peak_debt_wan: float
    cash_low_wan: float
    peak_arrears_wan: float
    landed: int
    delayed: int
    refused: int
    lost: int
    starts_postponed: int
    starts_given_up: int
    released_mu: float
    shortfalls: dict[int, float]
    missed: tuple[int, ...]


@dataclass(frozen=True)
class _Chunk:
    book: Playbook
    draws: Sequence[Draw]
    arrears_rate: float


def simulate_all(book: Playbook, draws: Sequence[Draw], arrears_rate: float, workers: Workers) -> list[Record]:
    """Return the record of every draw, in order; the same for any number of workers."""
    chunks = [_Chunk(book, draws[at : at + CHUNK], arrears_rate) for at in range(0, len(draws), CHUNK)]
    return [record for part in workers.spread(_play_chunk, chunks) for record in part]


def _play_chunk(chunk: _Chunk) -> list[Record]:
    return [record(chunk.book, draw, play(chunk.book, draw, arrears_rate=chunk.arrears_rate)) for draw in chunk.draws]


def record(book: Playbook, draw: Draw, outcome: Outcome) -> Record:
    """Return one simulation in figures."""
    wanted = {target.row: target.wanted for target in book.targets}
    missed = tuple(row for row, short in outcome.shortfalls.items() if short > TOLERANCE * max(1.0, abs(wanted[row])))
    return Record(
        scenario=draw.number,
        value_wan=outcome.value_wan,
        peak_debt_wan=max(outcome.debt, default=0.0),
        cash_low_wan=min(outcome.cash, default=0.0),
        peak_arrears_wan=max(outcome.arrears, default=0.0),
        landed=len(outcome.landings),
        delayed=sum(t > firm.planned for firm, _, t in outcome.landings),
        refused=len(outcome.refused),
        lost=len(outcome.lost_firms),
        starts_postponed=sum(t > item.planned for item, t in outcome.starts),
        starts_given_up=sum(item.floor_m2 == 0 for item in outcome.given_up),
        released_mu=outcome.released_mu,
        shortfalls=outcome.shortfalls,
        missed=missed,
    )


def values(records: Sequence[Record]) -> Floats:
    """Return the value of each simulation, 万元."""
    return np.array([one.value_wan for one in records])


def outcome_table(records: Sequence[Record], plan: str) -> pd.DataFrame:
    """Return one row for each simulation of a plan."""
    return pd.DataFrame(
        [
            {
                "scenario": one.scenario,
                "plan": plan,
                "value_wan": one.value_wan,
                "peak_debt_wan": one.peak_debt_wan,
                "cash_low_wan": one.cash_low_wan,
                "peak_arrears_wan": one.peak_arrears_wan,
                "landed": one.landed,
                "delayed": one.delayed,
                "refused": one.refused,
                "lost": one.lost,
                "starts_postponed": one.starts_postponed,
                "starts_given_up": one.starts_given_up,
                "released_mu": one.released_mu,
                "targets_missed": len(one.missed),
            }
            for one in records
        ]
    )
