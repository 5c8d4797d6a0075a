"""Why a site starts in a year, and why another does not: from the plan's tables and the yearly limits alone."""

from __future__ import annotations

import math

import pandas as pd

from zhenxing.report.facts import Facts


def reasons_for(facts: Facts, site: str, mode: str, delivery_year: int) -> str:
    """Return why the plan starts a site: locks, platforms, land for firms, supplies, neighbours, gains."""
    parts = [
        *_locked_in(facts, site),
        *_platforms(facts, site, mode),
        *_land(facts, site, mode, delivery_year),
        *_supplies(facts, site, mode),
        *_neighbours(facts, site, mode),
        *_gains(facts, site, mode),
    ]
    return _joined(facts, parts) or facts.voice("reason_value")


def _joined(facts: Facts, parts: list[str]) -> str:
    return ("; " if facts.voice.language == "en" else "；").join(parts)


def _site_locks(facts: Facts, site: str) -> pd.DataFrame:
    locks = facts.filled("locks")
    return locks[(locks["subject"] == "site") & (locks["id"] == site)]


def _locked_in(facts: Facts, site: str) -> list[str]:
    own = _site_locks(facts, site)
    parts = []
    for rule, year in zip(own["rule"], own["year"], strict=True):
        if rule == "must":
            parts.append(facts.voice("reason_must"))
        elif rule == "start_by":
            parts.append(facts.voice("reason_start_by", year=int(year)))
    return parts


def _platforms(facts: Facts, site: str, mode: str) -> list[str]:
    town, names = facts.town, facts.names
    members = town["platform_sites"]
    # only a clearing mode assembles a platform (rule 3)
    if not bool(_mode_row(facts, site, mode)["clears"]) or members.empty or facts.plan["plan_landings"].empty:
        return []
    platforms = facts.filled("platforms")
    platforms = platforms[platforms["platform_id"].isin(members.loc[members["site_id"] == site, "platform_id"])]
    landed = facts.plan["plan_landings"].merge(
        facts.filled("candidates")[["candidate_id", "min_contiguous_mu"]], on="candidate_id"
    )
    landed = landed[landed["min_contiguous_mu"].astype(float) > 0]
    parts = []
    for platform in platforms.to_dict("records"):
        served = landed[
            (landed["park_id"] == platform["park_id"])
            & (landed["min_contiguous_mu"].astype(float) <= float(platform["area_mu"]))
        ]
        if len(served):
            firms = facts.voice.listed(
                [names.of("candidates", firm) for firm in dict.fromkeys(served["candidate_id"])], 3
            )
            parts.append(
                facts.voice(
                    "reason_platform",
                    platform=platform["platform_id"],
                    mu=facts.voice.number(platform["area_mu"]),
                    firms=firms,
                )
            )
    return parts[:2]


def _land(facts: Facts, site: str, mode: str, delivery_year: int) -> list[str]:
    voice = facts.voice
    row = _mode_row(facts, site, mode)
    record = _site_row(facts, site)
    share = float(row["released_share"])
    released = (0.0 if math.isnan(share) else share) * float(record["area_mu"])
    if released <= 0:
        return []
    if delivery_year > facts.years[-1]:
        return [voice("reason_land_later", mu=voice.number(released, 1), year=delivery_year)]
    park = record["park_id"]
    landed = facts.plan["plan_landings"]
    landed = landed[(landed["park_id"] == park) & (landed["year"] >= delivery_year)]
    placements = facts.filled("placements")[["candidate_id", "park_id", "land_mu"]]
    used = landed.merge(placements, on=["candidate_id", "park_id"], how="left")
    mu = float((used["land_mu"].astype(float) * used["count"].astype(float)).sum())
    return [
        voice(
            "reason_land",
            mu=voice.number(released, 1),
            year=delivery_year,
            park=facts.names.of("parks", park),
            count=voice.number(landed["count"].astype(float).sum()),
            used=voice.number(mu, 1),
        )
    ]


def _supplies(facts: Facts, site: str, mode: str) -> list[str]:
    frame = facts.town["site_supplies"]
    if frame.empty:
        return []
    own = frame[(frame["site_id"] == site) & (frame["mode"] == mode)]
    voice = facts.voice
    return [
        voice("reason_supply", resource=facts.names.word("resource", name), amount=voice.number(amount))
        for name, amount in zip(own["resource"], own["amount"], strict=True)
    ]


def neighbours_of(facts: Facts, site: str) -> set[str]:
    """Return the neighbours of a site, whichever way the rows are written."""
    frame = facts.town["site_neighbours"]
    if frame.empty:
        return set()
    return set(frame.loc[frame["site_id"] == site, "neighbour_id"]) | set(
        frame.loc[frame["neighbour_id"] == site, "site_id"]
    )


def _neighbours(facts: Facts, site: str, mode: str) -> list[str]:
    """Name the neighbours that this start lets begin: later ones that clear and are no seeds themselves."""
    if facts.town.plan.contiguity != "growth" or not bool(_mode_row(facts, site, mode)["clears"]):
        return []
    plan = facts.plan["plan_sites"].set_index("site_id")
    starts, modes = plan["start_year"].astype(int), plan["mode"]
    later = [
        other
        for other in sorted(neighbours_of(facts, site))
        if other in starts
        and starts[other] > starts[site]
        and bool(_mode_row(facts, other, modes[other])["clears"])
        and not bool(_site_row(facts, other)["is_seed"])
    ]
    if not later:
        return []
    return [
        facts.voice(
            "reason_neighbours", names=facts.voice.listed([facts.names.of("sites", other) for other in later], 4)
        )
    ]


def _gains(facts: Facts, site: str, mode: str) -> list[str]:
    row, voice = _mode_row(facts, site, mode), facts.voice
    gain = float(row["annual_tax_gain_wan"])
    return [voice("reason_gain", tax=voice.number(gain))] if gain > 0.5 else []


def _site_row(facts: Facts, site: str) -> pd.Series:
    sites = facts.filled("sites")
    return sites[sites["site_id"] == site].iloc[0]


def _mode_row(facts: Facts, site: str, mode: str) -> pd.Series:
    modes = facts.filled("site_modes")
    return modes[(modes["site_id"] == site) & (modes["mode"] == mode)].iloc[0]


def reasons_against(facts: Facts, site: str, mode: str, year: int, planned: int | None) -> str:
    """Return why a site does not start in a year: planned later, locks, window, growth, or limits that are used up."""
    voice = facts.voice
    parts = [voice("not_planned_later", year=planned)] if planned is not None else []
    found = [
        *_locked_out(facts, site, year),
        *_window(facts, site, year),
        *_growth(facts, site, mode, year),
        *_used_up(facts, site, mode, year),
    ]
    if not found:
        # only a proven optimum says that another start is worse; otherwise the search may just not have found it
        proven = facts.summary.get("status") == "optimal"
        key = "not_chosen" if not proven else "not_worth_later" if planned is not None else "not_worth"
        found = [voice(key)]
    return _joined(facts, [*parts, *found])


def _locked_out(facts: Facts, site: str, year: int) -> list[str]:
    own = _site_locks(facts, site)
    parts = []
    for rule, when in zip(own["rule"], own["year"], strict=True):
        if rule == "must_not":
            parts.append(facts.voice("not_locked"))
        elif rule == "not_before" and int(when) > year:
            parts.append(facts.voice("not_before", year=int(when)))
    return parts


def _window(facts: Facts, site: str, year: int) -> list[str]:
    modes = facts.filled("site_modes")
    own = modes[modes["site_id"] == site]
    if ((own["earliest_year"].astype(int) <= year) & (own["latest_year"].astype(int) >= year)).any():
        return []
    return [facts.voice("not_window", first=int(own["earliest_year"].min()), last=int(own["latest_year"].max()))]


def _growth(facts: Facts, site: str, mode: str, year: int) -> list[str]:
    if (
        facts.town.plan.contiguity != "growth"
        or bool(_site_row(facts, site)["is_seed"])
        or not bool(_mode_row(facts, site, mode)["clears"])
    ):
        return []
    clears = {(row["site_id"], row["mode"]) for row in facts.filled("site_modes").to_dict("records") if row["clears"]}
    plan = facts.plan["plan_sites"]
    cleared = {
        site_id
        for site_id, own, start in zip(plan["site_id"], plan["mode"], plan["start_year"], strict=True)
        if int(start) < year and (site_id, own) in clears
    }
    locks = facts.filled("locks")
    done = locks[(locks["rule"] == "done") & (locks["subject"] == "site")]
    cleared |= {site_id for site_id, own in zip(done["id"], done["option"], strict=True) if (site_id, own) in clears}
    return [] if neighbours_of(facts, site) & cleared else [facts.voice("not_reachable", year=year - 1)]


def _used_up(facts: Facts, site: str, mode: str, year: int) -> list[str]:
    """Name the yearly limits that leave no room for the site beside what the plan does that year."""
    voice, row = facts.voice, _mode_row(facts, site, mode)
    area = float(_site_row(facts, site)["area_mu"])
    frame = facts.evaluation.capacities
    used = frame[frame["year"] == year].iloc[0]
    wants = {"clear": area if bool(row["clears"]) else 0.0, "title": float(row["title_mu"])}
    columns = {"clear": ("cleared_mu", "clear_capacity_mu"), "title": ("title_mu", "title_capacity_mu")}
    parts = []
    for name, want in wants.items():
        use, limit = (float(used[column]) for column in columns[name])
        if want > 0 and use + want > limit * (1 + 1e-6):
            parts.append(voice(f"not_{name}", left=voice.number(max(0.0, limit - use), 1), want=voice.number(want, 1)))
    cost = float(row["public_cost_wan"])
    spare = spare_money(facts, year)
    if cost > 0 and cost > spare:
        parts.append(voice("not_money", spare=voice.number(spare), cost=voice.number(cost)))
    return parts


def spare_money(facts: Facts, year: int) -> float:
    """Return what could be spent more in a year, in 万元: the least cash and unused debt room from that year on."""
    money = facts.money["expected"]
    budget = facts.filled("budget").set_index("year")["debt_limit_wan"].astype(float)
    limit = budget.reindex(money["year"]).fillna(0.0).to_numpy()
    room = money["cash_wan"].to_numpy(dtype=float) + limit - money["debt_wan"].to_numpy(dtype=float)
    return max(0.0, float(room[money["year"].to_numpy() >= year].min()))
