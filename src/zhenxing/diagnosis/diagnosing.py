"""The diagnosis of a town: every part in order, skipped with its reason where the town lacks what it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from zhenxing.diagnosis.chains import load_chain
from zhenxing.diagnosis.parts import COMMITTED, PARTS, Basis, DiagnoseOptions, Part, committed_output
from zhenxing.errors import InputError, Issue, Text, ZhenxingError
from zhenxing.i18n import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

# Everything that a part may read; what --apply writes is not among them, so that a second run sees the same town.
READ: Final = (
    "firms",
    "firm_years",
    "firm_facts",
    "firm_links",
    "links",
    "link_inputs",
    "region_industries",
    "peers",
    "peer_values",
    "indicators",
    "parks",
    "parcels",
    "site_firms",
)
NO_REASON: Final = Text("", "")
# Result tables whose words are counted in the summary.
COUNTED: Final = {
    "chain": ("verdict",),
    "ladder": ("rung", "status"),
    "threshold_watch": ("register_state",),
    "output_per_mu": ("list", "grade"),
    "care_list": ("reason",),
}


__all__ = ["READ", "DiagnoseOptions", "Diagnosis", "PartState", "diagnose", "inputs_fingerprint"]


class Tables(Protocol):
    """A town, or a mapping from table names to frames."""

    def __getitem__(self, name: str, /) -> pd.DataFrame:
        """Return a table."""

    def __contains__(self, name: str, /) -> bool:
        """Whether there is such a table."""

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the tables."""


@dataclass(frozen=True)
class PartState:
    """Whether a part was made, and why not."""

    part: str
    state: str
    reason: Text = NO_REASON


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """What the diagnosis of a town found.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        Result tables of the parts asked for, as declared in the group ``diagnosis``.
    inputs : mapping of str to DataFrame
        Derived rows for the town's input tables (``store.apply_derived`` merges them).
    states : tuple of PartState
        Each part asked for: ``made``, ``skipped`` (tables lacking) or ``failed`` (tables faulty).
    issues : tuple of Issue
        Findings of the parts.
    summary : dict
        Content of ``summary.json``.
    """

    tables: Mapping[str, pd.DataFrame]
    inputs: Mapping[str, pd.DataFrame]
    states: tuple[PartState, ...]
    issues: tuple[Issue, ...]
    summary: dict[str, Any] = field(default_factory=dict)


def diagnose(town: Tables, options: DiagnoseOptions | None = None) -> Diagnosis:
    """Diagnose a town: its chain, its firms' way up, its land's output, its place beside others.

    Parts whose tables the town lacks are skipped and say so; a part that finds its tables faulty is left out with the
    reason, the others are made all the same.

    Parameters
    ----------
    town : Town or mapping of str to DataFrame
        The town's tables; see ``READ`` for those that are looked at.
    options : DiagnoseOptions, optional
        Parts, year, chain, scheme.

    Returns
    -------
    Diagnosis

    Raises
    ------
    InputError
        When a part asked for does not exist.

    Examples
    --------
    >>> import pandas as pd
    >>> firms = pd.DataFrame({"firm_id": ["a"], "name": ["甲灯饰厂"], "scope": ["一般项目：照明器具制造"]})
    >>> found = diagnose({"firms": firms})
    >>> found.tables["firm_links"]["link_id"].tolist(), [(one.part, one.state) for one in found.states][:2]
    (['LAMP'], [('classification', 'made'), ('chain', 'skipped')])
    """
    options = _of_town(town, options or DiagnoseOptions())
    asked = _asked(options)
    tables, issues = _resolved(town, options)
    basis = Basis(tables, options)
    states: dict[str, PartState] = {}
    results: dict[str, pd.DataFrame] = {}
    inputs: dict[str, pd.DataFrame] = {}
    needed = _needed(asked)
    for part in PARTS:
        if part.name not in needed:
            continue
        states[part.name], found = _made(part, basis, states)
        if found is None:
            continue
        basis.found.update(found.tables)
        issues += found.issues
        if part.name in asked:
            results.update(found.tables)
            inputs.update(found.inputs)
    told = tuple(states[name] for name in asked)
    made = Diagnosis(results, inputs, told, tuple(issues))
    made.summary.update(_summary(made, tables, options))
    return made


def inputs_fingerprint(town: Tables, chain: str = "lighting") -> str:
    """Return the SHA-256 of the tables that a diagnosis reads, as its summary states it.

    Parameters
    ----------
    town : Town or mapping of str to DataFrame
        The town.
    chain : str
        The shipped chain taken where the town has none.
    """
    from zhenxing.store.fingerprint import tables_sha256

    return tables_sha256(_resolved(town, DiagnoseOptions(chain=chain))[0])


def _of_town(town: Tables, options: DiagnoseOptions) -> DiagnoseOptions:
    """Return the options with the town's own code and first plan year, where none are given."""
    from dataclasses import replace

    settings = getattr(town, "settings", None)
    if settings is None:
        return options
    first = settings.plan.base_year + 1 if settings.plan is not None else None
    return replace(options, home=options.home or str(settings.town.code or ""), push_from=options.push_from or first)


def _asked(options: DiagnoseOptions) -> tuple[str, ...]:
    known = tuple(part.name for part in PARTS)
    unknown = [name for name in options.only if name not in known]
    if unknown:
        raise InputError(say("diagnosis.unknown_part", names=", ".join(unknown), known=", ".join(known)))
    return tuple(name for name in known if not options.only or name in options.only)


def _needed(asked: tuple[str, ...]) -> set[str]:
    needed = set(asked)
    for part in reversed(PARTS):
        if part.name in needed:
            needed |= set(part.rests_on)
    return needed


def _resolved(town: Tables, options: DiagnoseOptions) -> tuple[dict[str, pd.DataFrame], list[Issue]]:
    """Return the tables that parts read, with the shipped chain where the town has none, and what has landed."""
    import pandas as pd

    tables = {name: town[name] for name in READ if name in town and len(town[name])}
    locks, candidates = (town[name] if name in town else pd.DataFrame() for name in ("locks", "candidates"))
    tables[COMMITTED] = committed_output(locks, candidates, tables.get("firms", pd.DataFrame({"firm_id": []})))
    issues: list[Issue] = []
    if "links" not in tables:
        tables["links"], shipped = load_chain(options.chain)
        tables.setdefault("link_inputs", shipped)
        issues.append(Issue("info", "shipped_chain", say("diagnosis.shipped_chain", chain=options.chain), "links"))
    elif "link_inputs" not in tables:
        shipped_links, shipped = load_chain(options.chain)
        own = set(tables["links"]["link_id"])
        known = shipped[shipped["upstream_id"].isin(own) & shipped["downstream_id"].isin(own)]
        if len(known):
            tables["link_inputs"] = known.reset_index(drop=True)
            text = say("diagnosis.shipped_inputs", chain=options.chain, count=len(known))
            issues.append(Issue("info", "shipped_inputs", text, "link_inputs"))
    return tables, issues


def _made(part: Part, basis: Basis, before: Mapping[str, PartState]) -> tuple[PartState, Any]:
    lacking = [name for name in part.needs if not basis.has(name)]
    if lacking:
        return PartState(part.name, "skipped", say("diagnosis.lacks", tables=", ".join(lacking))), None
    stopped = [name for name in part.rests_on if before[name].state != "made"]
    if stopped:
        return PartState(part.name, "skipped", say("diagnosis.rests_on", parts=", ".join(stopped))), None
    try:
        return PartState(part.name, "made"), part.make(basis)
    except ZhenxingError as error:
        return PartState(part.name, "failed", error.text), None


def _summary(made: Diagnosis, tables: Mapping[str, pd.DataFrame], options: DiagnoseOptions) -> dict[str, Any]:
    from importlib.metadata import version

    from zhenxing.store.fingerprint import tables_sha256

    return {
        "stage": "diagnose",
        "inputs_sha256": tables_sha256(tables),
        "options": {
            "only": list(options.only),
            "year": options.year,
            "chain": options.chain,
            "scheme": options.scheme,
            "home": options.home,
            "visits": options.visits,
        },
        "parts": [
            {"part": one.part, "state": one.state, "zh": one.reason.zh, "en": one.reason.en} for one in made.states
        ],
        "counts": {name: len(frame) for name, frame in made.tables.items()},
        "derived": {name: len(frame) for name, frame in made.inputs.items()},
        "verdicts": _counted(made.tables),
        "issues": {level: sum(issue.level == level for issue in made.issues) for level in ("error", "warning", "info")},
        "versions": {"zhenxing": version("zhenxing")},
    }


def _counted(tables: Mapping[str, pd.DataFrame]) -> dict[str, dict[str, int]]:
    counted: dict[str, dict[str, int]] = {}
    for name, columns in COUNTED.items():
        if name in tables and set(columns) <= set(tables[name].columns):
            sizes = tables[name].groupby(list(columns), dropna=False).size()
            counted[name] = {
                "/".join(str(part) for part in (key if isinstance(key, tuple) else (key,))): int(count)
                for key, count in sizes.items()
            }
    return counted
