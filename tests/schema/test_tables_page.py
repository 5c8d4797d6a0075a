"""The committed pages of tables are what the declarations say."""

import importlib.util
from pathlib import Path

import pytest

from zhenxing import schema

SCRIPT = Path(__file__).parents[2] / "scripts" / "tables_page.py"


@pytest.fixture(scope="module")
def tables_page():
    spec = importlib.util.spec_from_file_location("tables_page", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_is_up_to_date(tables_page, language):
    committed = tables_page.PAGES[language].read_text(encoding="utf-8")
    assert committed == tables_page.page(language), "run: python scripts/tables_page.py"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_table_has_its_section(tables_page, language):
    page = tables_page.page(language)
    assert all(f"\n### {name} " in page for name in schema.tables())
    assert page.index("### parks ") < page.index("### plan_sites ") < page.index("### firms ")
