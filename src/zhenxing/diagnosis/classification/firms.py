"""The table ``firm_links`` from a table of firms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhenxing.diagnosis.classification.labels import Classifier
from zhenxing.diagnosis.classification.lexicon import Lexicon, lexicon, plain_code, plain_edition
from zhenxing.errors import InputError
from zhenxing.i18n import say

if TYPE_CHECKING:
    import pandas as pd

# compiling, or loading what was compiled, takes as long as this many rows read one by one
COMPILED_FROM = 5_000
COLUMNS = ["firm_id", "link_id", "role", "weight", "evidence"]


def classify_firms(firms: pd.DataFrame, links: pd.DataFrame, *, workers: int = 1, longest: bool = True) -> pd.DataFrame:
    """Return which links of a chain each firm belongs to, by its name, its scope and its industry code.

    The definition stands in ``docs/en/concepts/classification.md``. A firm's weights add up to 1; a firm with no link
    has no row. A code counts only with its edition of GB/T 4754, the one of the links (``codes_edition``, 2017 when
    empty).

    Parameters
    ----------
    firms : DataFrame
        firm_id and any of name, scope, industry_code, industry_edition (the town's table ``firms``).
    links : DataFrame
        link_id, keywords and, where present, codes, codes_edition, making_words, excluded_words, role, trades_in.
    workers : int
        Threads; the answer does not depend on it.
    longest : bool
        Whether a keyword inside a longer keyword of another link does not count.

    Returns
    -------
    DataFrame
        firm_id, link_id, role (makes, sells, serves; empty by the code alone), weight [1], evidence (the words as they
        stand in the row and ``code:3872``, joined by ``;``).

    Raises
    ------
    InputError
        The tables lack columns, or the links are empty, repeated or without keywords.

    Examples
    --------
    >>> import pandas as pd
    >>> from zhenxing.diagnosis.chains import load_chain
    >>> links, _ = load_chain("lighting")
    >>> firm = pd.DataFrame({"firm_id": ["F1"], "name": ["甲公司"], "scope": ["LED芯片的批发"]})
    >>> classify_firms(firm, links).to_dict("records")
    [{'firm_id': 'F1', 'link_id': 'CHIP', 'role': 'sells', 'weight': 1.0, 'evidence': 'LED芯片'}]
    """
    import pandas as pd

    known = lexicon(links, longest=longest)
    if "firm_id" not in firms.columns:
        raise InputError(say("diagnosis_classification.columns_missing", missing="firm_id", held=_held(firms)))
    if not {"name", "scope", "industry_code"} & set(firms.columns):
        raise InputError(
            say("diagnosis_classification.columns_missing", missing="name、scope、industry_code", held=_held(firms))
        )
    if len(firms) >= COMPILED_FROM:
        from zhenxing.diagnosis.classification.engine import loops

        if loops() is not None:
            return _compiled(firms, known, workers)
    classifier = Classifier(known)
    rows: list[tuple[object, ...]] = []
    for firm_id, name, scope, code, edition in zip(
        firms["firm_id"],
        *(texts(firms, column) for column in ("name", "scope", "industry_code", "industry_edition")),
        strict=True,
    ):
        found = classifier.labels(name, scope, plain_code(code), plain_edition(edition))
        rows.extend((firm_id, label.link_id, label.role, label.weight, label.evidence) for label in found)
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.astype({"link_id": "str", "role": "str", "weight": "float64", "evidence": "str"})


def _compiled(firms: pd.DataFrame, known: Lexicon, workers: int) -> pd.DataFrame:
    """Return the same labels by the compiled path, the rows in as many parts as there are workers."""
    from concurrent.futures import ThreadPoolExecutor

    import pandas as pd
    import pyarrow as pa

    from zhenxing.diagnosis.classification.engine import Engine

    parts = max(1, min(workers, 16))
    bounds = [len(firms) * part // parts for part in range(parts + 1)]

    def label(part: int) -> pd.DataFrame:
        rows = firms.iloc[bounds[part] : bounds[part + 1]]
        name, scope, code, edition = (
            pa.array(texts(rows, column), pa.large_string())
            for column in ("name", "scope", "industry_code", "industry_edition")
        )
        found: pd.DataFrame = Engine(known).label(name, scope, code, edition, len(rows)).to_pandas()
        found.insert(0, "firm_id", rows["firm_id"].to_numpy()[found["row"].to_numpy()])
        return found.drop(columns="row")

    with ThreadPoolExecutor(parts) as pool:
        frame: pd.DataFrame = pd.concat(list(pool.map(label, range(parts))), ignore_index=True)
    return frame.astype({"link_id": "str", "role": "str", "weight": "float64", "evidence": "str"})


def texts(frame: pd.DataFrame, column: str) -> list[str]:
    """Return a column as texts, empty where it is missing or holds nothing."""
    if column not in frame.columns:
        return [""] * len(frame)
    values = frame[column]
    return ["" if gone else str(value) for value, gone in zip(values, values.isna(), strict=True)]


def _held(frame: pd.DataFrame) -> str:
    return "、".join(map(str, frame.columns))
