"""The diagnosis of a chain: what each link supplies, what is asked of it, what is lacking and what that means."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from zhenxing import schema
from zhenxing.diagnosis.chain import extraction as loss
from zhenxing.diagnosis.chain.demand import demand_by_link
from zhenxing.diagnosis.chain.evidence import Facts, evidence_lines, verdict_lines
from zhenxing.diagnosis.chain.inputs import Floats, Inputs, Links, finding, read_inputs, read_links
from zhenxing.diagnosis.chain.leaders import leaders_of
from zhenxing.diagnosis.chain.ranges import flips, gap_range
from zhenxing.diagnosis.chain.regions import quotients, read_regions, relatedness
from zhenxing.diagnosis.chain.rewards import chain_rewards
from zhenxing.diagnosis.chain.roles import read_roles
from zhenxing.diagnosis.chain.settings import ChainSettings
from zhenxing.diagnosis.chain.supply import supply_by_link
from zhenxing.diagnosis.chain.verdicts import verdicts
from zhenxing.errors import Issue


# tables have no single truth of being equal
@dataclass(frozen=True, eq=False)
class ChainDiagnosis:
    """The chain, diagnosed.

    Attributes
    ----------
    chain : DataFrame
        One row for each link: table ``chain``.
    chain_rewards : DataFrame
        Reward segments for the plan: table ``chain_rewards``.
    edges, evidence, flips, leaders : DataFrame
        Tables ``chain_edges``, ``chain_evidence``, ``chain_flips``, ``chain_leaders``.
    issues : tuple of Issue
        What was found in the data on the way.
    """

    chain: pd.DataFrame
    chain_rewards: pd.DataFrame
    edges: pd.DataFrame
    evidence: pd.DataFrame
    flips: pd.DataFrame
    leaders: pd.DataFrame
    issues: tuple[Issue, ...] = ()


def diagnose_chain(
    *,
    firms: pd.DataFrame,
    firm_years: pd.DataFrame,
    firm_links: pd.DataFrame,
    links: pd.DataFrame,
    link_inputs: pd.DataFrame,
    region_industries: pd.DataFrame,
    year: int | None = None,
    settings: ChainSettings | None = None,
) -> ChainDiagnosis:
    """Diagnose an industry chain from the register of firms.

    Parameters
    ----------
    firms : DataFrame
        firm_id; ``name`` and ``status`` when known.
    firm_years : DataFrame
        firm_id, year and output_wan or revenue_wan (万元), employees.
    firm_links : DataFrame
        firm_id, link_id, role (makes, sells, serves; empty: a label by code alone), weight (a firm's sum to 1).
    links : DataFrame
        link_id; name_zh, name_en, tier, weight and codes when known.
    link_inputs : DataFrame
        upstream_id, downstream_id, share; share_low, share_high, source and tag when known.
    region_industries : DataFrame
        Reference regions: region_id, level, year, link_id or industry_code, and firms, employees or output_wan.
    year : int, optional
        Year of the figures; by default the latest that is reported well.
    settings : ChainSettings, optional
        Thresholds and assumptions.

    Returns
    -------
    ChainDiagnosis

    Raises
    ------
    InputError
        When a table lacks a column, an id or an edge is repeated, or a share lies outside its range.

    Examples
    --------
    >>> import pandas as pd
    >>> found = diagnose_chain(
    ...     firms=pd.DataFrame({"firm_id": ["a", "b"], "name": ["甲", "乙"]}),
    ...     firm_years=pd.DataFrame({"firm_id": ["a", "b"], "year": 2025, "output_wan": [1000.0, 60.0]}),
    ...     firm_links=pd.DataFrame(
    ...         {"firm_id": ["a", "b"], "link_id": ["LAMP", "DRV"], "role": "makes", "weight": 1.0}
    ...     ),
    ...     links=pd.DataFrame({"link_id": ["DRV", "LAMP"], "name_zh": ["驱动电源", "灯具整装"]}),
    ...     link_inputs=pd.DataFrame({"upstream_id": ["DRV"], "downstream_id": ["LAMP"], "share": [0.15]}),
    ...     region_industries=pd.DataFrame(),
    ... )
    >>> found.chain[["link_id", "demand_wan", "gap_wan", "verdict"]].values.tolist()[0]
    ['DRV', 150.0, 90.0, 'weak']
    """
    settings = settings or ChainSettings()
    known = read_links(links, settings)
    inputs, issues = read_inputs(link_inputs, known, settings)
    roles, found = read_roles(firm_links, firms, known, settings)
    issues += found
    supply, found = supply_by_link(roles, firm_years, known, year, settings)
    issues += found
    demand = demand_by_link(supply, inputs, known, settings)
    regions, found = read_regions(region_industries, known, supply.year)
    issues += found
    quotient, found = quotients(regions, supply, known, settings)
    issues += found
    output, local = np.nan_to_num(supply.output), np.nan_to_num(demand.share)
    shares = inputs.matrix(inputs.base, len(known))
    lost = loss.extraction(shares, output, local)
    if np.isnan(lost.criticality).any() or not loss.productive(shares):
        issues.append(finding("warning", "not_productive", "link_inputs"))
    leading = leaders_of(supply, inputs, local, known, settings)
    words = verdicts(supply.sources, demand.share, quotient.low, quotient.high, leading.share, settings)
    flip_table, flip_share = flips(supply, inputs, known, words, (quotient.low, quotient.high), leading.share, settings)
    low, high = gap_range(supply, inputs, known, settings)
    exposed = loss.exposure(inputs, output)
    related, basis = relatedness(regions, supply, inputs, demand.share, known, settings)
    facts = Facts(
        known, inputs, supply, demand, leading, quotient, lost, exposed, related, basis, words, flip_share, (low, high)
    )
    chain = _chain_table(facts, shares, settings)
    lines = evidence_lines(facts, firms, settings)
    zh, en = verdict_lines(lines, known)
    return ChainDiagnosis(
        chain=chain.assign(evidence=zh, evidence_en=en)[[*schema.table("chain").columns]],
        chain_rewards=chain_rewards(known, (low, demand.gap, high), demand.share, exposed, settings),
        edges=_edge_table(known, inputs, output, local),
        evidence=lines,
        flips=flip_table,
        leaders=leading.table,
        issues=tuple(issues),
    )


def _chain_table(facts: Facts, shares: Floats, settings: ChainSettings) -> pd.DataFrame:
    links, supply, demand = facts.links, facts.supply, facts.demand
    implied = shares @ np.nan_to_num(supply.output)
    local = np.nan_to_num(demand.share)
    through = loss.demand_through_chain(shares, np.nan_to_num(supply.output), implied, local)
    size = len(links)
    assumed = np.bincount(facts.inputs.upstream[facts.inputs.assumed], minlength=size) > 0
    table = pd.DataFrame(
        {
            "link_id": links.ids.astype("str"),
            "year": supply.year if supply.year is not None else pd.NA,
            "makers": supply.makers,
            "makers_by_code": supply.by_code,
            "makers_unknown": supply.unknown,
            "sellers": supply.sellers,
            "output_wan": supply.output,
            "imputed_wan": supply.imputed,
            "committed_wan": supply.committed,
            "sold_wan": supply.sold,
            "demand_wan": demand.demand,
            "demand_kind": demand.kind,
            "chain_demand_wan": through,
            "local_supply_share": demand.share,
            "gap_wan": demand.gap,
            "gap_wan_low": facts.gap_range[0],
            "gap_wan_high": facts.gap_range[1],
            "flip_share": facts.flip_share,
            "location_quotient": facts.quotient.quotient,
            "lq_low": facts.quotient.low,
            "lq_high": facts.quotient.high,
            "hhi": facts.leading.hhi,
            "leader_id": facts.leading.leader,
            "leader_share": facts.leading.share,
            "leader_pull_wan": facts.leading.pull,
            "criticality": facts.lost.criticality,
            "backward_loss_wan": facts.lost.backward,
            "forward_loss_wan": facts.lost.forward,
            "exposure": facts.exposed,
            "betweenness": loss.betweenness(facts.inputs, size),
            "relatedness": facts.related,
            "relatedness_basis": facts.basis,
            "verdict": facts.words,
            "assumed": assumed | (supply.imputed > 0) | (supply.committed > 0),
        }
    )
    table["leader_id"] = table["leader_id"].where(table["leader_id"] != "")
    counts = ["year", "makers", "makers_by_code", "makers_unknown", "sellers"]
    words = ["demand_kind", "verdict", "relatedness_basis", "leader_id"]
    return table.astype(dict.fromkeys(counts, "Int64") | dict.fromkeys(words, "str") | {"assumed": "boolean"})


def _edge_table(links: Links, inputs: Inputs, output: Floats, local: Floats) -> pd.DataFrame:
    demand = np.nan_to_num(inputs.base) * output[inputs.downstream]
    return pd.DataFrame(
        {
            "upstream_id": links.ids[inputs.upstream].astype("str"),
            "downstream_id": links.ids[inputs.downstream].astype("str"),
            "share": inputs.base,
            "share_low": inputs.low,
            "share_high": inputs.high,
            "demand_wan": demand,
            "supplied_wan": demand * local[inputs.upstream],
            "source": pd.Series(inputs.source, dtype="str"),
            "tag": pd.Series(inputs.tag, dtype="str"),
            "assumed": pd.Series(inputs.assumed, dtype="boolean"),
        }
    )
