"""The parts of the diagnosis as one row of functions: what each reads, whom it calls, which tables it hands on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from zhenxing.errors import InputError, Issue
from zhenxing.i18n import say

if TYPE_CHECKING:
    import pandas as pd

Frames = Mapping[str, "pd.DataFrame"]
# What has landed but is not in the register yet: made from locks and candidates before the parts run.
COMMITTED: Final = "committed_output"


@dataclass(frozen=True)
class DiagnoseOptions:
    """Choices of a diagnosis.

    Parameters
    ----------
    only : tuple of str
        Parts to make (see ``PARTS``); empty: all. Parts that these rest on run too, their tables are not handed out.
    year : int or None
        Last year of figures to use; by default each part takes the latest it can.
    chain : str
        The chain that ships with the package and is taken where the town has no ``links`` of its own.
    scheme : str
        Preset of output per mu.
    home : str
        Id of the town in ``peers`` and ``region_industries``; empty: the code in the town's settings.
    visits : int
        Visits to firms that the offices can make in a year.
    push_from : int or None
        Year of the first list of firms to visit; by default the town's first plan year, or the year after the figures.
    """

    only: tuple[str, ...] = ()
    year: int | None = None
    chain: str = "lighting"
    scheme: str = "huangyan"
    home: str = ""
    visits: int = 200
    push_from: int | None = None


@dataclass(frozen=True, eq=False)
class Basis:
    """What parts read: the town's tables, the chain, and what earlier parts found."""

    tables: Frames
    options: DiagnoseOptions
    found: dict[str, pd.DataFrame] = field(default_factory=dict)

    def __getitem__(self, name: str) -> pd.DataFrame:
        """Return a table of an earlier part or of the town; an absent one is empty with its declared columns."""
        from zhenxing import schema

        if name in self.found:
            return self.found[name]
        return self.tables[name] if name in self.tables else schema.empty(name)

    def has(self, name: str) -> bool:
        """Whether there is a table of that name with rows."""
        return len(self.found.get(name, self.tables.get(name, ()))) > 0

    def given(self, name: str) -> pd.DataFrame | None:
        """Return a table, or None where there is none."""
        return self[name] if self.has(name) else None


@dataclass(frozen=True, eq=False)
class PartResult:
    """What one part found: result tables, derived input tables, findings."""

    tables: Frames
    inputs: Frames = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True)
class Part:
    """One part: tables that it cannot do without, parts that it rests on, and the function that makes it."""

    name: str
    needs: tuple[str, ...]
    rests_on: tuple[str, ...]
    make: Callable[[Basis], PartResult]


def _classification(basis: Basis) -> PartResult:
    import pandas as pd

    from zhenxing.diagnosis.classification import classify_firms

    found = classify_firms(basis["firms"], basis["links"])
    issues: tuple[Issue, ...] = ()
    if "firm_links" in basis.tables and len(basis.tables["firm_links"]):
        # labels that somebody keeps in the town are better than words
        own = basis.tables["firm_links"]
        found = pd.concat([own[found.columns.intersection(own.columns)], found[~found["firm_id"].isin(own["firm_id"])]])
        found = found.reset_index(drop=True)
        text = say("diagnosis.own_labels", count=own["firm_id"].nunique())
        issues = (Issue("info", "own_labels", text, "firm_links"),)
    return PartResult({"firm_links": found}, issues=issues)


def committed_output(locks: pd.DataFrame, candidates: pd.DataFrame, firms: pd.DataFrame) -> pd.DataFrame:
    """Return the yearly output by link of what has landed (locks ``done``) and is not in the register yet (万元).

    Examples
    --------
    >>> import pandas as pd
    >>> done = pd.DataFrame({"subject": ["candidate"], "id": ["C1"], "rule": ["done"], "count": [2]})
    >>> known = pd.DataFrame({"candidate_id": ["C1"], "link_id": ["PKG"], "annual_output_wan": [500.0]})
    >>> committed_output(done, known, pd.DataFrame({"firm_id": []})).values.tolist()
    [['PKG', 1000.0]]
    """
    import pandas as pd

    empty = pd.DataFrame({"link_id": pd.Series(dtype="str"), "output_wan": pd.Series(dtype="float64")})
    if not {"subject", "id", "rule"} <= set(locks.columns) or "link_id" not in candidates:
        return empty
    done = locks[(locks["rule"] == "done") & (locks["subject"] == "candidate")]
    joined = done.merge(candidates, left_on="id", right_on="candidate_id", suffixes=("", "_most"))
    if "firm_id" in joined:
        joined = joined[~joined["firm_id"].isin(firms["firm_id"])]
    numbers = {name: joined[name] if name in joined else float("nan") for name in ("count", "probability")}
    factor = pd.DataFrame(numbers, index=joined.index).astype("float64").fillna(1.0).prod(axis=1)
    output = joined["annual_output_wan"].astype("float64").fillna(0.0) * factor if len(joined) else factor
    sums = output.groupby(joined["link_id"]).sum().rename("output_wan").reset_index()
    return sums[sums["output_wan"] > 0].reset_index(drop=True) if len(sums) else empty


def _with_committed(rewards: pd.DataFrame, committed: Mapping[str, float]) -> pd.DataFrame:
    """Widen the first segment by what has landed: the plan counts that output first, so the gap comes after it."""
    more = rewards["link_id"].map(committed).fillna(0.0).where(rewards["segment"] == 1, 0.0)
    return rewards.assign(output_wan=rewards["output_wan"] + more.astype("float64"))


def _chain(basis: Basis) -> PartResult:
    from zhenxing.diagnosis.chain import ChainSettings, diagnose_chain, load_priors

    landed = basis.tables[COMMITTED]
    committed = dict(zip(landed["link_id"], landed["output_wan"].astype(float), strict=True))
    known = {link: output for link, output in committed.items() if link in set(basis["links"]["link_id"])}
    found = diagnose_chain(
        firms=basis["firms"],
        firm_years=basis["firm_years"],
        firm_links=basis["firm_links"],
        links=basis["links"],
        link_inputs=basis["link_inputs"],
        region_industries=basis["region_industries"],
        year=basis.options.year,
        settings=ChainSettings(
            home=basis.options.home, committed_output_wan=known, priors=load_priors(basis.options.chain)
        ),
    )
    rewards = _with_committed(found.chain_rewards, known)
    tables = {
        "chain": found.chain,
        "chain_rewards": rewards,
        "chain_edges": found.edges,
        "chain_evidence": found.evidence,
        "chain_flips": found.flips,
        "chain_leaders": found.leaders,
    }
    return PartResult(tables, {"chain_rewards": rewards}, found.issues)


def _ladder(basis: Basis) -> PartResult:
    from zhenxing.diagnosis.ladder import climb

    found = climb(
        firms=basis["firms"],
        firm_years=basis["firm_years"],
        firm_facts=basis.given("firm_facts"),
        firm_links=basis.given("firm_links"),
        year=basis.options.year,
    )
    tables = {
        "ladder": found.ladder,
        "ladder_criteria": found.ladder_criteria,
        "firm_standings": found.firm_standings,
        "register_flows": found.register_flows,
    }
    return PartResult(tables, issues=found.issues)


def _last_day(basis: Basis) -> dt.date:
    """Return the last day of the year whose figures are used."""
    years = basis["firm_years"]["year"].dropna()
    return dt.date(basis.options.year or (int(years.max()) if len(years) else dt.date.today().year), 12, 31)


def _watch(basis: Basis) -> PartResult:
    from zhenxing.diagnosis.watch import WatchSettings, watch_firms
    from zhenxing.rules.above_scale import thresholds

    lines = thresholds(
        basis["firms"], _last_day(basis), firm_links=basis.given("firm_links"), firm_years=basis["firm_years"]
    )
    found = watch_firms(
        firms=basis["firms"],
        firm_years=basis["firm_years"],
        thresholds=lines,
        firm_links=basis.given("firm_links"),
        year=basis.options.year,
        capacity_visits=basis.options.visits,
        parks=basis.given("parks"),
        parcels=basis.given("parcels"),
        site_firms=basis.given("site_firms"),
        settings=WatchSettings(first_push_year=basis.options.push_from),
    )
    tables = {
        "threshold_watch": found.threshold_watch,
        "watch_batches": found.batches,
        "watch_pushes": found.pushes,
        "watch_calibration": found.calibration,
        "watch_outlook": found.outlook,
        "care_list": found.care_list,
        "firm_pages": found.firm_pages,
    }
    inputs = {
        "candidates": found.candidates,
        "placements": found.placements,
        "candidate_uses": found.candidate_uses,
    }
    return PartResult(tables, inputs, found.issues)


def _output_per_mu(basis: Basis) -> PartResult:
    from zhenxing.diagnosis.output_per_mu import GradeSettings, grade

    found = grade(
        firms=basis["firms"],
        firm_years=basis["firm_years"],
        parcels=basis.given("parcels"),
        scheme=basis.options.scheme,
        settings=GradeSettings(year=basis.options.year),
    )
    tables = {
        "output_per_mu": found.output_per_mu,
        "output_per_mu_parts": found.parts,
        "output_per_mu_sensitivity": found.sensitivity,
    }
    return PartResult(tables, issues=found.issues)


def _peers(basis: Basis) -> PartResult:
    import pandas as pd

    from zhenxing.diagnosis.peers import PeerSettings, compare

    if not basis.options.home:
        raise InputError(say("diagnosis.no_home"))
    found = compare(
        peers=basis["peers"],
        peer_values=basis["peer_values"],
        indicators=basis["indicators"],
        region_industries=basis["region_industries"],
        settings=PeerSettings(basis.options.home, year=basis.options.year),
    )
    listed = pd.concat([basis["peers"], found.peers], ignore_index=True).drop_duplicates("peer_id")
    tables = {
        "peers": listed,
        "peer_gaps": found.peer_gaps,
        "peer_ranks": found.ranks,
        "peer_similarity": found.similarity,
    }
    return PartResult(tables, issues=found.issues)


def _launches(basis: Basis) -> PartResult:
    from zhenxing.diagnosis.launches import LaunchSettings, launches

    found = launches(
        firms=basis["firms"],
        firm_years=basis["firm_years"],
        firm_links=basis["firm_links"],
        firm_facts=basis.given("firm_facts"),
        peer_values=basis.given("peer_values"),
        town_id=basis.options.home,
        settings=LaunchSettings(year=basis.options.year),
    )
    tables = {"launch_rates": found.rates, "launch_comparison": found.comparison, "design_loop": found.loop}
    return PartResult(tables, issues=found.issues)


PARTS: Final[tuple[Part, ...]] = (
    Part("classification", ("firms",), (), _classification),
    Part("chain", ("firms", "firm_years"), ("classification",), _chain),
    Part("ladder", ("firms", "firm_years"), ("classification",), _ladder),
    Part("watch", ("firms", "firm_years"), ("classification",), _watch),
    Part("output_per_mu", ("firms", "firm_years"), (), _output_per_mu),
    Part("peers", ("peers", "peer_values"), (), _peers),
    Part("launches", ("firms", "firm_years"), ("classification",), _launches),
)
