"""The template's sheet of settings: it holds every setting with its own default, and comes back as it was filled."""

import csv
from importlib.resources import files

import openpyxl
import pytest

from zhenxing.importers import ImportOptions, import_files
from zhenxing.schema.workbook import write_template
from zhenxing.town import PlanSettings


def rows():
    text = (files("zhenxing.schema") / "parameters.csv").read_text(encoding="utf-8")
    return [row for row in csv.DictReader(text.splitlines()) if row["section"] == "plan"]


def test_every_setting_of_a_plan_is_listed_with_its_default():
    listed = {row["key"]: row["default"] for row in rows()}
    declared = {
        name: "" if field.is_required() else str(field.default) for name, field in PlanSettings.model_fields.items()
    }
    assert listed == declared


@pytest.mark.parametrize(("language", "sheet"), [("zh", "参数"), ("en", "parameters")])
def test_a_filled_sheet_of_settings_comes_back(tmp_path, language, sheet):
    path = tmp_path / "template.xlsx"
    write_template(path, ["budget"], language)
    book = openpyxl.load_workbook(path)
    labels = {str(row[2].value): row for row in book[sheet].iter_rows(min_row=2)}
    for key, value in (("base_year", 2026), ("horizon_years", 6), ("interest_rate", 0.05), ("initial_cash_wan", 1200)):
        next(row for note, row in labels.items() if f"({key})" in note or f"（{key}）" in note)[1].value = value
    book.save(path)
    settings = import_files(path, None, ImportOptions()).town.settings.plan
    assert settings is not None
    assert (settings.base_year, settings.horizon_years, settings.interest_rate) == (2026, 6, 0.05)
    assert (settings.initial_cash_wan, settings.discount_rate) == (1200.0, 0.06)
