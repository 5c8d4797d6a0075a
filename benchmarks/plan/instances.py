"""The towns of the suite: five sizes, six families, five seeds, all drawn by ``zhenxing.random_town``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SIZES = ("XS", "S", "M", "L", "XL")
FAMILIES = ("balanced", "money-tight", "land-tight", "demand-tight", "leader-driven", "deep-park")
SEEDS = (0, 1, 2, 3, 4)


@dataclass(frozen=True, order=True)
class Instance:
    """One town of the suite, named for example ``M-money-tight-3``."""

    size: str
    family: str
    seed: int

    def __str__(self) -> str:
        return f"{self.size}-{self.family}-{self.seed}"

    @classmethod
    def of(cls, name: str) -> Instance:
        """Return the instance of a name.

        Examples
        --------
        >>> Instance.of("M-money-tight-3").family
        'money-tight'
        """
        size, rest = name.split("-", 1)
        family, seed = rest.rsplit("-", 1)
        if size not in SIZES or family not in FAMILIES:
            raise SystemExit(f"没有这个算例：{name} / no such instance: {name}")
        return cls(size, family, int(seed))

    def town(self) -> Any:
        """Draw the town."""
        from zhenxing.samples import random_town

        return random_town(self.size, self.family, self.seed)


def fingerprint(town: Any) -> str:
    """Return the fingerprint of a town's plan inputs (plan_model.md section 4): another generator, another town."""
    from zhenxing.store import inputs_sha256

    return inputs_sha256(town)


def instances(
    sizes: tuple[str, ...] = SIZES, families: tuple[str, ...] = FAMILIES, seeds: tuple[int, ...] = SEEDS
) -> list[Instance]:
    """Return the chosen instances, by size, then seed, then family, so that a short run touches every family."""
    return [Instance(size, family, seed) for size in sizes for seed in seeds for family in families]
