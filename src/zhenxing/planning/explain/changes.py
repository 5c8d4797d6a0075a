"""What moves in a plan: two sets of plan tables compared, in words; and twins among candidates told apart."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from zhenxing.errors import Text
from zhenxing.i18n import say
from zhenxing.planning.explain.ground import Ground
from zhenxing.planning.explain.wishes import Wish
from zhenxing.planning.explain.words import Names

Tables = Mapping[str, pd.DataFrame]


def swap_twins(ground: Ground, tables: Tables, wish: Wish) -> dict[str, pd.DataFrame]:
    """Return plan tables in which the wish's own candidate takes the place of an identical one, or leaves it.

    Identical candidates are one class in the model: which of them takes a place changes nothing but its name.
    """
    result = dict(tables)
    if wish.subject != "candidate":
        return result
    candidates = ground.formulation.problem.candidates
    members = dict(candidates.members[candidates.class_of(wish.id)])
    if len(members) == 1:
        return result
    rows = result["plan_landings"].to_dict("records")
    places: list[tuple[str, int]] = []
    others = []
    for row in rows:
        if row["candidate_id"] in members:
            places += [(str(row["park_id"]), int(row["year"]))] * int(row["count"])
        else:
            others.append((str(row["candidate_id"]), str(row["park_id"]), int(row["year"]), int(row["count"])))
    # a place that the wish wants first, or one that it does not mind last
    wanted = [place for place in places if _concerns(wish, place)]
    rest = [place for place in places if not _concerns(wish, place)]
    order = [wish.id, *(name for name in members if name != wish.id)]
    ranked = [*wanted, *rest]
    if wish.rule in ("must_not", "not_before"):
        order = [*order[1:], wish.id]
    counts: dict[tuple[str, str, int], int] = {}
    left = dict(members)
    for park, year in ranked:
        taker = next(name for name in order if left[name] > 0)
        left[taker] -= 1
        counts[taker, park, year] = counts.get((taker, park, year), 0) + 1
    everything = [*others, *((*key, count) for key, count in counts.items())]
    frame = pd.DataFrame(everything, columns=["candidate_id", "park_id", "year", "count"])
    frame = frame.sort_values(["year", "candidate_id", "park_id"], kind="stable").reset_index(drop=True)
    result["plan_landings"] = frame.astype(result["plan_landings"][frame.columns].dtypes.to_dict())
    return result


def _concerns(wish: Wish, place: tuple[str, int]) -> bool:
    """Whether a landing is one that the wish asks for, or one that it forbids."""
    park, year = place
    if wish.option and park != wish.option:
        return False
    if wish.rule == "start_by":
        return year <= wish.year
    return year < wish.year if wish.rule == "not_before" else True


def changes_between(before: Tables, after: Tables, names: Names, first: str = "") -> list[Text]:
    """Return what differs between two plans, a phrase for each site, firm, work, facility and step; ``first`` leads."""
    found = [*_starts(before, after, names, "site", "plan_sites", "site_id")]
    found += _landings(before, after, names)
    found += _starts(before, after, names, "work", "plan_works", "work_id")
    found += _payments(before, after, names)
    found.sort(key=lambda entry: entry[0] != first)
    return [text for _, text in found]


def _starts(before: Tables, after: Tables, names: Names, kind: str, table: str, key: str) -> list[tuple[str, Text]]:
    old, new = (_by_id(tables[table], key) for tables in (before, after))
    found = []
    for identifier in sorted({*old, *new}):
        was, now = old.get(identifier), new.get(identifier)
        if was == now:
            continue
        name = names.of(kind, identifier)
        if now is None and was is not None:
            text = say("why.change_start_dropped", name=name, year=was[1])
        elif was is None and now is not None:
            text = say("why.change_start_added", name=name, year=now[1], mode=_in_mode(now[0], names))
        else:
            assert was is not None
            assert now is not None
            mode = _in_mode(now[0], names) if was[0] != now[0] else Text("", "")
            if was[1] == now[1]:
                text = say("why.change_start_mode", name=name, mode=mode)
            else:
                text = say("why.change_start_moved", name=name, old=was[1], new=now[1], mode=mode)
        found.append((identifier, text))
    return found


def _in_mode(mode: str, names: Names) -> Text:
    return say("why.in_mode", mode=names.mode(mode)) if mode else Text("", "")


def _by_id(frame: pd.DataFrame, key: str) -> dict[str, tuple[str, int]]:
    modes = frame["mode"].astype(str).tolist() if "mode" in frame else [""] * len(frame)
    return {
        str(identifier): (mode, int(year))
        for identifier, mode, year in zip(frame[key], modes, frame["start_year"], strict=True)
    }


def _landings(before: Tables, after: Tables, names: Names) -> list[tuple[str, Text]]:
    old, new = (_places(tables["plan_landings"]) for tables in (before, after))
    found = []
    for identifier in sorted({*old, *new}):
        was, now = old.get(identifier, {}), new.get(identifier, {})
        if was == now:
            continue
        name = names.of("candidate", identifier)
        shown = [_where(places, names) for places in (was, now)]
        if not now:
            text = say("why.change_landing_dropped", name=name, old=shown[0])
        elif not was:
            text = say("why.change_landing_added", name=name, new=shown[1])
        else:
            text = say("why.change_landing_moved", name=name, old=shown[0], new=shown[1])
        found.append((identifier, text))
    return found


def _places(frame: pd.DataFrame) -> dict[str, dict[tuple[str, int], int]]:
    found: dict[str, dict[tuple[str, int], int]] = {}
    for identifier, park, year, count in zip(
        frame["candidate_id"], frame["park_id"], frame["year"], frame["count"], strict=True
    ):
        places = found.setdefault(str(identifier), {})
        places[str(park), int(year)] = places.get((str(park), int(year)), 0) + int(count)
    return found


def _where(places: Mapping[tuple[str, int], int], names: Names) -> Text:
    texts = [
        say(
            "why.place" if count == 1 else "why.place_several",
            park=names.of("park", park),
            year=year,
            **({} if count == 1 else {"count": count}),
        )
        for (park, year), count in sorted(places.items())
    ]
    return Text("、".join(text.zh for text in texts), ", ".join(text.en for text in texts))


def _payments(before: Tables, after: Tables, names: Names) -> list[tuple[str, Text]]:
    found = []
    for table, keys in (
        ("plan_facilities", ("park_id", "facility_id")),
        ("plan_utilities", ("park_id", "resource", "step")),
    ):
        old, new = (
            {
                tuple(str(part) for part in key): int(year)
                for *key, year in zip(*(tables[table][name] for name in keys), tables[table]["year"], strict=True)
            }
            for tables in (before, after)
        )
        for key in sorted({*old, *new}):
            if old.get(key) == new.get(key):
                continue
            name = Text(*(" ".join((names.of("park", key[0])[i], *key[1:])) for i in (0, 1)))
            if key not in new:
                text = say("why.change_paid_dropped", name=name, year=old[key])
            elif key not in old:
                text = say("why.change_paid_added", name=name, year=new[key])
            else:
                text = say("why.change_paid_moved", name=name, old=old[key], new=new[key])
            found.append(("/".join(key), text))
    return found
