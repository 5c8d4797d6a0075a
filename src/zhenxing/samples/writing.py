"""Write the sample towns into folders, refusing to write over anything that is not a sample."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from zhenxing.errors import InputError
from zhenxing.i18n import say
from zhenxing.samples.drawn import random_town
from zhenxing.samples.families import FAMILIES, SIZES
from zhenxing.samples.guzhen import guzhen_town, write_department_files
from zhenxing.store import write_town
from zhenxing.town import Town

LABEL: Final = "合成数据说明-SYNTHETIC.txt"
TOWN: Final = "town"
FILES: Final = "files"


def write_guzhen(directory: Path) -> Town:
    """Write the Guzhen example: ``files`` as departments send them and ``town``, the same town clean.

    Returns
    -------
    Town
        The clean town.

    Raises
    ------
    InputError
        When the folder holds files that are no sample.
    """
    _prepare(directory)
    town = guzhen_town()
    write_department_files(town, directory / FILES)
    write_town(town, directory / TOWN, who="zhenxing sample", why="synthetic")
    return town


def write_random(directory: Path, size: str, family: str, seed: int) -> Town:
    """Write a random town as a folder town.

    Raises
    ------
    InputError
        When size or family are unknown, the seed is negative, or the folder holds files that are no sample.
    """
    if size not in SIZES:
        raise InputError(say("samples.unknown_size", size=size, choices=", ".join(SIZES)))
    if family not in FAMILIES:
        raise InputError(say("samples.unknown_family", family=family, choices=", ".join(FAMILIES)))
    if seed < 0:
        raise InputError(say("samples.negative_seed", seed=seed))
    _prepare(directory)
    town = random_town(size, family, seed)
    write_town(town, directory, who="zhenxing sample", why="synthetic")
    return town


def _prepare(directory: Path) -> None:
    label = directory / LABEL
    if directory.is_dir() and any(directory.iterdir()) and not label.exists():
        raise InputError(say("samples.not_empty", path=directory))
    if directory.exists() and not directory.is_dir():
        raise InputError(say("samples.not_a_folder", path=directory))
    directory.mkdir(parents=True, exist_ok=True)
    label.write_text(str(say("samples.label")) + "\n", encoding="utf-8")
