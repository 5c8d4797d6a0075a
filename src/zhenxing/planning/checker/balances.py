"""Supply and use of land, floor, resources and yearly capacities: the tables behind rules 4 to 7."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from zhenxing.planning.checker.decisions import Decisions
from zhenxing.planning.checker.facts import Facts
from zhenxing.planning.checker.money import yearly
from zhenxing.planning.checker.progress import Progress, group_sum
from zhenxing.planning.checker.violations import FloatArray
from zhenxing.units import M2_PER_MU


def land_table(facts: Facts, progress: Progress) -> pd.DataFrame:
    """Return the land of every park and plan year; unused land is the slack of rule 4."""
    options, parks = facts.options, facts.parks["park_id"]
    released = (options["released_share"] * options["area_mu"]).to_numpy()[:, None] * progress.delivered
    firms = facts.placements["land_mu"].to_numpy()[:, None] * progress.landed
    floor_per_mu = facts.parks["resettlement_far"].to_numpy()[:, None] * M2_PER_MU
    arrived = progress.resettled.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rehoused = np.where(arrived == 0.0, 0.0, arrived / floor_per_mu)
    table = _by_park_and_year(facts)
    table["vacant_mu"] = np.repeat(facts.parks["vacant_mu"].to_numpy(), facts.horizon)
    table["released_mu"] = group_sum(options["park_id"], released, parks)[:, 1:].ravel()
    table["firms_mu"] = group_sum(facts.placements["park_id"], firms, parks)[:, 1:].ravel()
    table["resettlement_mu"] = rehoused[:, 1:].ravel()
    table["unused_mu"] = table["vacant_mu"] + table["released_mu"] - table["firms_mu"] - table["resettlement_mu"]
    return table


def floor_table(facts: Facts, decisions: Decisions, progress: Progress) -> pd.DataFrame:
    """Return displaced, resettled and exited floor of every park, cumulative; what is done displaces nothing."""
    options, parks = facts.options, facts.parks["park_id"]
    share = (options["displaced_share"] * options["floor_m2"]).to_numpy()[:, None]
    displaced = group_sum(options["park_id"], share * decisions.starts.cumsum(axis=1), parks)
    table = _by_park_and_year(facts)
    table["displaced_m2"] = displaced[:, 1:].ravel()
    table["resettled_m2"] = progress.resettled.sum(axis=1)[:, 1:].ravel()
    table["exited_m2"] = progress.exited[:, 1:].ravel()
    return table


def resource_table(facts: Facts, progress: Progress) -> pd.DataFrame:
    """Return supply and use of every resource that has a supply row, by park and plan year."""
    supplied = (
        facts.park_supply[["park_id", "resource"]].apply(tuple, axis=1)
        if len(facts.park_supply)
        else pd.Series(dtype=object)
    )
    supply = np.repeat(facts.park_supply["amount"].to_numpy()[:, None], facts.horizon + 1, axis=1)
    steps = facts.utility_steps
    supply = supply + _to_supply(supplied, steps["park_id"], steps["resource"], steps["adds"], progress.steps_open)
    sites = facts.site_supplies
    option = _rows(facts.options, ["site_id", "mode"], sites)
    park = facts.options["park_id"].to_numpy()[option]
    supply = supply + _to_supply(supplied, park, sites["resource"], sites["amount"], progress.delivered[option])
    works = facts.work_supplies
    opened = progress.works_open[_rows(facts.works, ["work_id"], works)]
    supply = supply + _to_supply(supplied, works["park_id"], works["resource"], works["amount"], opened)
    use = uses_by_placement(facts)
    landed = progress.landed[use["placement"].to_numpy(dtype=int)]
    used = _to_supply(supplied, use["park_id"], use["resource"], use["amount"], landed)
    table = facts.park_supply[["park_id", "resource"]]
    table = table.loc[table.index.repeat(facts.horizon)].reset_index(drop=True)
    table["year"] = np.tile(np.array(facts.plan_years), len(facts.park_supply))
    return table.assign(supply=supply[:, 1:].ravel(), use=used[:, 1:].ravel())


def uses_by_placement(facts: Facts) -> pd.DataFrame:
    """Return what one firm of each placement uses; a row with a park replaces the row without for that park."""
    placements = facts.placements[["candidate_id", "park_id"]].assign(placement=range(len(facts.placements)))
    everywhere = facts.uses[facts.uses["park_id"] == ""].drop(columns="park_id")
    named = placements.merge(facts.uses[facts.uses["park_id"] != ""], on=["candidate_id", "park_id"])
    general = placements.merge(everywhere, on="candidate_id")
    both = pd.concat([named, general], ignore_index=True)
    return both.drop_duplicates(["placement", "resource"], keep="first")


def capacity_table(facts: Facts, decisions: Decisions) -> pd.DataFrame:
    """Return titles, clearing and effort of every plan year beside their capacities (clearing modes only clear)."""
    options = facts.options
    cleared = (options["area_mu"] * options["clears"]).to_numpy(dtype=float) @ decisions.starts
    titles = options["title_mu"].to_numpy() @ decisions.starts
    effort = facts.placements["effort_months"].to_numpy() @ decisions.landings
    return pd.DataFrame(
        {
            "year": list(facts.plan_years),
            "title_mu": titles[1:],
            "title_capacity_mu": yearly(facts, "title_capacity_mu", np.inf)[1:],
            "cleared_mu": cleared[1:],
            "clear_capacity_mu": yearly(facts, "clear_capacity_mu", np.inf)[1:],
            "effort_months": effort[1:],
            "effort_capacity_months": yearly(facts, "effort_months", np.inf)[1:],
        }
    )


def _by_park_and_year(facts: Facts) -> pd.DataFrame:
    parks = facts.parks["park_id"].to_numpy()
    years = np.tile(np.array(facts.plan_years), len(parks))
    return pd.DataFrame({"park_id": np.repeat(parks, facts.horizon), "year": years})


def _rows(frame: pd.DataFrame, key: list[str], wanted: pd.DataFrame) -> list[int]:
    position = {values: row for row, values in enumerate(frame[key].itertuples(index=False, name=None))}
    return [position[values] for values in wanted[key].itertuples(index=False, name=None)]


def _to_supply(
    supplied: pd.Series, parks: Iterable[str], resources: Iterable[str], each: pd.Series, amounts: FloatArray
) -> FloatArray:
    """Add up amounts by (park, resource); what has no supply row is left out."""
    labels = pd.Series(list(zip(parks, resources, strict=True)), dtype=object)
    position = {key: row for row, key in enumerate(supplied)}
    totals = np.zeros((len(supplied), amounts.shape[1]))
    place = np.array([position.get(label, -1) for label in labels], dtype=int)
    known = place >= 0
    np.add.at(totals, place[known], (each.to_numpy(dtype=float)[:, None] * amounts)[known])
    return totals
