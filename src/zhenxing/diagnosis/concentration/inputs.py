"""Regional input coefficients from national ones by location quotients."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from zhenxing.diagnosis.concentration.cells import (
    Floats,
    as_table,
    read_cells,
    read_labels,
    read_values,
    require_columns,
    warning,
)
from zhenxing.diagnosis.concentration.quotients import position_of, quotient_matrix
from zhenxing.errors import InputError
from zhenxing.i18n import name_rows, say

Method = Literal["SLQ", "CILQ", "FLQ", "AFLQ"]
METHODS = ("SLQ", "CILQ", "FLQ", "AFLQ")


def regionalise(
    coefficients: pd.DataFrame,
    frame: pd.DataFrame,
    at: Any,
    *,
    method: Method,
    delta: float | None = None,
    supplier: str = "supplier",
    buyer: str = "buyer",
    coefficient: str = "coefficient",
    region: str = "region",
    industry: str = "industry",
    value: str = "value",
    reference: Any = None,
) -> pd.DataFrame:
    """Regional input coefficients: national ones cut down to what the region can be expected to supply itself.

    regional_ij = a_ij min(1, q_ij), i the supplier, j the buyer, with SLQ the location quotient of the region:

    - SLQ: q_ij = SLQ_i;
    - CILQ: q_ij = SLQ_i / SLQ_j, on the diagonal SLQ_i;
    - FLQ: CILQ λ, λ = (log₂(1 + E_r / E))^δ, E_r / E the region's share of the economy;
    - AFLQ: FLQ log₂(1 + SLQ_j) where SLQ_j > 1, else FLQ.

    Parameters
    ----------
    coefficients : DataFrame
        Long table of national input coefficients: purchases from the supplier in one unit of the buyer's output.
    frame : DataFrame
        Long table of regions, industries and values (output or employment), as in
        :func:`zhenxing.diagnosis.concentration.location_quotient`.
    at : label
        The region.
    method : {"SLQ", "CILQ", "FLQ", "AFLQ"}
        The quotient.
    delta : float, optional
        δ of FLQ and AFLQ, 0 <= δ < 1, required there: it is an assumption, mostly between 0.1 and 0.4, that wants
        trying out; the larger, the more is bought from outside.
    supplier, buyer, coefficient : str
        Columns of ``coefficients``.
    region, industry, value : str
        Columns of ``frame``; its industries are those of ``coefficients``.
    reference : label, optional
        The region that is the national economy; default the sum of all regions.

    Returns
    -------
    DataFrame
        One row for each row of ``coefficients``: supplier, buyer, coefficient, quotient, regional, outside (coefficient
        − regional: bought from outside the region). 0 where the region lacks the supplier; NaN, with a warning, where
        it lacks the buyer or the economy lacks either.

    Raises
    ------
    InputError
        For tables that cannot be read so, an unknown region or industry, a missing or impossible delta.

    Notes
    -----
    Flegg, A. T., Webber, C. D. (1997). On the appropriate use of location quotients in generating regional
    input-output tables: reply. *Regional Studies* 31, 795-805 (FLQ). Flegg, A. T., Webber, C. D. (2000). Regional size,
    regional specialization and the FLQ formula. *Regional Studies* 34, 563-569 (AFLQ). The cap at 1 is kept for all.

    Examples
    --------
    >>> jobs = pd.DataFrame({"region": list("aabb"), "industry": ["lamps", "led"] * 2, "value": [30, 10, 10, 50]})
    >>> bought = pd.DataFrame({"supplier": ["led"], "buyer": ["lamps"], "coefficient": [0.2]})
    >>> regionalise(bought, jobs, "a", method="SLQ").loc[0, ["quotient", "regional"]].astype(float).round(4).tolist()
    [0.4167, 0.0833]
    """
    if method not in METHODS:
        raise InputError(say("diagnosis_concentration.choice", option="method", given=method, known=", ".join(METHODS)))
    flegg = method in ("FLQ", "AFLQ")
    if flegg and (delta is None or not 0 <= delta < 1):
        raise InputError(say("diagnosis_concentration.delta", given=delta))
    coefficients = as_table(coefficients)
    require_columns(coefficients, supplier, buyer, coefficient)
    cells = read_cells(as_table(frame), region, industry, value)
    place, base = position_of(cells, at), position_of(cells, reference)
    matrix = cells.matrix()
    economy = matrix.sum() if base is None else matrix[base].sum()
    quotients = quotient_matrix(matrix, base)[place]
    sells, buys = (_positions(coefficients, column, cells.industries.values) for column in (supplier, buyer))
    ratio = _quotients(quotients, sells, buys, method)
    if flegg:
        ratio *= np.log2(1 + matrix[place].sum() / economy) ** float(delta or 0.0)
    national = read_values(coefficients, coefficient)
    regional = national * np.minimum(ratio, 1)
    table = pd.DataFrame(
        {
            supplier: coefficients[supplier].array,
            buyer: coefficients[buyer].array,
            coefficient: national,
            "quotient": ratio,
            "regional": regional,
            "outside": national - regional,
        }
    )
    without = sorted({str(label) for label in coefficients.loc[np.isnan(ratio), buyer]})
    table.attrs["issues"] = (warning("no_buyer", without, column=buyer),) if without else ()
    return table


def _positions(coefficients: pd.DataFrame, column: str, known: pd.Index) -> Any:
    labels = read_labels(coefficients, column)
    place = pd.Index(list(known)).get_indexer(pd.Index(list(labels.values)))
    absent = [str(label) for label, found in zip(labels.values, place, strict=True) if found < 0]
    if absent:
        raise InputError(say("diagnosis_concentration.unknown_industry", column=column, rows=name_rows(absent)))
    return place[labels.codes]


def _quotients(quotients: Floats, sells: Any, buys: Any, method: Method) -> Floats:
    of_supplier, of_buyer = quotients[sells], quotients[buys]
    # without a buyer there is nothing to supply, whatever the method
    gone = np.isnan(of_supplier) | np.isnan(of_buyer) | (of_buyer == 0)
    if method == "SLQ":
        ratio = of_supplier.copy()
    else:
        ratio = np.where(sells == buys, of_supplier, of_supplier / np.where(gone, np.nan, of_buyer))
    if method == "AFLQ":
        ratio *= np.where(of_buyer > 1, np.log2(1 + np.maximum(of_buyer, 1)), 1.0)
    ratio[gone] = np.nan
    return np.asarray(ratio)
