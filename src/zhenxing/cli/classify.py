"""``zhenxing classify``: a register of any length to the links of a chain, with the words that gave each label."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zhenxing.i18n import say, speak

if TYPE_CHECKING:
    import pandas as pd


def command(
    register: Annotated[
        Path, typer.Argument(help="企业名录：CSV 或 Parquet / The register: CSV or Parquet", metavar="REGISTER")
    ],
    links: Annotated[
        str,
        typer.Option(
            "--links",
            help="环节表 links.csv，或内置产业链名 / A links.csv, or a shipped chain: lighting, smart_pole_display",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="结果文件 / The result", metavar="OUT.parquet")],
    key: Annotated[str, typer.Option("--key", help="企业编号列 / Column of the firm's id")] = "",
    name: Annotated[str, typer.Option("--name", help="企业名称列 / Column of the name")] = "",
    scope: Annotated[str, typer.Option("--scope", help="经营范围列 / Column of the scope")] = "",
    code: Annotated[str, typer.Option("--code", help="行业代码列 / Column of the industry code")] = "",
    edition: Annotated[
        str, typer.Option("--edition", help="行业代码版本 / Edition of the codes: 2017, 2011, 2002")
    ] = "",
    encoding: Annotated[str, typer.Option("--encoding", help="CSV 的文字编码 / Encoding of the CSV")] = "",
    every_keyword: Annotated[
        bool,
        typer.Option("--every-keyword", help="长词之内的短词也算 / Count keywords inside longer ones too"),
    ] = False,
    lang: Annotated[str | None, typer.Option("--lang", help="zh 或 en / zh or en")] = None,
) -> None:
    """把企业名录归入产业链环节，逐条给出依据 / Classify a register into the links of a chain, with the evidence.

    结果列：key, link_id, role, weight, evidence。退出码 0 完成，2 输入有误。Exit code 0 done, 2 faulty input.
    """
    from zhenxing.diagnosis.classification.register import classify_register
    from zhenxing.errors import InputError
    from zhenxing.rules.industry import EDITIONS

    if edition and edition not in EDITIONS:
        raise InputError(say("importers.bad_edition", given=edition, known=", ".join(EDITIONS)))
    table = _links(links)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise InputError(say("diagnosis_classification.out_not_writable", file=str(out), fault=str(fault))) from fault
    done = classify_register(
        register,
        table,
        out,
        columns={"key": key, "name": name, "scope": scope, "code": code},
        edition=edition,
        encoding=encoding,
        longest=not every_keyword,
    )
    columns = "，".join(f"{part} = {column}" for part, column in done.columns.items())
    typer.echo(speak(say("diagnosis_classification.read_as", columns=columns), lang))
    if "code" in done.columns and done.edition != "industry_edition":
        typer.echo(speak(say("diagnosis_classification.codes_read_as", edition=done.edition), lang))
    share = f"{done.distinct / done.clauses:.1%}" if done.clauses else "—"
    numbers = {"rows": done.rows, "labelled": done.labelled, "labels": done.labels}
    numbers |= {"clauses": done.clauses, "distinct": done.distinct}
    typer.echo(speak(say("diagnosis_classification.classified", share=share, **numbers), lang))
    typer.echo(speak(say("cli.written", path=out), lang))


def _links(given: str) -> pd.DataFrame:
    """Return the table of links of a file or of a shipped chain."""
    import pandas as pd

    from zhenxing.diagnosis.chains import CHAINS, load_chain
    from zhenxing.errors import SourceError
    from zhenxing.importers.delimited import sniff_encoding

    if given in CHAINS and not Path(given).is_file():
        return load_chain(given)[0]
    try:
        encoding = sniff_encoding(Path(given).read_bytes()) or "utf-8"
        return pd.read_csv(given, dtype="str", encoding=encoding)
    except (OSError, ValueError) as fault:
        text = say("diagnosis_classification.links_unreadable", file=given, fault=str(fault), known="、".join(CHAINS))
        raise SourceError(text) from fault
