"""``zhenxing sample``: write the bundled example or a random town, labelled synthetic."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from zhenxing.i18n import language, say, speak

if TYPE_CHECKING:
    from zhenxing.town import Town

app = typer.Typer(help="写出合成示例镇 / Write a synthetic sample town", no_args_is_help=True, add_completion=False)

Directory = Annotated[Path, typer.Argument(help="写入的文件夹 / The folder to write into", metavar="DIR")]
Lang = Annotated[str | None, typer.Option("--lang", help="zh 或 en / zh or en")]
SizeName = Literal["XS", "S", "M", "L", "XL"]
FamilyName = Literal["balanced", "money-tight", "land-tight", "demand-tight", "leader-driven", "deep-park"]


@app.command("guzhen")
def guzhen(directory: Directory, lang: Lang = None) -> None:
    """古镇合成示例：files 为各部门原始文件，town 为整理好的镇 / The Guzhen sample: files as sent, and the town."""
    from zhenxing.samples.writing import FILES, TOWN, write_guzhen

    town = write_guzhen(directory)
    typer.echo(speak(say("samples.written_files", path=directory / FILES), language(lang)))
    _tell(town, directory / TOWN, lang)


@app.command("random")
def random(
    directory: Directory,
    size: Annotated[SizeName, typer.Option("--size", help="规模 / Size")] = "S",
    family: Annotated[FamilyName, typer.Option("--family", help="哪项约束最紧 / Which limit binds")] = "balanced",
    seed: Annotated[int, typer.Option("--seed", help="随机种子，同种子同数据 / Same seed, same town", min=0)] = 0,
    lang: Lang = None,
) -> None:
    """随机合成镇 / A random synthetic town."""
    from zhenxing.samples.writing import write_random

    _tell(write_random(directory, size, family, seed), directory, lang)


def _tell(town: Town, path: Path, lang: str | None) -> None:
    counts = {"sites": len(town["sites"]), "candidates": len(town["candidates"]), "years": len(town.years)}
    typer.echo(speak(say("samples.written", path=path, **counts), language(lang)))
