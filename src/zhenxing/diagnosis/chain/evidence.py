"""The lines of evidence behind each verdict, in both languages, with the figures and the firms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from zhenxing.diagnosis.chain.demand import Demand
from zhenxing.diagnosis.chain.extraction import Extraction
from zhenxing.diagnosis.chain.inputs import Floats, Inputs, Links, texts
from zhenxing.diagnosis.chain.leaders import Concentration
from zhenxing.diagnosis.chain.regions import Quotients
from zhenxing.diagnosis.chain.settings import ChainSettings
from zhenxing.diagnosis.chain.supply import Supply
from zhenxing.diagnosis.chain.verdicts import Words
from zhenxing.errors import Text
from zhenxing.i18n import say

# the lines that stand in the chain table; the others are in chain_evidence
CHIEF_TOPICS = ("verdict", "makers", "gap", "quotient", "leaders")


@dataclass(frozen=True)
class Facts:
    """Everything that was computed about the links, by position."""

    links: Links
    inputs: Inputs
    supply: Supply
    demand: Demand
    leading: Concentration
    quotient: Quotients
    lost: Extraction
    exposed: Floats
    related: Floats
    basis: str
    words: Words
    flip_share: Floats
    gap_range: tuple[Floats, Floats]


@dataclass(frozen=True)
class Line:
    """One line: what it is about, the sentence, and the firms meant."""

    topic: str
    text: Text
    firms: tuple[str, ...] = ()


def evidence_lines(facts: Facts, firms: pd.DataFrame, settings: ChainSettings) -> pd.DataFrame:
    """Return table ``chain_evidence``: the lines of every link, its verdict first."""
    names = dict(zip(texts(firms, "firm_id"), texts(firms, "name"), strict=True))
    rows = [
        (str(facts.links.ids[place]), number, line.topic, line.text.zh, line.text.en, ";".join(line.firms) or None)
        for place in range(len(facts.links))
        for number, line in enumerate(_lines(facts, place, names, settings), start=1)
    ]
    table = pd.DataFrame(rows, columns=["link_id", "line", "topic", "zh", "en", "firms"])
    return table.astype({"line": "Int64"} | dict.fromkeys(("link_id", "topic", "zh", "en", "firms"), "str"))


def verdict_lines(lines: pd.DataFrame, links: Links) -> tuple[list[str], list[str]]:
    """Return the chief lines of every link as one text in each language."""
    chief = lines[lines["topic"].isin(CHIEF_TOPICS)]
    zh = chief.groupby("link_id")["zh"].agg("".join)
    en = chief.groupby("link_id")["en"].agg(" ".join)
    return [zh.get(str(link), "") for link in links.ids], [en.get(str(link), "") for link in links.ids]


def _lines(facts: Facts, place: int, names: dict[str, str], settings: ChainSettings) -> Iterator[Line]:
    yield _verdict(facts, place, settings)
    yield _makers(facts, place)
    yield from _output(facts, place, settings)
    yield _demand(facts, place)
    yield from _buyers(facts, place, names, settings)
    yield from _gap(facts, place)
    if not np.isnan(facts.quotient.quotient[place]):
        yield _quotient(facts, place)
    if facts.leading.leader[place]:
        yield _leaders(facts, place, names)
    if not np.isnan(facts.lost.criticality[place]):
        yield Line(
            "criticality",
            say(
                "diagnosis_chain.line_criticality",
                criticality=_percent(facts.lost.criticality[place]),
                backward=_wan(facts.lost.backward[place]),
                forward=_wan(facts.lost.forward[place]),
                exposure=_percent(facts.exposed[place]),
            ),
        )
    if not np.isnan(facts.related[place]):
        basis = say(f"diagnosis_chain.basis_{facts.basis}")
        related = f"{facts.related[place]:.2f}"
        yield Line("relatedness", say("diagnosis_chain.line_relatedness", related=related, basis=basis))
    prior = settings.priors.get(str(facts.links.ids[place]), "")
    if prior:
        yield Line("prior", _prior(prior, str(facts.words[place])))
    if facts.flip_share[place] > 0:
        yield Line("flips", say("diagnosis_chain.line_flips", share=_percent(facts.flip_share[place])))


def _verdict(facts: Facts, place: int, settings: ChainSettings) -> Line:
    word = str(facts.words[place])
    name = Text(facts.links.zh[place], facts.links.en[place])
    share = facts.demand.share[place]
    values = {
        "name": name,
        "share": "" if np.isnan(share) else _percent(share),
        "quotient": _range(facts.quotient.low[place], facts.quotient.high[place]),
        "leader_share": _percent(facts.leading.share[place]) if facts.leading.leader[place] else "",
        "weak": _percent(settings.weak_share),
        "strong": _percent(settings.strong_share),
        "most": _percent(settings.leader_share),
    }
    if np.isnan(share) and word in ("weak", "strong", "fair"):
        return Line("verdict", say(f"diagnosis_chain.verdict_{word}_by_quotient", **values))
    if word == "fair" and share >= settings.strong_share:
        return Line("verdict", say("diagnosis_chain.verdict_fair_below_reference", **values))
    return Line("verdict", say(f"diagnosis_chain.verdict_{word}", **values))


def _makers(facts: Facts, place: int) -> Line:
    supply = facts.supply
    values = {"makers": int(supply.makers[place]), "sellers": int(supply.sellers[place])}
    if supply.by_code[place]:
        return Line("makers", say("diagnosis_chain.line_makers_by_code", by_code=int(supply.by_code[place]), **values))
    return Line("makers", say("diagnosis_chain.line_makers", **values))


def _output(facts: Facts, place: int, settings: ChainSettings) -> Iterator[Line]:
    supply = facts.supply
    if supply.committed[place] > 0:
        yield Line("output", say("diagnosis_chain.line_committed", committed=_wan(supply.committed[place])))
    if not supply.makers[place]:
        return
    unknown = int(supply.unknown[place])
    if np.isnan(supply.output[place]):
        yield Line("output", say("diagnosis_chain.line_output_unknown", makers=unknown))
        return
    output = _wan(supply.output[place])
    if unknown:
        yield Line(
            "output", say("diagnosis_chain.line_output_partly", year=supply.year, output=output, unknown=unknown)
        )
    else:
        yield Line("output", say("diagnosis_chain.line_output", year=supply.year, output=output))
    if supply.imputed[place] > 0:
        imputed = _wan(supply.imputed[place])
        yield Line("output", say("diagnosis_chain.line_imputed", imputed=imputed, rule=settings.impute))


def _demand(facts: Facts, place: int) -> Line:
    kind, demand = facts.demand.kind[place], _wan(facts.demand.demand[place])
    if kind not in ("inputs", "both"):
        return Line("demand", say(f"diagnosis_chain.line_demand_{kind}", demand=demand))
    edges = np.flatnonzero(facts.inputs.upstream == place)
    flows = np.nan_to_num(facts.inputs.base[edges]) * np.nan_to_num(facts.supply.output)[facts.inputs.downstream[edges]]
    largest = edges[np.argsort(-flows, kind="stable")[:3]]
    buyers = [int(facts.inputs.downstream[edge]) for edge in largest if facts.inputs.base[edge] > 0]
    named = Text("、".join(facts.links.zh[at] for at in buyers), ", ".join(facts.links.en[at] for at in buyers))
    entry = "line_demand_assumed" if facts.inputs.assumed[edges].any() else "line_demand_inputs"
    return Line("demand", say(f"diagnosis_chain.{entry}", demand=demand, buyers=named))


def _buyers(facts: Facts, place: int, names: dict[str, str], settings: ChainSettings) -> Iterator[Line]:
    """Name the firms whose own output asks most of the link."""
    shares = np.zeros(len(facts.links))
    own = facts.inputs.upstream == place
    shares[facts.inputs.downstream[own]] = np.nan_to_num(facts.inputs.base[own])
    firms = facts.supply.firms
    asked = firms["output_wan"].fillna(0.0) * shares[firms["link"].to_numpy(dtype=np.intp)]
    asked = asked[asked > 0]
    largest = asked.groupby(firms["firm_id"]).sum()
    largest = largest[largest > 0].sort_values(ascending=False, kind="stable").head(settings.leaders)
    if len(largest):
        zh = "、".join(f"{names.get(firm) or firm} {_wan(need)} 万元" for firm, need in largest.items())
        en = ", ".join(f"{names.get(firm) or firm} {_wan(need)}" for firm, need in largest.items())
        yield Line("demand", say("diagnosis_chain.line_buyers", buyers=Text(zh, en)), tuple(map(str, largest.index)))


def _gap(facts: Facts, place: int) -> Iterator[Line]:
    share, gap = facts.demand.share[place], facts.demand.gap[place]
    if not np.isnan(share):
        low, high = (bound[place] for bound in facts.gap_range)
        values = {"share": _percent(share), "gap": _wan(gap), "low": _wan(low), "high": _wan(high)}
        yield Line("gap", say("diagnosis_chain.line_gap", **values))
    elif np.isnan(gap):
        yield Line("gap", say("diagnosis_chain.line_gap_unknown", demand=_wan(facts.demand.demand[place])))


def _quotient(facts: Facts, place: int) -> Line:
    measure = say(f"diagnosis_chain.measure_{facts.quotient.measure}")
    quotient = f"{facts.quotient.quotient[place]:.2f}"
    low, high = facts.quotient.low[place], facts.quotient.high[place]
    if np.isnan(low) or np.isnan(high):
        return Line("quotient", say("diagnosis_chain.line_quotient_alone", quotient=quotient, measure=measure))
    return Line(
        "quotient", say("diagnosis_chain.line_quotient", quotient=quotient, range=_range(low, high), measure=measure)
    )


def _leaders(facts: Facts, place: int, names: dict[str, str]) -> Line:
    own = facts.leading.table
    own = own[own["link_id"] == str(facts.links.ids[place])]
    firms = tuple(str(firm) for firm in own["firm_id"])
    listed = [f"{names.get(firm) or firm} {_percent(share)}" for firm, share in zip(firms, own["share"], strict=True)]
    text = say(
        "diagnosis_chain.line_leaders",
        hhi=f"{facts.leading.hhi[place]:.2f}",
        firms=Text("、".join(listed), ", ".join(listed)),
        pull=_wan(facts.leading.pull[place]),
    )
    return Line("leaders", text, firms)


def _prior(prior: str, word: str) -> Text:
    believed = say(f"diagnosis_chain.prior_{prior}")
    if word == "unknown":
        return say("diagnosis_chain.line_prior_alone", believed=believed)
    borne_out = word in (("weak", "missing") if prior == "weak" else ("strong", "leader_dependent"))
    return say(f"diagnosis_chain.line_prior_{'holds' if borne_out else 'differs'}", believed=believed)


def _wan(amount: float) -> str:
    return f"{amount:,.0f}"


def _percent(share: float) -> str:
    return f"{share:.0%}"


def _range(low: float, high: float) -> str:
    return "" if np.isnan(low) or np.isnan(high) else f"{low:.2f}–{high:.2f}"
