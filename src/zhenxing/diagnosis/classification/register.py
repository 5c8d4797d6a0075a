"""Registers of millions of rows: CSV or Parquet read in batches, labels written as Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zhenxing.diagnosis.classification.lexicon import Lexicon, lexicon
from zhenxing.errors import InputError, SourceError
from zhenxing.i18n import say

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from zhenxing.diagnosis.classification.engine import Engine

ROWS_AT_ONCE = 1 << 16
CSV_BLOCK = 1 << 24
SAMPLE = 1 << 20
# how the columns of a register are called where the user names none
USUAL: dict[str, tuple[str, ...]] = {
    "key": ("firm_id", "key", "credit_code", "统一社会信用代码", "社会统一信用代码", "信用代码", "id"),
    "name": ("name", "企业名称", "单位名称", "单位详细名称", "公司名称", "名称"),
    "scope": ("scope", "经营范围", "主营业务"),
    "code": ("industry_code", "行业代码", "国标行业", "国民经济行业代码"),
}


@dataclass(frozen=True)
class Classified:
    """What was read and written: rows, rows with a label, labels, clauses and how many of them were distinct."""

    rows: int
    labelled: int
    labels: int
    clauses: int
    distinct: int
    columns: Mapping[str, str]
    edition: str


def classify(
    table: pd.DataFrame | pa.Table,
    links: pd.DataFrame,
    *,
    key: str = "firm_id",
    name: str = "name",
    scope: str = "scope",
    code: str = "industry_code",
    edition: str = "industry_edition",
    longest: bool = True,
) -> pa.Table:
    """Return the labels of a table of firms in Arrow form, by the compiled path.

    Parameters
    ----------
    table : DataFrame or pyarrow Table
        The firms; of name, scope and code those that it holds are used.
    links : DataFrame
        As in ``classify_firms``.
    key, name, scope, code : str
        Columns of the table.
    edition : str
        The column with the edition of the code, or the edition itself (``2017``).
    longest : bool
        As in ``classify_firms``.

    Returns
    -------
    pyarrow Table
        key, link_id, role, weight, evidence.

    Raises
    ------
    InputError
        A column is missing, or the links are faulty.

    Examples
    --------
    >>> import pandas as pd
    >>> links = pd.DataFrame({"link_id": ["LAMP"], "keywords": ["灯饰"]})
    >>> classify(pd.DataFrame({"firm_id": ["F1"], "scope": ["生产灯饰"]}), links).to_pylist()
    [{'key': 'F1', 'link_id': 'LAMP', 'role': 'makes', 'weight': 1.0, 'evidence': '灯饰'}]
    """
    import pyarrow as pa

    from zhenxing.diagnosis.classification.engine import Engine

    arrow = table if isinstance(table, pa.Table) else pa.Table.from_pandas(table, preserve_index=False)
    if key not in arrow.column_names or not {name, scope, code} & set(arrow.column_names):
        missing = key if key not in arrow.column_names else "、".join((name, scope, code))
        raise InputError(
            say("diagnosis_classification.columns_missing", missing=missing, held="、".join(arrow.column_names))
        )
    engine = Engine(lexicon(links, longest=longest))
    columns = {"key": key, "name": name, "scope": scope, "code": code}
    parts = [_labels(engine, batch, columns, edition)[0] for batch in arrow.to_batches(ROWS_AT_ONCE)]
    return pa.concat_tables([_schema(arrow.schema.field(key).type).empty_table(), *parts])


def _schema(key: pa.DataType) -> pa.Schema:
    import pyarrow as pa

    words = pa.dictionary(pa.int32(), pa.string())
    return pa.schema(
        {"key": key, "link_id": words, "role": words, "weight": pa.float64(), "evidence": pa.large_string()}
    )


def _labels(engine: Engine, batch: pa.RecordBatch, columns: Mapping[str, str], edition: str) -> tuple[pa.Table, int]:
    """Return the labels of one batch with the keys of its rows, and how many rows have a label."""

    import pyarrow.compute as pc

    def column(role: str) -> Any:
        held = columns.get(role, "")
        return batch.column(held) if held in batch.schema.names else None

    years = batch.column(edition) if edition in batch.schema.names else edition
    found = engine.label(column("name"), column("scope"), column("code"), years, batch.num_rows)
    keys = batch.column(columns["key"]).take(found.column("row").combine_chunks())
    labelled = pc.count_distinct(found.column("row")).as_py()
    return found.set_column(0, "key", keys).cast(_schema(keys.type)), int(labelled)


def classify_register(
    source: Path,
    links: pd.DataFrame,
    out: Path,
    *,
    columns: Mapping[str, str] | None = None,
    edition: str = "",
    encoding: str = "",
    longest: bool = True,
) -> Classified:
    """Classify a register of any length into a Parquet file, batch by batch.

    Parameters
    ----------
    source : Path
        CSV (plain or gzip; UTF-8, GB18030 or UTF-16, found out) or Parquet.
    links : DataFrame
        As in ``classify_firms``.
    out : Path
        The Parquet file: key, link_id, role, weight, evidence.
    columns : mapping of str
        Column of the register for ``key``, ``name``, ``scope``, ``code``; the usual names are tried for the others.
    edition : str
        Edition of the codes where the register has no column ``industry_edition``; 2017 when empty.
    encoding : str
        Encoding of a CSV file that cannot be found out.
    longest : bool
        As in ``classify_firms``.

    Raises
    ------
    SourceError
        The file cannot be read.
    InputError
        Columns are missing or the links are faulty.
    """
    known = lexicon(links, longest=longest)
    try:
        return _stream(source, known, out, columns or {}, edition, encoding)
    except (OSError, ValueError) as fault:
        if isinstance(fault, InputError):
            raise
        raise SourceError(say("diagnosis_classification.unreadable", file=source.name, fault=str(fault))) from fault


def _stream(
    source: Path, known: Lexicon, out: Path, given: Mapping[str, str], edition: str, encoding: str
) -> Classified:
    import pyarrow.parquet as pq

    from zhenxing.diagnosis.classification.engine import Engine

    engine = Engine(known)
    names, batches = _open(source, encoding)
    columns = _columns(names, given)
    used = "industry_edition" if "industry_edition" in names and not edition else edition or "2017"
    labels = labelled = 0
    partial = out.with_name(out.name + ".part")
    writer = None
    try:
        for batch in batches([*columns.values(), *(["industry_edition"] if used == "industry_edition" else [])]):
            found, having = _labels(engine, batch, columns, used)
            if writer is None:
                out.parent.mkdir(parents=True, exist_ok=True)
                writer = pq.ParquetWriter(partial, found.schema, compression="zstd")
            writer.write_table(found)
            labels += found.num_rows
            labelled += having
        if writer is None:
            raise SourceError(say("diagnosis_classification.register_empty", file=source.name))
        writer.close()
        partial.replace(out)
    except BaseException:
        if writer is not None:
            writer.close()
        with suppress(OSError):
            partial.unlink()
        raise
    return Classified(engine.tally.rows, labelled, labels, engine.tally.clauses, engine.tally.distinct, columns, used)


def _columns(names: list[str], given: Mapping[str, str]) -> dict[str, str]:
    """Return the column of each part, those given first."""
    wrong = [column for column in given.values() if column and column not in names]
    columns = {part: column for part, column in given.items() if column}
    for part, usual in USUAL.items():
        if part not in columns:
            found = next((name for name in usual if name in names), "")
            if found:
                columns[part] = found
    missing = wrong or ([] if "key" in columns else ["--key"])
    if not missing and "name" not in columns and "scope" not in columns and "code" not in columns:
        missing = ["--name", "--scope"]
    if missing:
        raise InputError(
            say("diagnosis_classification.columns_missing", missing="、".join(missing), held="、".join(names))
        )
    return columns


def _open(source: Path, encoding: str) -> tuple[list[str], Any]:
    """Return the columns of a register and a function that yields its batches."""
    import pyarrow.parquet as pq

    if not source.is_file():
        raise SourceError(say("diagnosis_classification.no_file", file=str(source)))
    with source.open("rb") as stream:
        begin = stream.read(4)
    if begin == b"PAR1":
        register = pq.ParquetFile(source)
        return list(register.schema_arrow.names), lambda columns: (
            batch
            for batch in register.iter_batches(ROWS_AT_ONCE, columns=list(dict.fromkeys(columns)))
            if batch.num_rows
        )
    return _open_csv(source, begin[:2] == b"\x1f\x8b", encoding)


def _open_csv(source: Path, packed: bool, encoding: str) -> tuple[list[str], Any]:
    import codecs
    import csv
    import gzip

    def raw() -> Any:
        return gzip.open(source, "rb") if packed else source.open("rb")

    with raw() as stream:
        sample = stream.read(SAMPLE)
    if b"\n" in sample and len(sample) == SAMPLE:
        # a character may be cut at the end of the sample, a line is not
        sample = sample[: sample.rfind(b"\n") + 1]
    used, separator = _sniff(sample, encoding)
    try:
        text = codecs.decode(sample, used) if used else ""
    except (UnicodeDecodeError, LookupError):
        text = ""
    if not text.strip():
        raise SourceError(say("diagnosis_classification.encoding_unknown", file=source.name))
    header = next(csv.reader(text.splitlines(), delimiter=separator))
    names = [name.strip().lstrip("\ufeff") for name in header]
    return names, lambda columns: _csv_batches(raw, used, separator, names, columns)


def _sniff(sample: bytes, encoding: str) -> tuple[str, str]:
    """Return encoding and separator of a sample of a text file."""
    try:
        from zhenxing.importers.delimited import sniff_encoding, sniff_separator
    except ImportError:
        # installed without GIS the importers cannot be loaded: the two usual encodings, and commas
        for usual in (encoding,) if encoding else ("utf-8-sig", "gb18030"):
            with suppress(UnicodeDecodeError, LookupError):
                sample.decode(usual)
                return usual, ","
        return "", ","
    used = encoding or sniff_encoding(sample)
    with suppress(UnicodeDecodeError, LookupError):
        return used, sniff_separator(sample.decode(used)[:20_000]) if used else ","
    return "", ","


def _csv_batches(
    raw: Any, encoding: str, separator: str, names: list[str], columns: list[str]
) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa
    import pyarrow.csv as pc

    wanted = list(dict.fromkeys(columns))
    with raw() as stream:
        reader = pc.open_csv(
            pa.PythonFile(stream if encoding in ("utf-8", "utf-8-sig") else _Utf8(stream, encoding), mode="r"),
            read_options=pc.ReadOptions(block_size=CSV_BLOCK, column_names=names, skip_rows=1, use_threads=False),
            parse_options=pc.ParseOptions(delimiter=separator, newlines_in_values=True),
            convert_options=pc.ConvertOptions(
                include_columns=wanted,
                column_types=dict.fromkeys(wanted, pa.string()),
                strings_can_be_null=True,
                null_values=[""],
            ),
        )
        for batch in reader:
            for first in range(0, batch.num_rows, ROWS_AT_ONCE):
                yield batch.slice(first, ROWS_AT_ONCE)


class _Utf8:
    """A binary stream read as UTF-8 whatever its encoding."""

    def __init__(self, stream: Any, encoding: str) -> None:
        import codecs

        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._held = b""
        self.closed = False

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._held) < size:
            chunk = self._stream.read(1 << 20)
            self._held += self._decoder.decode(chunk, final=not chunk).encode()
            if not chunk:
                break
        size = len(self._held) if size < 0 else size
        out, self._held = self._held[:size], self._held[size:]
        return out

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True
