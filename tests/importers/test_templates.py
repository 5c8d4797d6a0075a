"""A town written into the project's own templates comes back as it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from zhenxing import schema
from zhenxing.importers import ImportResult
from zhenxing.samples import random_town
from zhenxing.schema.workbook import write_template
from zhenxing.store import inputs_sha256, write_town
from zhenxing.town import Town

Read = Callable[..., ImportResult]


@pytest.fixture(scope="module")
def town() -> Town:
    return random_town("XS", "balanced", 3)


def _written(value: object, column: schema.Column, language: str) -> object:
    if pd.isna(value):  # type: ignore[call-overload]  # a cell
        return None
    if column.type == "boolean":
        return ("是" if value else "否") if language == "zh" else str(bool(value)).lower()
    if column.choices_zh and language == "zh":
        return column.choices_zh[column.choices.index(str(value))]
    return value.item() if hasattr(value, "item") else value


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_filled_template_gives_the_same_plan_inputs(town: Town, tmp_path: Path, read: Read, language: str) -> None:
    path = tmp_path / "town.xlsx"
    write_template(path, schema.PLAN_INPUT_TABLES, language)  # type: ignore[arg-type]  # zh, en
    book = openpyxl.load_workbook(path)
    for name in schema.PLAN_INPUT_TABLES:
        page = book[schema.table(name).zh if language == "zh" else name]
        columns = schema.table(name).columns
        frame = pd.DataFrame(town[name]).reindex(columns=list(columns))
        for number, record in enumerate(frame.to_dict("records"), start=3):
            for place, column in enumerate(columns.values(), start=1):
                page.cell(number, place, _written(record[column.name], column, language))
    book.save(path)
    content = town.settings.content()["plan"]
    (tmp_path / "town.toml").write_text(
        "[plan]\n" + "\n".join(f"{k} = {v!r}".replace("'", '"') for k, v in content.items())
    )
    result = read(tmp_path)
    assert not [issue.text.en for issue in result.issues if issue.level == "error"]
    assert result.town.plan == town.plan
    for name in schema.PLAN_INPUT_TABLES:
        wanted = pd.DataFrame(town.filled(name))
        found = pd.DataFrame(result.town.filled(name))[list(wanted.columns)]
        pd.testing.assert_frame_equal(found, wanted, check_dtype=False)


def test_a_folder_town_is_a_source_too(town: Town, tmp_path: Path, read: Read) -> None:
    write_town(town, tmp_path / "town")
    result = read(tmp_path / "town")
    write_town(result.town, tmp_path / "again")
    assert inputs_sha256(tmp_path / "again") == inputs_sha256(tmp_path / "town")
