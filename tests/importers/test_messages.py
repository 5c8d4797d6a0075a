from __future__ import annotations

import re
import string
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

import zhenxing.importers

CATALOGUE = tomllib.loads((files("zhenxing.i18n") / "catalogue" / "importers.toml").read_text(encoding="utf-8"))
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in Path(zhenxing.importers.__file__).parent.glob("*.py"))
COMMAND = (Path(zhenxing.importers.__file__).parents[1] / "cli" / "import_.py").read_text(encoding="utf-8")
# entries whose names are put together: sheet_<reason>, account_<kind>, change_<kind>, <kind>_cell
MADE = re.compile(r"^(sheet|account|change)_|_cell$")


def _fields(pattern: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(pattern) if name}


@pytest.mark.parametrize("entry", sorted(CATALOGUE))
def test_both_languages_say_the_same_and_are_used(entry: str) -> None:
    sentence = CATALOGUE[entry]
    assert sentence["zh"]
    assert sentence["en"]
    assert _fields(sentence["zh"]) == _fields(sentence["en"])
    assert MADE.search(entry) or f'"{entry}"' in SOURCES or f"importers.{entry}" in SOURCES + COMMAND


def test_every_code_in_the_sources_has_a_sentence() -> None:
    named = set(re.findall(r'say\(\s*"importers\.(\w+)"', SOURCES + COMMAND))
    named |= set(re.findall(r'(?:cell_finding|row_finding|_listed)\(\s*(?:extract, )?"(\w+)"', SOURCES))
    named |= set(re.findall(r'sheet_finding\(\s*"(?:info|warning|error)",\s*"(\w+)"', SOURCES))
    named |= set(re.findall(r'\.fault\("(\w+)"', SOURCES)) | set(re.findall(r'return None, "(\w+)"', SOURCES))
    assert named - set(CATALOGUE) == set()
