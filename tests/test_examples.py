"""Every script of examples/ runs and prints the numbers that it promises."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
PROMISED = {
    "01_random_town_plan.py": ("status optimal", "allowed True"),
    "02_read_a_folder_of_three_tables.py": ("value 1,", "self"),
    "03_compare_baselines.py": ("joint over staged", "joint over greedy"),
    "04_own_allocation.py": ("least cost 11, optimal",),
    "05_tutorial_files.py": ("mended: 6 sites, 5 candidates", "plan: optimal"),
    "06_what_a_limit_is_worth.py": ("as it is:", "effort_months"),
    "07_published_tables.py": ("0.05990628     0.05990628  equal", "Shift-share"),
}


def test_every_example_is_listed_here() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == set(PROMISED)


@pytest.mark.parametrize("name", PROMISED)
def test_example(name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [name])
    left = runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    printed = capsys.readouterr().out
    for words in PROMISED[name]:
        assert words in printed
    if "values" in left:
        # the joint plan is never worth less than its baselines
        assert left["values"]["joint"] >= max(left["values"].values()) - 1e-6
