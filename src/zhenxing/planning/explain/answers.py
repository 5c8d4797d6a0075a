"""The answer to a wish in plain words: what it costs, between which bounds, what moves, what stands in the way."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import numpy.typing as npt

from zhenxing.errors import Text
from zhenxing.i18n import say
from zhenxing.planning.explain.changes import changes_between, swap_twins
from zhenxing.planning.explain.elastic import Limit
from zhenxing.planning.explain.ground import Ground
from zhenxing.planning.explain.repair import Blocker, Repair
from zhenxing.planning.explain.wishes import Wish
from zhenxing.planning.explain.words import Names, listed
from zhenxing.planning.explain.worth import Worth
from zhenxing.planning.extract import plan_tables, value_parts

Floats = npt.NDArray[np.float64]

# Money below this (万元) is rounding.
CENT = 0.005
MOST_CHANGES, MOST_PARTS, MOST_USERS = 8, 4, 4


def sentences_of(
    ground: Ground,
    wish: Wish,
    names: Names,
    found: Worth | None,
    repair: Repair,
    verdict: str | None,
    *,
    before: bool = False,
) -> tuple[Text, ...]:
    """Return the sentences of an answer, the most important first; ``before`` when the year-0 state meets the wish."""
    label = wish.label(names)
    if verdict == "impossible":
        return (_impossible(label, repair), *(_remedy(blocker, names) for blocker in repair.blockers))
    if verdict is None:
        return (say("why.undecided", wish=label), *_lacking(ground, wish, repair, names))
    if found is None:
        met = say("why.met_before", wish=label) if before else say("why.met", wish=label)
        return (met, *_twin(ground, wish, names))
    told = [_lead(label, found)]
    if found.conditional:
        told.append(_interval(found))
    told += _moves(ground, wish, names, found)
    told += _lacking(ground, wish, repair, names)
    # what remains below the tolerance of a proof is no better plan
    if found.gained_wan > max(1.0, 1e-6 * abs(ground.value)):
        told.append(say("why.improvable", amount=money(found.gained_wan)))
    return tuple(told)


def money(amount: float | None) -> str:
    """Return an amount in 万元 as offices write it: two digits behind the point below 100, none above.

    Examples
    --------
    >>> money(1234.56), money(3.14159), money(None)
    ('1,235', '3.14', '—')
    """
    if amount is None:
        return "—"
    if abs(amount) < CENT:
        return "0"
    return f"{amount:,.0f}" if abs(amount) >= 100 else f"{amount:,.2f}".rstrip("0").rstrip(".")


def _lead(label: Text, found: Worth) -> Text:
    cost = money(found.cost_wan)
    if not found.conditional:
        return say("why.cost_proven", wish=label, cost=cost)
    if found.part is None:
        return say("why.cost_unknown", wish=label, cost=cost)
    part = say("why.part", sites=found.part.sites, candidates=found.part.candidates)
    if found.part.candidates == 0:
        part = say("why.part_sites", sites=found.part.sites)
    if found.part.whole:
        part = say("why.part_whole")
    if found.proved:
        return say("why.cost_within", wish=label, cost=cost, part=part)
    if found.cost_high_wan is None:
        return say("why.cost_at_least", wish=label, cost=cost, low=money(found.cost_low_wan), part=part)
    low, high = money(found.cost_low_wan), money(found.cost_high_wan)
    return say("why.cost_between", wish=label, cost=cost, low=low, high=high, part=part)


def _interval(found: Worth) -> Text:
    low = money(found.low_wan or 0.0)
    if found.high_wan is None:
        return say("why.interval_open", low=low)
    return say(f"why.interval_{'tie' if found.tie else 'cost'}", low=low, high=money(found.high_wan))


def _moves(ground: Ground, wish: Wish, names: Names, found: Worth) -> list[Text]:
    """Say what differs from the same part without the wish: decisions, then parts of the value."""
    if found.before is None or found.after is None:
        return []
    before, after = (
        swap_twins(ground, plan_tables(ground.formulation, solution), wish) for solution in (found.before, found.after)
    )
    changes = changes_between(before, after, names, first=wish.id)
    told = []
    if changes:
        told.append(say("why.changes", changes=_joined(changes, MOST_CHANGES)))
    old, new = (value_parts(ground.formulation, solution) for solution in (found.before, found.after))
    moved = sorted(((name, new[name] - old[name]) for name in new), key=lambda entry: -abs(entry[1]))
    shown = [
        say(
            "why.part_moved",
            name=say(f"check_plan.part_{name}"),
            amount=f"{'+' if amount > 0 else '−'}{money(abs(amount))}",
        )
        for name, amount in moved[:MOST_PARTS]
        if abs(amount) >= CENT
    ]
    if shown:
        told.append(say("why.value_parts", parts=listed(shown, MOST_PARTS)))
    return told


def _joined(texts: list[Text], most: int) -> Text:
    more = say("why.more_changes", count=len(texts) - most) if len(texts) > most else Text("", "")
    shown = texts[:most]
    return Text(
        "；".join(text.zh for text in shown) + more.zh,
        "; ".join(text.en for text in shown) + more.en,
    )


def _twin(ground: Ground, wish: Wish, names: Names) -> list[Text]:
    """Say so where the plan meets the wish with an identical candidate in the place of the one asked for."""
    if wish.subject != "candidate":
        return []
    kept = swap_twins(ground, ground.plan.tables, wish)["plan_landings"]
    given = ground.plan.tables["plan_landings"]
    own, theirs = (
        frame.loc[frame["candidate_id"] == wish.id, ["park_id", "year", "count"]].to_numpy().tolist()
        for frame in (kept, given)
    )
    return [say("why.twin", name=names.of("candidate", wish.id))] if own != theirs else []


# ---- what stands in the way


def _impossible(label: Text, repair: Repair) -> Text:
    if not repair.blockers:
        return say("why.impossible", wish=label)
    if any(blocker.rule in ("done", "target") for blocker in repair.blockers):
        return say("why.impossible_because", wish=label)
    key = "why.impossible_smallest" if repair.smallest else "why.impossible_some"
    return say(key, wish=label)


def _remedy(blocker: Blocker, names: Names) -> Text:
    return say(f"why.repair_{blocker.rule}", **_details(blocker, names))


def _details(blocker: Blocker, names: Names) -> dict[str, object]:
    """Return what the sentence about a limit names."""
    amount = f"{blocker.amount:,.2f}".rstrip("0").rstrip(".")
    shown: dict[str, object] = {"amount": amount, "row": blocker.row_id}
    if blocker.table == "budget":
        return {"year": blocker.row_id, "amount": amount}
    if blocker.rule == "land":
        return {"park": names.of("park", blocker.row_id), "amount": amount}
    if blocker.rule == "supply":
        park, resource = blocker.row_id.split("/", 1)
        return {"park": names.of("park", park), "resource": names.resource(resource), "amount": amount}
    if blocker.rule == "window":
        kind = {"site_modes": "site", "candidates": "candidate", "works": "work"}[blocker.table]
        identifier, _, mode = blocker.row_id.partition("/") if kind == "site" else (blocker.row_id, "", "")
        option = say("why.in_mode", mode=names.mode(mode)) if mode else Text("", "")
        return {
            "name": names.of(kind, identifier),
            "option": option,
            "amount": amount,
            "column": blocker.column,
            "table": blocker.table,
        }
    if blocker.rule == "placement":
        candidate, park = blocker.row_id.rsplit("/", 1)
        return {"name": names.of("candidate", candidate), "park": names.of("park", park)}
    if blocker.rule in ("lock", "done"):
        return {"row": blocker.row_id}
    if blocker.rule in ("growth", "order"):
        return {"name": names.of("site" if blocker.rule == "growth" else "work", blocker.row_id)}
    if blocker.rule in ("leader", "platform", "facility"):
        return {"name": names.of("candidate", blocker.row_id)}
    if blocker.rule == "count":
        return {"name": names.of("candidate", blocker.row_id), "amount": amount}
    return shown


def _lacking(ground: Ground, wish: Wish, repair: Repair, names: Names) -> list[Text]:
    """Say what the plan as it stands leaves too little of for the wish, and who uses it."""
    if not repair.blockers:
        return []
    if wish.subject == "target":
        used_up = [say(f"why.more_{blocker.rule}", **_details(blocker, names)) for blocker in repair.blockers]
        return [say("why.used_up", lacks=_joined(used_up, MOST_CHANGES))]
    told = []
    for blocker in repair.blockers:
        limit = next((one for one in repair.limits if (one.rule, one.row_id) == (blocker.rule, blocker.row_id)), None)
        users = _users(ground, limit, names) if limit is not None else []
        text = say(f"why.lack_{blocker.rule}", **_details(blocker, names))
        if users:
            used = say("why.used_by", users=listed(users, MOST_USERS))
            text = Text(text.zh + used.zh, text.en + used.en)
        told.append(text)
    return [say("why.in_the_way", lacks=_joined(told, MOST_CHANGES))]


def _users(ground: Ground, limit: Limit, names: Names) -> list[Text]:
    """Return the plan's decisions that use a limit, the largest first, with how much."""
    if limit.rule not in ("title", "clearing", "effort", "money", "debt"):
        return []
    model, solution = ground.formulation.model, ground.solution
    use = np.asarray(model.matrix[limit.rows[:1], :].sum(axis=0)).ravel() * solution
    use[~model.integer | (use < CENT)] = 0.0
    by_name: dict[Text, float] = defaultdict(float)
    for column in np.flatnonzero(use).tolist():
        by_name[_decision(ground, column, names)] += float(use[column])
    ordered = sorted(by_name.items(), key=lambda entry: -entry[1])
    unit = say(f"why.unit_{limit.rule}")
    return [Text(*(f"{name[i]} {amount:,.4g} {unit[i]}".strip() for i in (0, 1))) for name, amount in ordered]


def _decision(ground: Ground, column: int, names: Names) -> Text:
    problem = ground.formulation.problem
    if ground.site_of[column] >= 0:
        return names.of("site", problem.sites.ids[ground.site_of[column]])
    if ground.class_of[column] >= 0:
        members = problem.candidates.members[ground.class_of[column]]
        name = names.of("candidate", members[0][0])
        return name if len(members) == 1 else say("why.and_twins", name=name)
    decisions = ground.formulation.decisions
    if decisions.work.span.start <= column < decisions.work.span.stop:
        at = (column - decisions.work.start) // decisions.work.shape[1]
        return names.of("work", problem.works.ids[at])
    return say("why.facilities_and_steps")
