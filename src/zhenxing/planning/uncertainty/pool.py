"""Work spread over processes: the same results in the same order for any number of workers."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from types import TracebackType
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


class Workers:
    """A number of processes, started when they are first needed and kept until the end of the ``with`` block.

    The program that uses more than one must guard its start with ``if __name__ == "__main__":``, since processes are
    started afresh.
    """

    def __init__(self, count: int = 1) -> None:
        self.count = count
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Workers:
        """Begin; nothing is started yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def spread(self, function: Callable[[Task], Result], tasks: Sequence[Task]) -> list[Result]:
        """Return ``function`` of every task, in order; the function must be importable by name."""
        if self.count <= 1 or len(tasks) <= 1:
            return [function(task) for task in tasks]
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self.count, mp_context=multiprocessing.get_context("spawn"))
        return list(self._pool.map(function, tasks))
