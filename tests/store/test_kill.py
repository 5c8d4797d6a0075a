"""A writer that is killed leaves the old file, or each old table, whole."""

import os
import signal
import subprocess
import sys

import pytest

from zhenxing.store import read_town, write_town

# The child kills itself at the n-th call of a function of the writing path; nothing can run after that.
CHILD = """
import os, signal, sys
from zhenxing.store import read_town, write_town
import zhenxing.store.geopackage as geopackage
import zhenxing.store.text_tables as text_tables

place, where, moment = sys.argv[1], sys.argv[2], int(sys.argv[3])
town = read_town(place)
module, name = {"sync": (geopackage, "_sync"), "content": (geopackage, "_write_content"), "move": (text_tables, "write_bytes")}[where]
real, calls = getattr(module, name), []

def deadly(*arguments):
    calls.append(1)
    if len(calls) == moment:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments)

setattr(module, name, deadly)
import zhenxing.store.folder as folder
if where == "move":
    folder.write_bytes = deadly
write_town(town.replace(parks=town["parks"].assign(vacant_mu=2.0), targets=town["targets"].assign(target=2.0)), place)
"""


def killed(place, where, moment):
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(place), where, str(moment)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    return read_town(place)


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
@pytest.mark.parametrize("where", ["content", "sync"])
def test_a_killed_writer_of_a_geopackage(tmp_path, town, same, where):
    place = tmp_path / "town.gpkg"
    write_town(town, place)
    before = place.read_bytes()
    held = killed(place, where, 1)
    assert place.read_bytes() == before
    same(held, town)
    again = write_town(held.replace(parks=held["parks"].iloc[:1]), place)
    same(read_town(place), again)


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_a_killed_writer_of_a_folder(tmp_path, town):
    write_town(town.replace(parks=town["parks"].assign(vacant_mu=1.0)), tmp_path)
    # the manifest and town.toml come first, then parks.csv is written and the next file is not
    held = killed(tmp_path, "move", 4)
    assert held["parks"]["vacant_mu"].tolist() == [2.0, 2.0]
    assert held["targets"]["target"].tolist() == [-2.0]
    (issue,) = [issue for issue in held.issues if issue.code == "mixed_state"]
    assert "targets.csv" in issue.rows
    assert "parks.csv" not in issue.rows
