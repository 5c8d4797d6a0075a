"""The readers and town folders of OR-Library problems, shared with the benchmark of published optima."""

from __future__ import annotations

import os
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

_SOURCE = Path(__file__).resolve().parents[2] / "benchmarks" / "orlib.py"
_spec = spec_from_file_location("benchmarks_orlib", _SOURCE)
assert _spec is not None
assert _spec.loader is not None
_shared = module_from_spec(_spec)
sys.modules[_spec.name] = _shared
_spec.loader.exec_module(_shared)

SETTINGS = _shared.SETTINGS
Assignment = _shared.Assignment
Location = _shared.Location
assignment_folder = _shared.assignment_folder
location_folder = _shared.location_folder
read_assignments = _shared.read_assignments
read_locations = _shared.read_locations
write_folder = _shared.write_folder


def published(file: str) -> Path:
    """Return the data folder, or skip the test with the reason when the file is not there."""
    folder = os.environ.get("ZHENXING_DATA", "")
    if not folder:
        pytest.skip("ZHENXING_DATA names no folder of published problems")
    if not (Path(folder) / file).is_file():
        pytest.skip(f"{file} is not in the folder that ZHENXING_DATA names")
    return Path(folder)
