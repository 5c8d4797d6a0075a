"""The random choices behind a tiny town, one function per part of the plan model."""

from __future__ import annotations

from random import Random
from typing import Any


class Draw:
    """The random choices behind one tiny town, table by table."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.T = 3 if self.chance(0.4) else 2
        self.years = [2025 + t for t in range(1, self.T + 1)]
        self.parks = ["p", "q"] if self.chance(0.7) else ["p"]
        self.tables: dict[str, list[dict[str, Any]]] = {}

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def pick(self, *values: Any) -> Any:
        return self.random.choice(values)

    def uniform(self, low: float, high: float) -> float:
        return round(self.random.uniform(low, high), 2)

    def add(self, table: str, **row: Any) -> dict[str, Any]:
        self.tables.setdefault(table, []).append(row)
        return row

    def rows(self, table: str) -> list[dict[str, Any]]:
        return self.tables.get(table, [])


def draw_settings(draw: Draw) -> dict[str, Any]:
    settings = {
        "horizon_years": draw.T,
        "discount_rate": draw.pick(0.0, 0.04, 0.06, 0.1),
        "tail_years": draw.pick(0, 1, 3, 10),
        "tax_weight": draw.pick(1.0, 0.8),
        "value_added_weight": draw.pick(0.0, 0.1, 0.3),
        "tax_retained_share": draw.pick(0.25, 0.5),
        "interest_rate": draw.pick(0.0, 0.045, 0.1),
        "initial_cash_wan": draw.pick(0.0, 20.0, 100.0),
        "first_year_cost_share": draw.pick(0.5, 0.3, 1.0, 0.0),
        "land_reserve_value_wan_per_mu": draw.pick(0.0, 0.0, 1.5, 4.0),
        "cash_probability_floor": draw.pick(0.0, 0.0, 0.5, 0.6),
        "contiguity": draw.pick("growth", "none"),
    }
    if draw.chance(0.2):
        settings["initial_debt_wan"] = draw.uniform(2, 20)
    if draw.chance(0.5):
        settings["exit_compensation_wan_per_m2"] = draw.pick(0.0, 0.004, 0.02)
        settings["exit_loss_wan_per_m2"] = draw.pick(0.0, 0.002, 0.01)
        settings["moving_cost_wan_per_m2"] = draw.pick(0.0, 0.03)
    return settings


def _draw_parks_and_sites(draw: Draw) -> None:
    for park in draw.parks:
        vacant, price = draw.pick(0.0, 2.0, 5.0, 9.0), draw.pick(0.0, 3.0, 8.0)
        draw.add(
            "parks", park_id=park, vacant_mu=vacant, land_price_wan_per_mu=price, resettlement_far=draw.pick(1.0, 2.0)
        )
    count = draw.random.randint(2, 4 if draw.T == 2 else 3)
    for number in range(count):
        site, area = f"s{number}", draw.uniform(3, 10)
        floor = draw.pick(0.0, 0.0, 500.0, 1500.0)
        draw.add(
            "sites",
            site_id=site,
            park_id=draw.pick(*draw.parks),
            area_mu=area,
            floor_m2=floor,
            is_seed=number == 0 or draw.chance(0.15),
        )
        if number and draw.chance(0.9):
            pair = [f"s{draw.pick(number - 1, draw.random.randrange(number))}", site]
            if draw.chance(0.5):
                pair.reverse()
            draw.add("site_neighbours", site_id=pair[0], neighbour_id=pair[1])
        _draw_modes(draw, site, area)


def _draw_modes(draw: Draw, site: str, area: float) -> None:
    row = draw.add(
        "site_modes",
        site_id=site,
        mode="rebuild",
        lead_years=draw.pick(0, 0, 1, 1, 1, 2, 6),
        released_share=draw.pick(0.5, 0.8, 1.0),
        displaced_share=draw.pick(0.0, 0.5, 1.0),
        title_mu=draw.pick(0.0, area / 2, area),
        public_cost_wan=draw.uniform(2, 50),
        annual_tax_gain_wan=draw.pick(0.0, 0.0, draw.uniform(-1, 15)),
        above_scale_loss=draw.pick(0.0, 0.0, 0.5, 1.0),
    )
    if draw.chance(0.15):
        row["earliest_year"], row["latest_year"] = draw.pick(*draw.years), 2099
    if draw.chance(0.35):
        draw.add(
            "site_modes",
            site_id=site,
            mode="repair",
            clears=False,
            lead_years=draw.pick(0, 1),
            released_share=draw.pick(0.0, 0.2),
            displaced_share=draw.pick(0.0, 0.1),
            title_mu=draw.pick(0.0, 1.0),
            public_cost_wan=draw.uniform(0, 15),
            annual_tax_gain_wan=draw.uniform(0, 5),
            annual_value_added_gain_wan=draw.uniform(0, 20),
        )


def _draw_candidates(draw: Draw) -> None:
    for number in range(draw.random.randint(2, 4 if draw.T == 2 else 3)):
        row = draw.add(
            "candidates",
            candidate_id=f"c{number}",
            link_id=draw.pick("l", "l", "m", ""),
            count=draw.pick(1, 1, 1, 2),
            land_mu=draw.uniform(1, 7),
            annual_tax_wan=draw.uniform(2, 45),
            annual_value_added_wan=draw.uniform(0, 60),
            annual_output_wan=draw.uniform(20, 200),
            investment_wan=draw.uniform(10, 300),
            probability=draw.pick(1.0, 1.0, 0.8, 0.5, 0.3),
            effort_months=draw.pick(0.0, 1.0, 2.0, 3.0),
            subsidy_wan=draw.pick(0.0, draw.uniform(0, 15)),
            becomes_above_scale=draw.chance(0.5),
            pays_land=draw.chance(0.8),
        )
        if draw.chance(0.25):
            row["first_year"] = draw.pick(*draw.years)
        if draw.chance(0.25):
            row["last_year"] = draw.pick(*draw.years)
        for park in draw.parks:
            if park == "p" or draw.chance(0.6):
                place = draw.add(
                    "placements", candidate_id=row["candidate_id"], park_id=park, fit_wan=draw.uniform(-10, 10)
                )
                if draw.chance(0.2):
                    place["land_mu"] = draw.uniform(1, 7)
    if draw.chance(0.45):
        for row in draw.rows("candidates")[1:]:
            row["follows_leader"] = draw.chance(0.7)
        leader = draw.rows("candidates")[0]
        leader["is_leader"], leader["follows_leader"] = draw.chance(0.85), draw.chance(0.3)
        if leader["is_leader"]:
            leader["link_id"] = "l"


def _draw_platforms(draw: Draw) -> None:
    if not draw.chance(0.45):
        return
    park = draw.pick(*draw.parks)
    here = [row for row in draw.rows("sites") if row["park_id"] == park]
    members = draw.random.sample(here, min(len(here), draw.pick(0, 1, 1, 2)))
    area = sum(row["area_mu"] for row in members) + 1.0
    draw.add("platforms", platform_id="k0", park_id=park, area_mu=area)
    for row in members:
        draw.add("platform_sites", platform_id="k0", site_id=row["site_id"])
    if draw.chance(0.3):
        draw.add("platforms", platform_id="k1", park_id="p", area_mu=area / 2)
        draw.add("platform_sites", platform_id="k1", site_id="s0")
    for row in draw.random.sample(draw.rows("candidates"), draw.pick(1, 2)):
        row["min_contiguous_mu"] = draw.pick(area, area / 2, area / 2, area + 1)


def _draw_facilities(draw: Draw) -> None:
    if not draw.chance(0.4):
        return
    park = draw.pick(*draw.parks)
    draw.add(
        "facilities",
        park_id=park,
        facility_id="plating",
        cost_wan=draw.uniform(0, 12),
        lead_years=draw.pick(0, 0, 1, 2),
    )
    for row in draw.random.sample(draw.rows("candidates"), draw.pick(1, 1, 2)):
        row["facility_id"] = "plating"


def _draw_resources(draw: Draw) -> None:
    if not draw.chance(0.55):
        return
    park = draw.pick(*draw.parks)
    draw.add("park_supply", park_id=park, resource="power", amount=draw.uniform(0, 5))
    for row in draw.rows("candidates"):
        draw.add("candidate_uses", candidate_id=row["candidate_id"], resource="power", amount=draw.uniform(1, 4))
        if draw.chance(0.3):
            draw.add(
                "candidate_uses",
                candidate_id=row["candidate_id"],
                resource="power",
                amount=draw.uniform(0, 5),
                park_id=park,
            )
        if draw.chance(0.2):
            draw.add("candidate_uses", candidate_id=row["candidate_id"], resource="water", amount=9.0)
    for step in draw.pick((), (1,), (1, 3)):
        draw.add(
            "utility_steps",
            park_id=park,
            resource="power",
            step=step,
            adds=draw.uniform(1, 5),
            cost_wan=draw.uniform(0, 8),
            lead_years=draw.pick(0, 0, 1, 2),
        )
    for row in draw.rows("site_modes"):
        if draw.chance(0.25):
            resource = draw.pick("power", "power", "water")
            draw.add(
                "site_supplies", site_id=row["site_id"], mode=row["mode"], resource=resource, amount=draw.uniform(0, 4)
            )


def _draw_works(draw: Draw) -> None:
    if not draw.chance(0.45):
        return
    for number in range(draw.pick(1, 1, 2)):
        row = draw.add(
            "works",
            work_id=f"w{number}",
            cost_wan=draw.uniform(1, 25),
            lead_years=draw.pick(0, 1, 2),
            annual_tax_gain_wan=draw.uniform(-1, 5),
            annual_value_added_gain_wan=draw.uniform(0, 10),
            annual_benefit_wan=draw.uniform(-2, 12),
        )
        if number and draw.chance(0.8):
            row["requires_work_id"] = "w0"
        if draw.chance(0.2):
            row["earliest_year"] = draw.pick(*draw.years)
        if draw.rows("park_supply") and draw.chance(0.5):
            draw.add(
                "work_supplies",
                work_id=f"w{number}",
                park_id=draw.pick(*draw.parks),
                resource="power",
                amount=draw.uniform(1, 5),
            )


def _draw_chain(draw: Draw) -> None:
    if draw.chance(0.5):
        for segment, reward in zip((1, 2, 5), (0.15, 0.1, 0.02), strict=True):
            draw.add(
                "chain_rewards",
                link_id="l",
                segment=segment,
                output_wan=draw.uniform(20, 150),
                reward_per_output=reward,
            )


def _draw_done(draw: Draw) -> None:
    if not draw.chance(0.35):
        return
    kind = draw.pick("site", "candidate", "both")
    if kind != "candidate":
        row = draw.pick(*draw.rows("site_modes"))
        draw.add(
            "locks",
            subject="site",
            id=row["site_id"],
            option=row["mode"],
            rule="done",
            year=draw.pick(2025, 2025, 2024, 2015),
        )
    if kind != "site":
        row = draw.pick(*draw.rows("placements"))
        candidate = next(one for one in draw.rows("candidates") if one["candidate_id"] == row["candidate_id"])
        draw.add(
            "locks",
            subject="candidate",
            id=row["candidate_id"],
            option=row["park_id"],
            rule="done",
            year=2023,
            count=draw.pick(1, candidate["count"]),
        )
    if draw.rows("works") and draw.chance(0.6):
        draw.add("locks", subject="work", id="w0", rule="done", year=2025)


def _draw_budget(draw: Draw) -> None:
    tight = draw.chance(0.5)
    limits = {
        "title_capacity_mu": draw.chance(0.35),
        "clear_capacity_mu": draw.chance(0.35),
        "effort_months": draw.chance(0.4),
    }
    debt = draw.chance(0.5)
    for year in draw.years:
        if draw.chance(0.08):
            continue
        row = draw.add("budget", year=year, own_funds_wan=draw.uniform(5, 45) if tight else draw.uniform(30, 150))
        if debt:
            row["debt_limit_wan"] = draw.uniform(5, 60)
        if draw.chance(0.2):
            row["committed_outlay_wan"] = draw.uniform(0, 8)
        for name, limited in limits.items():
            if limited:
                row[name] = draw.uniform(1, 6) if name == "effort_months" else draw.uniform(4, 16)


INDICATORS = (
    "cleared_mu",
    "released_mu",
    "landed_projects",
    "above_scale_firms",
    "above_scale_net",
    "landed_investment_wan",
    "annual_tax_wan",
)


def _draw_targets(draw: Draw) -> None:
    if not draw.chance(0.7):
        return
    for _ in range(draw.random.randint(1, 4)):
        indicator = draw.pick(*INDICATORS)
        size = {
            "landed_projects": 2.0,
            "above_scale_firms": 1.5,
            "above_scale_net": 1.0,
            "landed_investment_wan": 200.0,
        }.get(indicator, 12.0)
        row = draw.add(
            "targets",
            indicator=indicator,
            year=draw.pick(*draw.years, 2040),
            target=draw.uniform(size / 2, size),
            penalty_wan_per_unit=draw.uniform(0, 40 / size),
        )
        if draw.chance(0.3):
            row["baseline"] = draw.uniform(-size / 4, size / 4)
        if draw.chance(0.4):
            row["park_id"] = draw.pick(*draw.parks)


def _draw_locks(draw: Draw) -> None:
    if not draw.chance(0.6):
        return
    done = {(row["subject"], row["id"]) for row in draw.rows("locks")}
    for _ in range(draw.pick(1, 1, 2)):
        subject = draw.pick("site", "candidate", "work" if draw.rows("works") else "site")
        rule = draw.pick("must", "must_not", "start_by", "not_before", "not_before")
        table, option = {"site": ("site_modes", "mode"), "candidate": ("placements", "park_id"), "work": ("works", "")}[
            subject
        ]
        row = draw.pick(*draw.rows(table))
        lock = {"subject": subject, "id": row[f"{subject}_id"], "rule": rule}
        if option and draw.chance(0.4):
            lock["option"] = row[option]
        if rule in ("start_by", "not_before"):
            early = 2025 if (subject, lock["id"]) in done or draw.chance(0.1) else draw.years[-1]
            lock["year"] = draw.pick(*draw.years, draw.years[-1], early, 2040)
        draw.add("locks", **lock)


PARTS = (
    _draw_parks_and_sites,
    _draw_candidates,
    _draw_platforms,
    _draw_facilities,
    _draw_resources,
    _draw_works,
    _draw_chain,
    _draw_done,
    _draw_budget,
    _draw_targets,
    _draw_locks,
)
