"""Asking for help is quick: nothing heavy is loaded before a command needs it."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = (
    "pandas",
    "numpy",
    "highspy",
    "scipy",
    "geopandas",
    "shapely",
    "pyogrio",
    "matplotlib",
    "sqlalchemy",
    "pandera",
)
PROBE = """
import json, sys
sys.argv = ["zhenxing", *{arguments!r}]
from zhenxing.cli.main import run
try:
    run()
except SystemExit as ended:
    assert not ended.code, ended.code
print(json.dumps(sorted(set(sys.modules) & set({heavy!r}))))
"""


def loaded_by(*arguments: str) -> list[str]:
    """Return which heavy modules a run of the command line loads."""
    probe = PROBE.format(arguments=list(arguments), heavy=list(HEAVY))
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True, encoding="utf-8")
    return json.loads(done.stdout.splitlines()[-1])


def test_help_loads_nothing_heavy():
    assert loaded_by("--help") == []


def test_help_of_a_command_loads_nothing_heavy():
    assert loaded_by("plan", "--help") == []


def test_importing_the_package_loads_nothing_heavy():
    probe = f"import json, sys, zhenxing; print(json.dumps(sorted(set(sys.modules) & set({list(HEAVY)!r}))))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
