"""Schemes of output-per-mu grading: which indicators count how much, against which base, and how grades are cut."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Literal

from zhenxing.errors import InputError, Text
from zhenxing.i18n import name_rows, say
from zhenxing.rules.files import records

FirmList = Literal["above_scale", "below_scale", "small", "tenant"]
LISTS: tuple[FirmList, ...] = ("above_scale", "below_scale", "small", "tenant")
GRADES = ("A", "B", "C", "D")
PRESETS = ("p1", "p2", "p3", "huangyan")


@dataclass(frozen=True)
class Ratio:
    """What an indicator divides: two columns of a firm's year (or its land), times a factor to the unit stated."""

    over: str
    under: str
    unit: str
    factor: float = 1.0


INDICATORS: Mapping[str, Ratio] = {
    "tax_per_mu": Ratio("tax_wan", "land_mu", "wan/mu"),
    "value_added_per_mu": Ratio("value_added_wan", "land_mu", "wan/mu"),
    "revenue_per_mu": Ratio("revenue_wan", "land_mu", "wan/mu"),
    "output_per_mu": Ratio("output_wan", "land_mu", "wan/mu"),
    "value_added_per_energy": Ratio("value_added_wan", "energy_tce", "wan/tce"),
    "value_added_per_emission": Ratio("value_added_wan", "emission_eq", "wan per equivalent"),
    "productivity": Ratio("value_added_wan", "employees", "wan/person"),
    "rd_share": Ratio("rd_wan", "main_revenue_wan", "share"),
    # 1 wan yuan per MWh is 10 yuan per kWh
    "tax_per_electricity": Ratio("tax_wan", "electricity_mwh", "yuan/kWh", 10.0),
}


@dataclass(frozen=True)
class Weighted:
    """One indicator of a scheme: weight in points, base (NaN: the list's mean), cap as a multiple of the weight."""

    indicator: str
    weight: float
    base: float = math.nan
    cap: float = math.inf
    missing: Literal["zero", "peer_mean"] = "zero"


@dataclass(frozen=True)
class Scheme:
    """A scheme: indicators by list, cuts of the grades, and who is graded.

    Parameters
    ----------
    id : str
        Name of the preset or of the user's own scheme.
    indicators : mapping
        For ``above_scale`` and ``below_scale``: the weighted indicators. The lists ``small`` and ``tenant`` use those
        of ``below_scale`` unless they have their own.
    cuts : tuple of float
        Rank shares up to which a firm is A, B and C; the rest is D.
    lists : tuple of str
        The lists that are graded.
    below_scale_land_mu, tenant_floor_m2 : float
        Least land of the list ``below_scale`` in mu, least rented floor of a tenant in m2.
    start_up_years : int
        Firms of ``start_up_lists`` younger than this are not graded.
    treated_as : str
        The grade whose treatment a firm gets that is not graded; empty when the rule names none.
    tenant_rule : {"own", "host"}
        Whether tenants are ranked in a list of their own or take the grade of the owner of their parcel.
    excluded_divisions : tuple of str
        Two-digit industry divisions that are not graded.
    tenure : str
        Tenure of the parcels that are graded, such as ``state``; empty for any. A firm whose parcel or tenure is not
        known is graded.
    default_far : float
        Plot ratio of a parcel that does not give one.
    assumed : tuple of str
        What of the scheme is an assumption and not the rule's own.
    """

    id: str
    indicators: Mapping[str, tuple[Weighted, ...]]
    cuts: tuple[float, float, float] = (0.25, 0.70, 0.95)
    lists: tuple[str, ...] = LISTS
    below_scale_land_mu: float = 3.0
    tenant_floor_m2: float = 0.0
    start_up_years: int = 0
    start_up_lists: tuple[str, ...] = ()
    treated_as: str = ""
    tenant_rule: Literal["own", "host"] = "own"
    excluded_divisions: tuple[str, ...] = ()
    tenure: str = ""
    default_far: float = 0.7
    assumed: tuple[str, ...] = ()
    name: Text = field(default_factory=lambda: Text("自定方案", "own scheme"))
    note: Text = field(default_factory=lambda: Text("", ""))
    valid_from: str = ""
    valid_to: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        _validate(self)

    def of(self, firm_list: str) -> tuple[Weighted, ...]:
        """Return the weighted indicators of a list."""
        return self.indicators.get(firm_list) or self.indicators["below_scale"]

    def with_weights(self, firm_list: str, weights: Mapping[str, float]) -> Scheme:
        """Return the scheme with other weights for one list; they must add up to 100.

        Examples
        --------
        >>> other = read_scheme("p1").with_weights("below_scale", {"tax_per_mu": 60, "tax_per_electricity": 40})
        >>> [each.weight for each in other.of("below_scale")]
        [60.0, 40.0]
        """
        present = {each.indicator: each for each in self.of(firm_list)}
        unknown = [name for name in weights if name not in INDICATORS]
        if unknown:
            raise _wrong(self.id, Text(f"没有指标 {unknown[0]}", f"there is no indicator {unknown[0]}"))
        changed = tuple(
            replace(present.get(name, Weighted(name, 0.0)), weight=float(weight)) for name, weight in weights.items()
        )
        return replace(self, indicators={**self.indicators, firm_list: changed})


def _wrong(scheme: str, what: Text) -> InputError:
    return InputError(say("diagnosis_output_per_mu.bad_scheme", scheme=scheme, what=what))


def _validate(scheme: Scheme) -> None:
    for needed in ("above_scale", "below_scale"):
        if not scheme.indicators.get(needed):
            raise _wrong(scheme.id, Text(f"缺少列表 {needed} 的指标", f"the list {needed} has no indicators"))
    for firm_list, weighted in scheme.indicators.items():
        if firm_list not in LISTS:
            raise _wrong(scheme.id, Text(f"没有列表 {firm_list}", f"there is no list {firm_list}"))
        names = [each.indicator for each in weighted]
        unknown = [name for name in names if name not in INDICATORS]
        if unknown or len(set(names)) < len(names):
            name = unknown[0] if unknown else next(name for name in names if names.count(name) > 1)
            raise _wrong(scheme.id, Text(f"指标 {name} 不存在或重复", f"indicator {name} is unknown or repeated"))
        if any(not (math.isfinite(each.weight) and each.weight >= 0) for each in weighted):
            raise _wrong(scheme.id, Text(f"{firm_list} 有负的或缺失的权重", f"{firm_list} has a negative or no weight"))
        total = math.fsum(each.weight for each in weighted)
        if abs(total - 100) > 1e-9:
            raise InputError(
                say("diagnosis_output_per_mu.weights_not_100", scheme=scheme.id, list=firm_list, total=f"{total:g}")
            )
        if any(each.base <= 0 or not each.cap > 0 for each in weighted):
            raise _wrong(scheme.id, Text("基准值和封顶应大于 0", "base values and caps must be above 0"))
    if not 0 < scheme.cuts[0] <= scheme.cuts[1] <= scheme.cuts[2] <= 1:
        raise _wrong(scheme.id, Text("等级比例应从小到大、不超过 1", "grade shares must rise and not pass 1"))
    if not scheme.default_far > 0:
        raise _wrong(scheme.id, Text("默认容积率应大于 0", "the default plot ratio must be above 0"))


@cache
def read_scheme(name: str) -> Scheme:
    """Return a scheme that ships with the package: ``p1``, ``p2``, ``p3`` or ``huangyan``.

    Raises
    ------
    InputError
        When there is no such scheme; the message names those there are.

    Examples
    --------
    >>> scheme = read_scheme("huangyan")
    >>> scheme.of("above_scale")[0]
    Weighted(indicator='tax_per_mu', weight=30.0, base=24.097, cap=inf, missing='zero')
    """
    key = name.strip().lower()
    heads = {row["id"]: row for row in records("output_per_mu/schemes.csv")}
    if key not in heads:
        raise InputError(say("diagnosis_output_per_mu.no_scheme", name=name, known=name_rows(list(heads), 20)))
    head = heads[key]
    rows = [row for row in records("output_per_mu/values.csv") if row["scheme"] == key]
    general = {row["item"]: row["value"] for row in rows if not row["indicator"] and not row["list"]}
    tables: dict[str, dict[str, dict[str, str]]] = {}
    for row in rows:
        if row["indicator"]:
            tables.setdefault(row["list"], {}).setdefault(row["indicator"], {})[row["item"]] = row["value"]
    return Scheme(
        id=key,
        indicators={
            firm_list: tuple(_weighted(indicator, items) for indicator, items in table.items())
            for firm_list, table in tables.items()
        },
        cuts=(float(general["grade_A"]), float(general["grade_B"]), float(general["grade_C"])),
        lists=_several(general["lists"]),
        below_scale_land_mu=float(general["below_scale_land_mu"]),
        tenant_floor_m2=float(general["tenant_floor_m2"]),
        start_up_years=int(general["start_up_years"]),
        start_up_lists=_several(general["start_up_lists"]),
        treated_as=general["treated_as"],
        tenant_rule="host" if general["tenant_rule"] == "host" else "own",
        excluded_divisions=_several(general["excluded_divisions"]),
        tenure=general["tenure"],
        default_far=float(general["default_far"]),
        assumed=tuple(row["id"].partition(".")[2] for row in rows if row["provenance"] in ("M", "X")),
        name=Text(head["zh"], head["en"]),
        note=Text(head["note_zh"], head["note_en"]),
        valid_from=head["valid_from"],
        valid_to=head["valid_to"],
        source=head["source_url"],
    )


def _weighted(indicator: str, items: Mapping[str, str]) -> Weighted:
    return Weighted(
        indicator,
        float(items["weight"]),
        math.nan if items["base"] == "mean" else float(items["base"]),
        math.inf if items["cap"] == "none" else float(items["cap"]),
        "peer_mean" if items["missing"] == "peer_mean" else "zero",
    )


def _several(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(";") if part)
