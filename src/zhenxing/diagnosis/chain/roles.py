"""Who takes part in which link, read from the labels of firms."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from zhenxing.diagnosis.chain.inputs import Links, finding, need, numbers, texts
from zhenxing.diagnosis.chain.settings import ChainSettings
from zhenxing.errors import InputError, Issue

ROLES: Final = ("makes", "sells", "serves", "")


def read_roles(
    firm_links: pd.DataFrame, firms: pd.DataFrame, links: Links, settings: ChainSettings
) -> tuple[pd.DataFrame, list[Issue]]:
    """Return who takes part in which link: firm_id, link (position), role, weight, supplies (or only sells).

    Left out, and told: labels of unknown links or roles, and firms that are closed by their status.

    Raises
    ------
    InputError
        When a weight is negative.
    """
    issues: list[Issue] = []
    need(firm_links, "firm_links", ["firm_id", "link_id", "role", "weight"])
    need(firms, "firms", ["firm_id"])
    roles = pd.DataFrame(
        {
            "firm_id": texts(firm_links, "firm_id").to_numpy(),
            "link": links.ids.get_indexer(pd.Index(texts(firm_links, "link_id"))),
            "role": texts(firm_links, "role").to_numpy(),
            "weight": numbers(firm_links, "weight"),
        }
    )
    strange = (roles["link"] < 0) | ~roles["role"].isin(ROLES)
    if strange.any():
        named = roles.loc[strange, "firm_id"] + ":" + texts(firm_links, "link_id")[strange.to_numpy()].to_numpy()
        issues.append(finding("warning", "unknown_labels", "firm_links", [*named]))
    negative = roles["weight"] < 0
    if negative.any() or np.isinf(roles["weight"]).any():
        fault = finding("error", "bad_weight", "firm_links", [*roles.loc[negative, "firm_id"].unique()], "weight")
        raise InputError(fault.text, [fault])
    status = texts(firms, "status")
    gone = status.map(lambda text: any(word in text for word in settings.closed_status))
    closed = set(texts(firms, "firm_id")[gone.to_numpy(dtype=bool)]) & set(roles["firm_id"])
    if closed:
        issues.append(finding("info", "closed_firms", "firms", sorted(closed), "status", count=len(closed)))
    roles = roles[~strange & ~roles["firm_id"].isin(closed)].reset_index(drop=True)
    issues += _mend_weights(roles)
    if settings.code_alone == "none":
        roles = roles[roles["role"] != ""]
    roles["supplies"] = (roles["role"] != "sells") | links.selling[roles["link"].to_numpy(dtype=np.intp)]
    if settings.code_alone == "likeliest":
        roles = _to_likeliest(roles)
    return _with_trade(roles.reset_index(drop=True), links), issues


def _with_trade(roles: pd.DataFrame, links: Links) -> pd.DataFrame:
    """Count the goods that a firm only sells as output of its trade, and keep them apart as sales of the goods' links.

    They go to the trades that the firm is in, by their weights, else to the links that say that they trade in them.
    """
    firm, apart = roles["firm_id"], ~roles["supplies"]
    trade = roles["supplies"] & links.selling[roles["link"].to_numpy(dtype=np.intp)]
    sold = roles["weight"].where(apart, 0.0).groupby(firm).transform("sum")
    own = roles["weight"].where(trade, 0.0)
    total, number = own.groupby(firm).transform("sum"), trade.groupby(firm).transform("sum")
    part = (own / total).where(total > 0, 1.0 / number.where(number > 0))
    grows = trade & (sold > 0)
    grown = roles.assign(
        weight=roles["weight"] + (sold * part).where(grows, 0.0), role=roles["role"].mask(grows, "sells")
    )
    pairs = [(goods, trade) for trade, traded in enumerate(links.trades_in) for goods in traded if links.selling[trade]]
    pairings = pd.DataFrame(pairs, columns=["goods", "trade"])
    pairings["link"] = links.ids.get_indexer(pd.Index(pairings["goods"]))
    pairings["each"] = pairings.groupby("link")["trade"].transform("size")
    others = roles[apart & (number == 0)].merge(pairings, on="link")
    others = others.assign(link=others["trade"], weight=others["weight"] / others["each"], supplies=True)
    every: pd.DataFrame = pd.concat([grown, others[grown.columns]], ignore_index=True)
    return every


def _to_likeliest(roles: pd.DataFrame) -> pd.DataFrame:
    """Give what a firm has by code alone to the link with most makers by words, of the links its code could mean.

    A code such as 3872 stands for luminaires and for lamp posts; an even split would make every lamp maker half a post
    maker.
    """
    by_code = roles["role"] == ""
    worded = roles[~by_code & roles["supplies"]].groupby("link")["firm_id"].nunique()
    support = roles["link"].map(worded).fillna(0.0)
    best = support[by_code].groupby(roles["firm_id"][by_code]).transform("max")
    kept = ~by_code | (support == best.reindex(roles.index))
    total = roles["weight"].where(by_code).groupby(roles["firm_id"]).transform("sum")
    likeliest = roles.assign(weight=roles["weight"].where(~by_code, 0.0), total=total)[kept]
    share = likeliest["role"].eq("").groupby(likeliest["firm_id"]).transform("sum")
    likeliest["weight"] = likeliest["weight"].where(likeliest["role"] != "", likeliest["total"] / share)
    return likeliest.drop(columns="total")


def _mend_weights(roles: pd.DataFrame) -> list[Issue]:
    """Share a firm without weights evenly among its labels; name firms whose weights come to more than 1."""
    issues = []
    empty = roles["weight"].isna()
    if empty.any():
        firms = roles.loc[empty, "firm_id"].unique()
        issues.append(finding("warning", "no_weight", "firm_links", [*firms], "weight"))
        evenly = 1.0 / roles.groupby("firm_id")["link"].transform("size")
        roles.loc[roles["firm_id"].isin(firms), "weight"] = evenly
    total = roles.groupby("firm_id")["weight"].sum()
    above = total.index[total > 1 + 1e-6]
    if len(above):
        issues.append(finding("warning", "weights_above_one", "firm_links", [*above], "weight"))
    return issues
