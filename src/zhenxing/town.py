"""The town: its settings and its tables, as the user gave them and with every default of the plan model filled."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zhenxing import schema
from zhenxing.errors import Issue, TownError
from zhenxing.i18n import say
from zhenxing.schema.declaration import Column

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class PlanSettings(BaseModel):
    """Section ``[plan]`` of town.toml with the defaults of the plan model; money in 万元, floor in m2, land in mu."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    base_year: int
    horizon_years: Annotated[int, Field(ge=1)]
    discount_rate: NotNegative = 0.06
    tail_years: Annotated[int, Field(ge=0)] = 10
    tax_weight: NotNegative = 1.0
    value_added_weight: NotNegative = 0.1
    tax_retained_share: NotNegative = 0.25
    interest_rate: NotNegative = 0.045
    initial_cash_wan: NotNegative = 0.0
    initial_debt_wan: NotNegative = 0.0
    first_year_cost_share: Share = 0.5
    exit_compensation_wan_per_m2: NotNegative = 0.05
    exit_loss_wan_per_m2: NotNegative = 0.05
    moving_cost_wan_per_m2: NotNegative = 0.015
    land_reserve_value_wan_per_mu: NotNegative = 0.0
    cash_probability_floor: NotNegative = 0.0
    contiguity: Literal["growth", "none"] = "none"


class TownInfo(BaseModel):
    """Section ``[town]``: names, administrative code, coordinate system; ``note`` stands on every page of a report."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)

    name: str = ""
    name_en: str = ""
    code: str = ""
    crs: str = ""
    note: str = ""


class Settings(BaseModel):
    """A town's settings as town.toml holds them; sections beyond ``town`` and ``plan`` are kept as they are."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)

    town: TownInfo = TownInfo()
    plan: PlanSettings | None = None

    @classmethod
    def parse(cls, content: Mapping[str, Any], source: str = "town.toml") -> Settings:
        """Return the settings of a parsed town.toml.

        Raises
        ------
        TownError
            When a key of ``[plan]`` is unknown, missing, or of a wrong type or range; all such keys are named.

        Examples
        --------
        >>> Settings.parse({"plan": {"base_year": 2025, "horizon_years": 3}}).plan.discount_rate
        0.06
        """
        try:
            return cls.model_validate(dict(content))
        except ValidationError as found:
            issues = [_setting_issue(fault, source) for fault in found.errors(include_url=False)]
            raise TownError(say("store.bad_settings", source=source, count=len(issues)), issues) from None

    def content(self) -> dict[str, Any]:
        """Return what town.toml holds: every key that was given, none that was left to its default.

        Examples
        --------
        >>> Settings.parse({"town": {"name": "古镇"}}).content()
        {'town': {'name': '古镇'}}
        """
        return self.model_dump(exclude_unset=True, exclude_none=True)


def _setting_issue(fault: ErrorDetails, source: str) -> Issue:
    key = ".".join(str(part) for part in fault["loc"])
    section = str(fault["loc"][0])
    code = "bad_setting"
    values: dict[str, Any] = {"source": source, "key": key, "value": repr(fault.get("input"))}
    if fault["type"] == "extra_forbidden":
        near = get_close_matches(str(fault["loc"][-1]), list(PlanSettings.model_fields), n=1, cutoff=0.0)
        code, values["near"] = "unknown_setting", near[0]
    elif fault["type"] == "missing":
        code = "missing_setting"
    else:
        values["expected"] = _expected(fault)
    return Issue("error", code, say(f"store.{code}", **values), "town.toml", section, (key,))


def _expected(fault: ErrorDetails) -> Any:
    context = fault.get("ctx", {})
    kind = fault["type"]
    if kind in ("greater_than_equal", "less_than_equal"):
        return say(f"store.expected_{kind}", bound=f"{next(iter(context.values())):g}")
    if kind == "literal_error":
        return say("store.expected_choice", choices=context["expected"].replace(" or ", ", "))
    known = ("int_type", "float_type", "string_type", "finite_number", "int_from_float")
    return say(f"store.expected_{kind}") if kind in known else say("store.expected_section")


@dataclass(frozen=True)
class StoreState:
    """Which store a town was read from and the version of each row then, by table and row id."""

    store_id: str
    versions: Mapping[str, pd.Series]


# two towns are told apart by identity: tables have no single truth of being equal
@dataclass(frozen=True, eq=False)
class Town:
    """A town: settings and typed tables; every stage takes one and returns tables.

    Parameters
    ----------
    settings : Settings
        Content of town.toml.
    tables : mapping of str to DataFrame
        Tables as ``schema.conform`` returns them: typed, missing where the user left a cell empty.
    issues : tuple of Issue
        Warnings and infos met while reading.
    state : StoreState, optional
        Versions of the rows as read from a store that keeps them; a later write names them.

    Examples
    --------
    >>> settings = Settings.parse({"plan": {"base_year": 2025, "horizon_years": 3}})
    >>> sites, _ = schema.conform("sites", pd.DataFrame({"site_id": ["s"], "park_id": ["p"], "area_mu": [4]}))
    >>> town = Town(settings, {"sites": sites})
    >>> list(town.years), town.filled("sites")["floor_m2"].tolist()
    ([2026, 2027, 2028], [0.0])
    """

    settings: Settings
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()
    state: StoreState | None = field(default=None, repr=False)

    def __getitem__(self, name: str) -> pd.DataFrame:
        """Return a table as given; an absent one is empty with its declared columns."""
        return self.tables[name] if name in self.tables else schema.empty(name)

    def __contains__(self, name: str) -> bool:
        """Say whether the town holds a table of that name."""
        return name in self.tables

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the tables held."""
        return iter(self.tables)

    @property
    def plan(self) -> PlanSettings:
        """The settings of the plan.

        Raises
        ------
        TownError
            When town.toml has no section ``[plan]``.
        """
        if self.settings.plan is None:
            raise TownError(say("store.no_plan_section"))
        return self.settings.plan

    @property
    def years(self) -> range:
        """The calendar years of the plan, ``base_year + 1`` to ``base_year + horizon_years``."""
        first = self.plan.base_year + 1
        return range(first, first + self.plan.horizon_years)

    def replace(self, **changes: pd.DataFrame | Settings) -> Town:
        """Return a new town with tables, or the ``settings``, replaced.

        Examples
        --------
        >>> Town(Settings()).replace(budget=schema.empty("budget")).tables.keys()
        dict_keys(['budget'])
        """
        settings = changes.pop("settings", self.settings)
        assert isinstance(settings, Settings)
        tables = {name: frame for name, frame in changes.items() if isinstance(frame, pd.DataFrame)}
        return Town(settings, {**self.tables, **tables}, self.issues, self.state)

    def filled(self, name: str) -> pd.DataFrame:
        """Return a table with every declared column and every default of the plan model filled in.

        Years follow the horizon, ``unlimited`` is infinity, text that defaults to none is ``""``, and a placement
        without ``land_mu`` takes its candidate's. A number without a default stays missing.

        Examples
        --------
        >>> Town(Settings(), {"budget": pd.DataFrame({"year": [2026], "own_funds_wan": [5.0]})}).filled("budget")[
        ...     ["debt_limit_wan", "effort_months"]
        ... ].values.tolist()
        [[0.0, inf]]
        """
        given, declared = self[name], schema.table(name)
        lacking = schema.empty(name)
        columns: dict[str, pd.Series] = {}
        for column in declared.columns.values():
            present = given[column.name] if column.name in given.columns else None
            cells = lacking[column.name].reindex(given.index) if present is None else present
            columns[column.name] = self._fill(cells, column, given)
        others = {str(extra): given[extra] for extra in given.columns if extra not in declared.columns}
        frame = pd.DataFrame({**columns, **others}, index=given.index)
        return _as_layer(frame, given)

    def _fill(self, cells: pd.Series, column: Column, given: pd.DataFrame) -> pd.Series:
        default = column.default
        if default.startswith("of:"):
            return self._fill_from(cells, default.removeprefix("of:"), given)
        if default == "":
            return cells.fillna("") if column.type in ("text", "list", "date") else cells
        if column.type == "boolean":
            return cells.fillna(default == "true").astype("boolean")
        if column.type in ("text", "list", "date"):
            return cells.fillna(default)
        if not cells.isna().any():
            return cells
        if default in ("first_plan_year", "last_plan_year"):
            return cells.fillna(self.years[0] if default == "first_plan_year" else self.years[-1])
        value = math.inf if default == "unlimited" else float(default)
        return cells.fillna(int(value) if column.type in ("integer", "year") else value)

    def _fill_from(self, cells: pd.Series, source: str, given: pd.DataFrame) -> pd.Series:
        """Fill from another table's column, found by that table's key (``placements.land_mu`` from the candidate)."""
        name, column = source.split(".")
        (key,) = schema.table(name).key
        origin = self.filled(name).dropna(subset=[key]).drop_duplicates(key).set_index(key)[column]
        values = given[key].map(origin) if key in given.columns else pd.Series(math.nan, index=given.index)
        return cells.fillna(values.astype("float64"))


def _as_layer(frame: pd.DataFrame, given: pd.DataFrame) -> pd.DataFrame:
    """Return the table as a layer where the given one is."""
    if not hasattr(given, "geom_type"):
        return frame
    import geopandas as gpd

    layer: pd.DataFrame = gpd.GeoDataFrame(frame, geometry="geometry", crs=given["geometry"].crs)
    return layer
