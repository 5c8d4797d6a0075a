"""The shape of the package: who may import whom, what people are told, how long a module may be, what is public."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from functools import cache
from pathlib import Path

import pytest

import zhenxing

SOURCE = Path(zhenxing.__file__).parent
# Nothing imports to its right (docs/architecture.md); parts of one line may import those named before them.
ORDER = (
    ("errors", "units", "i18n", "rules", "schema", "town"),
    ("milp",),
    ("store", "importers"),
    ("diagnosis",),
    ("land", "attract"),
    ("planning",),
    ("track",),
    ("samples", "scale"),
    ("report",),
    ("cli", "web"),
)
RANK = {part: place for place, part in enumerate(part for line in ORDER for part in line)}
# What street lighting may use stands left of the importers.
RANK["street"] = RANK["importers"] - 0.5

LONGEST = 400
# Modules above the guide's length, each with the reason why it is not split.
LONG_MODULES: dict[str, str] = {}


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


@cache
def nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def part_of(path: Path) -> str:
    """Return the part of the package a module belongs to: ``planning`` for planning/plan.py, ``town`` for town.py."""
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[tuple[int, str]]:
    """Return (line, part) of every part of the package that a module imports, in functions and for typing too."""
    found = set()
    for node in nodes(path):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}:{node.lineno} imports by a relative name"
            names = (
                [f"{node.module}.{alias.name}" for alias in node.names]
                if node.module == "zhenxing"
                else [str(node.module)]
            )
        found |= {(node.lineno, name.split(".")[1]) for name in names if name.startswith("zhenxing.")}
    return found


def test_every_part_has_a_place():
    parts = {part_of(path) for path in modules()} - {"__init__"}
    assert parts <= set(RANK)


def test_nothing_imports_to_its_right():
    wrong = [
        f"{name_of(path)}:{line} imports {other}"
        for path in modules()
        if part_of(path) != "__init__"
        for line, other in sorted(imports(path))
        if other != part_of(path) and RANK.get(other, 99) > RANK[part_of(path)]
    ]
    assert wrong == []


def test_the_checker_shares_nothing_with_the_model_builder():
    shared = {"zhenxing.planning.checker", "zhenxing.planning.consistency"}
    wrong = []
    for path in (SOURCE / "planning" / "checker").rglob("*.py"):
        for node in nodes(path):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith(("zhenxing.planning", "zhenxing.milp")):
                whole = ".".join(str(node.module).split(".")[:3])
                if whole not in shared:
                    wrong.append(f"{name_of(path)}:{node.lineno} imports {node.module}")
    assert wrong == []


def test_only_the_edges_print():
    wrong = [
        f"{name_of(path)}:{node.lineno}"
        for path in modules()
        if part_of(path) not in {"cli", "web"}
        for node in nodes(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert wrong == []


def test_long_modules_are_listed_with_a_reason():
    long = {name_of(path) for path in modules() if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST}
    assert long == set(LONG_MODULES)
    assert all(LONG_MODULES.values())


# ---- what people are told


@cache
def catalogue() -> dict[str, dict[str, str]]:
    entries = {}
    for file in sorted((SOURCE / "i18n" / "catalogue").glob("*.toml")):
        for name, entry in tomllib.loads(file.read_text(encoding="utf-8")).items():
            entries[f"{file.stem}.{name}"] = entry
    return entries


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


@cache
def said() -> dict[str, str]:
    """Return the keys given to ``say`` as plain strings, with the place of each."""
    keys = {}
    for path in modules():
        for node in nodes(path):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "say":
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    keys[str(first.value)] = f"{name_of(path)}:{node.lineno}"
    return keys


@cache
def put_together() -> list[re.Pattern[str]]:
    """Return patterns of the keys and entry names that the source puts together at run time."""
    found = []
    for path in modules():
        for node in nodes(path):
            if isinstance(node, ast.JoinedStr):
                texts = [str(part.value) if isinstance(part, ast.Constant) else None for part in node.values]
                fixed = "".join(text for text in texts if text is not None)
                # a bare area with any entry behind it would let every entry of the area pass
                if re.fullmatch(r"[\w.]{4,}", fixed) and not fixed.endswith("."):
                    found.append(re.compile("".join(r"\w+" if text is None else re.escape(text) for text in texts)))
    return found


def strings() -> set[str]:
    """Return every whole string in the source: a key may stand in a table of keys."""
    return {
        node.value
        for path in modules()
        for node in nodes(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_entry_speaks_both_languages():
    assert {key for key, entry in catalogue().items() if set(entry) != {"zh", "en"}} == set()
    assert {key for key, entry in catalogue().items() if not all(text.strip() for text in entry.values())} == set()


def test_both_languages_have_the_same_placeholders():
    different = {key for key, entry in catalogue().items() if placeholders(entry["zh"]) != placeholders(entry["en"])}
    assert different == set()


def test_chinese_entries_are_chinese():
    without = {
        key for key, entry in catalogue().items() if not re.search(r"[一-鿿]", re.sub(r"{[^}]*}", "", entry["zh"]))
    }
    assert {
        key for key in without if re.search(r"[A-Za-z]{3}", re.sub(r"{[^}]*}", "", catalogue()[key]["en"]))
    } == set()


def test_everything_said_is_in_the_catalogue():
    assert {f"{place} says {key}" for key, place in said().items() if key not in catalogue()} == set()


def test_everything_in_the_catalogue_is_said():
    # a wrapper around ``say`` may be given the entry without its area
    used = set(said()) | strings()
    silent = {
        key
        for key in catalogue()
        if not {key, key.partition(".")[2]} & used
        and not any(pattern.fullmatch(key) or pattern.fullmatch(key.partition(".")[2]) for pattern in put_together())
    }
    assert silent == set()


# ---- what is public


@pytest.mark.parametrize("name", zhenxing.__all__)
def test_public_names_resolve(name):
    assert getattr(zhenxing, name) is not None


def test_the_public_interface_is_listed_in_order():
    assert list(zhenxing.__all__) == sorted(set(zhenxing.__all__))


def test_an_unknown_public_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'plans'"):
        _ = zhenxing.plans


def test_no_module_of_the_package_hides_a_public_function():
    parts = {part_of(path) for path in modules()} - {"__init__"}
    assert parts & set(zhenxing.__all__) == set()
