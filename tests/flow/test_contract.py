"""The traffic of a whole run, held against Microsoft's own description by Microsoft's own validator."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.flow.support import ROOT, answers_file, lifeboat, run_arguments
from tests.practice_world import running_world

CONTRACT = ROOT.parent / "shared" / "contract"
LEAST_OPERATIONS = 20


def modules() -> Path | None:
    places: list[str | Path] = [
        os.environ.get("CONTRACT_MODULES", ""),
        CONTRACT / "node_modules",
        ROOT / "build/contract/node_modules",
    ]
    return next((Path(place) for place in places if place and (Path(place) / "oav").is_dir()), None)


@pytest.mark.skipif(not CONTRACT.is_dir(), reason="the contract's description is not here")
@pytest.mark.skipif(shutil.which("node") is None, reason="needs node (package nodejs)")
@pytest.mark.skipif(modules() is None, reason="needs the validator: npm install --prefix build/contract")
def test_every_exchange_of_a_run_keeps_the_contract(tmp_path: Path) -> None:
    state, record = tmp_path / "state", tmp_path / "record"
    # Slow enough that the account is not there at once, so that the server is refreshed as well.
    with running_world(state, speed=1200, record=record):
        ran = lifeboat(*run_arguments(state, answers_file(state, tmp_path)))
    assert ran.status == 0, ran.lines[-3:]
    checked = subprocess.run(
        ["node", str(CONTRACT / "check.js"), str(record)],
        env={**os.environ, "CONTRACT_MODULES": str(modules())},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout[-3000:]
    told = re.search(r"over (\d+) operations, 0 break", checked.stdout)
    assert told is not None, checked.stdout
    assert int(told[1]) >= LEAST_OPERATIONS
