"""Everything that the parts of a report draw on, gathered once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import pandas as pd

from zhenxing import schema
from zhenxing.report.ages import input_ages
from zhenxing.report.balances import money_balances
from zhenxing.report.comparison import Baseline, compare
from zhenxing.report.diagnosis import read_study
from zhenxing.report.explaining import explain
from zhenxing.report.names import Names, collect_names
from zhenxing.report.options import ReportOptions
from zhenxing.report.pace import Pace, renewal_pace
from zhenxing.report.studies import Explained, Study
from zhenxing.report.voice import Voice, as_float

if TYPE_CHECKING:
    from zhenxing.planning.checker import Evaluation
    from zhenxing.town import Town


class PlanLike(Protocol):
    """A plan as the planning stage returns it."""

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """The plan tables by name."""

    @property
    def summary(self) -> Mapping[str, object]:
        """The plan's ``summary.json``."""


@dataclass(frozen=True)
class Facts:
    """One plan of one town, evaluated, named and compared, in one language and edition."""

    town: Town
    plan: Mapping[str, pd.DataFrame]
    summary: Mapping[str, object]
    options: ReportOptions
    voice: Voice
    names: Names
    evaluation: Evaluation
    pace: Pace
    money: Mapping[str, pd.DataFrame]
    ages: pd.DataFrame
    inputs_sha256: str
    baselines: tuple[Baseline, ...]
    sensitivity: pd.DataFrame | None
    explained: Explained
    diagnosis: Study = field(default_factory=Study)
    _filled: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)

    def filled(self, table: str) -> pd.DataFrame:
        """Return a table of the town with its defaults filled, made once: a site list asks for the same table often."""
        if table not in self._filled:
            self._filled[table] = self.town.filled(table)
        return self._filled[table]

    @property
    def years(self) -> list[int]:
        """Calendar years of the plan."""
        return [int(year) for year in self.town.years]

    @property
    def note(self) -> str:
        """The town's note about its data; of a note written as ``中文 / English`` the part in the report's language."""
        note = self.town.settings.town.note
        parts = note.split(" / ")
        if len(parts) == 2 and _is_chinese(parts[0]) and not _is_chinese(parts[1]):
            return parts[1 if self.voice.language == "en" else 0]
        return note

    @property
    def is_outward(self) -> bool:
        """Whether sensitive rows are masked."""
        return self.options.edition == "outward"

    @property
    def value_differs(self) -> bool:
        """Whether the plan claims another value than its tables are worth."""
        claimed = as_float(self.summary.get("value_wan"))
        return not abs(claimed - self.evaluation.value_wan) <= 1e-6 * max(
            1.0, abs(claimed), abs(self.evaluation.value_wan)
        )

    @property
    def inputs_changed(self) -> bool:
        """Whether the town's files are not those that the plan was made from."""
        claimed = str(self.summary.get("inputs_sha256") or "")
        return bool(claimed and self.inputs_sha256) and claimed != self.inputs_sha256

    @property
    def is_sound(self) -> bool:
        """Whether the plan keeps every rule and is worth what it says."""
        return self.evaluation.violations.empty and not self.value_differs

    def label(self, table: str, column: str) -> str:
        """Return the schema's label of a column in the report's language."""
        return schema.label(table, column, self.voice.language)

    def table_name(self, table: str) -> str:
        """Return the schema's label of a table in the report's language; the name itself where the schema has none."""
        known = schema.tables().get(table)
        return table if known is None else (known.en if self.voice.language == "en" else known.zh)

    def source(self, *references: str, rule: str = "") -> str:
        """Return the note of origin under a table or figure.

        Parameters
        ----------
        *references : str
            ``table.column`` or ``table.column,column`` of a plan or an input table.
        rule : str
            Section of the plan model that defines the numbers, such as ``3.8``.
        """
        described = {reference: self._origin(reference) for reference in references}
        parts = [text for text in described.values() if text]
        nameless = [_place(reference) for reference, text in described.items() if not text]
        if nameless:
            parts.append(self.voice("origin_none", places=self.voice.listed(nameless, 20)))
        if rule:
            parts.append(self.voice("source_rule", rule=rule))
        return self.voice("source", parts=("; " if self.voice.language == "en" else "；").join(parts))

    def _origin(self, reference: str) -> str:
        """Return where the numbers of a reference come from; empty when nothing is recorded."""
        table, place = reference.partition(".")[0], _place(reference)
        if table.startswith("plan_") or reference == "summary.json":
            return place
        own = self.ages[self.ages["table"] == table]
        if own.empty:
            return self.voice("origin_absent", place=place)
        row = own.iloc[0]
        if not row["files"] and not row["oldest"]:
            return ""
        files = str(row["files"]).split("; ")
        shown = files[0] if len(files) < 2 else self.voice("origin_more", file=files[0], more=len(files) - 1)
        date = str(row["oldest"]) or self.voice("unknown")
        return self.voice("origin", place=place, file=shown or self.voice("origin_typed"), date=date)


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def _place(reference: str) -> str:
    if reference == "summary.json":
        return reference
    table, _, columns = reference.partition(".")
    return f"{table}({columns})" if columns else table


def gather(town: Town, plan: PlanLike, options: ReportOptions) -> Facts:
    """Evaluate a plan and collect what its report needs.

    Raises
    ------
    TownError
        When the town has no ``[plan]`` section.
    """
    assert town.plan.horizon_years  # a town without [plan] says so itself, before anything is evaluated
    from zhenxing.planning.checker import evaluate
    from zhenxing.store import inputs_sha256

    tables = {name: plan.tables.get(name, schema.empty(name)) for name in PLAN_TABLES}
    evaluation = evaluate(town, tables)
    voice = Voice(options.language)
    masked = unsigned(town, options.signed_probability) if options.edition == "outward" else set()
    inputs = options.inputs or inputs_sha256(town)
    others, varied = compare(town, plan, options.own_list, options.seconds)
    return Facts(
        town=town,
        plan=tables,
        summary=plan.summary,
        options=options,
        voice=voice,
        names=collect_names(town, voice, masked),
        evaluation=evaluation,
        pace=renewal_pace(town, tables, evaluation),
        money=money_balances(town, tables, evaluation, options.signed_probability),
        ages=input_ages(town, options.date, options.stale_days),
        inputs_sha256=inputs,
        baselines=others,
        sensitivity=varied,
        explained=explain(town, tables, plan.summary, evaluation.value_wan, inputs, options),
        diagnosis=read_study(options.diagnosis, town),
    )


PLAN_TABLES = (
    "plan_sites",
    "plan_landings",
    "plan_facilities",
    "plan_works",
    "plan_utilities",
    "plan_resettlement",
    "plan_exits",
    "plan_finance",
)


def unsigned(town: Town, signed_probability: float) -> set[str]:
    """Return the candidates whose probability is below the signed threshold."""
    candidates = town.filled("candidates")
    chance = candidates["probability"].astype(float)
    return {str(value) for value in candidates.loc[chance < signed_probability, "candidate_id"]}
