"""Rules that need no years: repeated keys, unknown ids, rewards that rise, works that require each other."""

from __future__ import annotations

from typing import Final

import pandas as pd

from zhenxing import schema
from zhenxing.errors import Issue
from zhenxing.planning.consistency.inputs import Inputs, issue, row_ids

#: What refers to a park, a site, a candidate, a work or a platform: table, column, whether it may be empty.
REFERENCES: Final = {
    "park": ("parks", "park_id"),
    "site": ("sites", "site_id"),
    "candidate": ("candidates", "candidate_id"),
    "work": ("works", "work_id"),
    "platform": ("platforms", "platform_id"),
}
REFERRING: Final = {
    "park": (
        ("sites", "park_id", False),
        ("platforms", "park_id", False),
        ("placements", "park_id", False),
        ("candidate_uses", "park_id", True),
        ("park_supply", "park_id", False),
        ("utility_steps", "park_id", False),
        ("facilities", "park_id", False),
        ("work_supplies", "park_id", False),
        ("targets", "park_id", True),
    ),
    "site": (
        ("site_neighbours", "site_id", False),
        ("site_neighbours", "neighbour_id", False),
        ("site_modes", "site_id", False),
        ("site_supplies", "site_id", False),
        ("platform_sites", "site_id", False),
    ),
    "candidate": (("placements", "candidate_id", False), ("candidate_uses", "candidate_id", False)),
    "work": (("work_supplies", "work_id", False), ("works", "requires_work_id", True)),
    "platform": (("platform_sites", "platform_id", False),),
}


def repeated_keys(inputs: Inputs) -> list[Issue]:
    """Two rows of a table must not have the same key (an empty park is a key of its own)."""
    issues = []
    for name in schema.PLAN_INPUT_TABLES:
        key = list(schema.table(name).key)
        frame = inputs.table(name)
        if key and len(frame) > 1:
            twice = frame[frame.duplicated(key, keep=False)]
            if len(twice):
                issues += issue("error", "repeated_key", name, ", ".join(key), row_ids(twice, key))
    return issues


def unknown_ids(inputs: Inputs) -> list[Issue]:
    """Ids of parks, sites, candidates, works and platforms must be defined by their own table."""
    issues = []
    for kind, places in REFERRING.items():
        table, key = REFERENCES[kind]
        known = inputs.ids(table, key)
        for name, column, optional in places:
            used = inputs.table(name)[column]
            lacking = used[~used.isin(known | ({""} if optional else set()))]
            issues += issue("error", f"unknown_{kind}", name, column, lacking)
    return issues


def unknown_lock_ids(inputs: Inputs) -> list[Issue]:
    """A lock names a known site, candidate or work, and a mode of that site or a known park."""
    locks = inputs.table("locks")
    issues = []
    for kind in ("site", "candidate", "work"):
        table, key = REFERENCES[kind]
        named = locks.loc[locks["subject"] == kind, "id"]
        issues += issue("error", f"unknown_{kind}", "locks", "id", named[~named.isin(inputs.ids(table, key))])
    parks = locks[(locks["subject"] == "candidate") & (locks["option"] != "")]["option"]
    issues += issue("error", "unknown_park", "locks", "option", parks[~parks.isin(inputs.ids("parks", "park_id"))])
    modes = locks[
        (locks["subject"] == "site") & (locks["option"] != "") & locks["id"].isin(inputs.ids("sites", "site_id"))
    ]
    lacking = _not_among(modes.rename(columns={"id": "site_id", "option": "mode"}), inputs.table("site_modes"))
    return issues + issue("error", "unknown_mode", "locks", "option", row_ids(lacking, ["site_id", "mode"]))


def unknown_supply_modes(inputs: Inputs) -> list[Issue]:
    """What a site supplies belongs to a mode that the site has."""
    supplies = inputs.table("site_supplies")
    known = supplies[supplies["site_id"].isin(inputs.ids("sites", "site_id"))]
    lacking = _not_among(known, inputs.table("site_modes"))
    return issue("error", "unknown_mode", "site_supplies", "mode", row_ids(lacking, ["site_id", "mode"]))


def rising_rewards(inputs: Inputs) -> list[Issue]:
    """The reward per output of a link must not rise from one segment to the next."""
    rewards = inputs.table("chain_rewards").sort_values(["link_id", "segment"])
    before = rewards.groupby("link_id")["reward_per_output"].shift()
    rising = rewards[rewards["reward_per_output"] > before]
    return issue(
        "error", "rising_reward", "chain_rewards", "reward_per_output", row_ids(rising, ["link_id", "segment"])
    )


def circular_works(inputs: Inputs) -> list[Issue]:
    """Works that require each other can only start together; that is allowed, and seldom meant."""
    works = inputs.table("works")
    requires = {
        work: needed for work, needed in zip(works["work_id"], works["requires_work_id"], strict=True) if needed
    }
    circular = []
    for work in requires:
        passed, at = set(), requires[work]
        while at in requires and at not in passed and at != work:
            passed.add(at)
            at = requires[at]
        if at == work:
            circular.append(work)
    return issue("warning", "circular_works", "works", "requires_work_id", circular)


def _not_among(pairs: pd.DataFrame, modes: pd.DataFrame) -> pd.DataFrame:
    known = set(zip(modes["site_id"], modes["mode"], strict=True))
    held = [pair in known for pair in zip(pairs["site_id"], pairs["mode"], strict=True)]
    return pairs[~pd.Series(held, index=pairs.index, dtype=bool)]


RULES: Final = (repeated_keys, unknown_ids, unknown_lock_ids, unknown_supply_modes, rising_rewards, circular_works)
