"""Three money balances of one plan: signed firms only, as expected, and with every firm coming."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from zhenxing.planning.checker import Evaluation
    from zhenxing.town import Town

CASES = ("signed", "expected", "all")
INCOME = ("own_funds_wan", "land_income_wan", "retained_tax_wan")
OUTLAY = (
    "committed_wan",
    "site_cost_wan",
    "work_cost_wan",
    "facility_cost_wan",
    "utility_cost_wan",
    "subsidy_wan",
    "exit_compensation_wan",
    "moving_wan",
)


def money_balances(
    town: Town, plan: Mapping[str, pd.DataFrame], evaluation: Evaluation, signed_probability: float
) -> dict[str, pd.DataFrame]:
    """Return one balance per case, with the same decisions and the same borrowing.

    Parameters
    ----------
    town : Town
        The town whose candidates are made certain or left out.
    plan : mapping of DataFrame
        The plan tables.
    evaluation : Evaluation
        What the plan is worth as it stands: the case ``expected``.
    signed_probability : float
        From this probability a candidate counts as signed.

    Returns
    -------
    dict of DataFrame
        ``signed``, ``expected`` and ``all``; columns year, opening_wan, the incomes, income_wan, the outlays,
        outlay_wan, borrowed_wan (net of repayment), interest_wan, cash_wan, debt_wan. Cash
        may be negative: then the income of that case does not carry the plan.
    """
    settings = town.plan
    start = (float(settings.initial_cash_wan), float(settings.initial_debt_wan))
    from zhenxing.planning.checker import evaluate

    candidates = town.filled("candidates")
    is_signed = (candidates["probability"].astype(float) >= signed_probability).astype(float)
    cases = {"signed": is_signed, "all": is_signed * 0 + 1.0}
    money = {
        case: evaluate(town.replace(candidates=candidates.assign(probability=chance)), plan).money
        for case, chance in cases.items()
    }
    money["expected"] = evaluation.money
    debt = evaluation.money["debt_wan"]
    return {case: balance(money[case], debt, float(settings.interest_rate), *start) for case in CASES}


def balance(
    money: pd.DataFrame, debt_wan: pd.Series, interest_rate: float, initial_cash_wan: float, initial_debt_wan: float
) -> pd.DataFrame:
    """Return the balance year by year from the incomes, outlays and the debt at the end of each year.

    Examples
    --------
    >>> incomes = {"own_funds_wan": 100.0, "land_income_wan": 0.0, "retained_tax_wan": 0.0}
    >>> flows = pd.DataFrame({"year": [2027], **incomes, **dict.fromkeys(OUTLAY, 10.0)})
    >>> balance(flows, pd.Series([50.0]), 0.04, 5.0, 0.0)["cash_wan"].tolist()
    [75.0]
    """
    result = pd.DataFrame({"year": money["year"].to_numpy()})
    for name in (*INCOME, *OUTLAY):
        result[name] = money[name].astype(float).to_numpy()
    result["income_wan"] = result[list(INCOME)].sum(axis=1)
    result["outlay_wan"] = result[list(OUTLAY)].sum(axis=1)
    result["debt_wan"] = debt_wan.astype(float).to_numpy()
    before = result["debt_wan"].shift(1, fill_value=initial_debt_wan)
    result["borrowed_wan"] = result["debt_wan"] - before
    result["interest_wan"] = interest_rate * before
    change = result["income_wan"] - result["outlay_wan"] + result["borrowed_wan"] - result["interest_wan"]
    result["cash_wan"] = initial_cash_wan + change.cumsum()
    result["opening_wan"] = result["cash_wan"].shift(1, fill_value=initial_cash_wan)
    order = [
        "year",
        "opening_wan",
        *INCOME,
        "income_wan",
        *OUTLAY,
        "outlay_wan",
        "borrowed_wan",
        "interest_wan",
        "cash_wan",
        "debt_wan",
    ]
    return result[order]


def unsigned_reliance(balances: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the years in which outlay is paid by income from firms that have not signed.

    Returns
    -------
    DataFrame
        year, gap_wan (how far the signed-only cash is below zero at the end of the year), outlay_wan and
        committed_wan of that year.
    """
    signed = balances["signed"]
    short = signed[signed["cash_wan"] < -1e-6]
    return pd.DataFrame(
        {
            "year": short["year"].to_numpy(),
            "gap_wan": -short["cash_wan"].to_numpy(),
            "outlay_wan": short["outlay_wan"].to_numpy(),
            "committed_wan": short["committed_wan"].to_numpy(),
        }
    )
