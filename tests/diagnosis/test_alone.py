"""``zhenxing.diagnosis`` alone: no GIS, no solver, no figures, no command line."""

from __future__ import annotations

import subprocess
import sys

BLOCKED = ("geopandas", "pyogrio", "highspy", "matplotlib", "typer", "rich", "shapely", "docx", "xlsxwriter", "typst")
PROBE = """
import sys, pkgutil, importlib
for name in {blocked!r}:
    sys.modules[name] = None
import zhenxing.diagnosis
for found in pkgutil.walk_packages(zhenxing.diagnosis.__path__, "zhenxing.diagnosis."):
    importlib.import_module(found.name)
import pandas as pd
from zhenxing.diagnosis.diagnosing import diagnose
firms = pd.DataFrame({{
    "firm_id": ["a", "b"], "name": ["甲灯饰厂", "乙电源厂"], "scope": ["照明器具制造", "LED驱动电源制造"],
    "industry_code": ["3872", "3879"], "industry_edition": ["2017", "2017"],
}})
years = pd.DataFrame({{
    "firm_id": ["a", "a", "b"], "year": [2024, 2025, 2025], "revenue_wan": [900.0, 1000.0, 60.0],
    "output_wan": [900.0, 1000.0, 60.0], "land_mu": [3.0, 3.0, 1.0], "tax_wan": [30.0, 31.0, 2.0],
}})
found = diagnose({{"firms": firms, "firm_years": years}})
print([(one.part, one.state) for one in found.states])
"""


def test_the_package_is_usable_without_gis_solver_figures_and_command_line() -> None:
    probe = PROBE.format(blocked=BLOCKED)
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr[-2000:]
    assert "('chain', 'made')" in done.stdout
    assert "('watch', 'made')" in done.stdout
    assert "('peers', 'skipped')" in done.stdout
