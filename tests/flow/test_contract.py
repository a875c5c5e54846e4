"""The traffic of a run and of the console's circle, held against Microsoft's description by Microsoft's validator."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.flow.console_support import Bench, bench
from tests.flow.support import ROOT, answers_file, lifeboat, run_arguments, zygote
from tests.practice_world import running_world, set_faults

CONTRACT = ROOT.parent / "shared" / "contract"
LEAST_OPERATIONS = 45
YES = ("--yes", "--json")
MANUAL = {"name": "Look", "kind": "manual", "instructions": "Is the database well?"}
BACK = (
    "--with",
    "masterTargetId=m1",
    "--with",
    "processServerId=p1",
    "--with",
    "retentionDrive=R",
    "--with",
    "profileId=failback",
)


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
def test_every_exchange_of_a_run_and_of_the_console_keeps_the_contract(tmp_path: Path) -> None:
    state, first, second = tmp_path / "state", tmp_path / "first", tmp_path / "second"
    # Slow enough that the account is not there at once, so that the server is refreshed as well.
    with running_world(state, speed=1200, record=first):
        ran = lifeboat(*run_arguments(state, answers_file(state, tmp_path)))
    assert ran.status == 0, ran.lines[-3:]
    with zygote() as forked, bench(tmp_path / "console", forked, hyperv=1, record=second) as vault:
        circle(vault, tmp_path)
    checked = subprocess.run(
        ["node", str(CONTRACT / "check.js"), str(first), str(second)],
        env={**os.environ, "CONTRACT_MODULES": str(modules())},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout[-3000:]
    told = re.search(r"over (\d+) operations, 0 break", checked.stdout)
    assert told is not None, checked.stdout
    assert int(told[1]) >= LEAST_OPERATIONS, checked.stdout


def circle(vault: Bench, folder: Path) -> None:
    """What an operator does with a vault, once: drill, failover, change of point, commit, plans, jobs."""
    out = folder / "shop.json"
    # Whether a server is over a limit depends on the hour: both ways it was looked at.
    assert vault("servers", "--json").status in (0, 1)
    first: tuple[tuple[str, ...], ...] = (
        ("items", "--json"),
        ("jobs", "--json"),
        ("items", "set", "app-01", "size=Standard_D4s_v3", *YES),
        ("drill", "app-01", "--network", "new", "--cleanup", *YES),
        ("failover", "app-01", "--point", "latest-processed", *YES),
        ("change-point", "app-01", "--point", "latest-app-consistent", *YES),
        ("commit", "app-01", "--confirm", "app-01", "--json"),
        ("failover", "web-04", *YES),
        ("cancel", "web-04", "--confirm", "web-04", "--json"),
        ("disable", "web-04", "--confirm", "web-04", "--json"),
        ("failover", "vmware-01", *YES),
        ("commit", "vmware-01", "--confirm", "vmware-01", "--json"),
        ("reprotect", "vmware-01", *BACK, *YES),
        ("items", "set", "hv-01", "size=Standard_D4s_v3", *YES),
        ("planned-failover", "hv-01", *YES),
        ("commit", "hv-01", "--confirm", "hv-01", "--json"),
        ("planned-failover", "hv-01", *YES),
        ("commit", "hv-01", "--confirm", "hv-01", "--json"),
        ("reprotect", "hv-01", *YES),
        ("plans", "export", "contoso-web", str(out)),
        ("plans", "delete", "contoso-web", "--confirm", "contoso-web", "--json"),
        ("plans", "apply", str(out), *YES),
    )
    for command in first:
        done(vault, *command)
    document = json.loads(out.read_text(encoding="utf-8"))
    document["groups"].append({"items": ["db-01"], "before": [MANUAL]})
    out.write_text(json.dumps(document), encoding="utf-8")
    answer = ("--answer-manual", "well")
    later: tuple[tuple[str, ...], ...] = (
        ("plans", "apply", str(out), *YES),
        ("drill", "--plan", "contoso-web", "--network", "drill-net", "--cleanup", *answer, *YES),
        ("failover", "--plan", "contoso-web", *answer, *YES),
        ("cancel", "--plan", "contoso-web", "--confirm", "contoso-web", "--json"),
        ("plans", "--json"),
    )
    for command in later:
        done(vault, *command)
    restarted(vault)


def restarted(vault: Bench) -> None:
    """A drill whose job failed is started again; one that goes on too long is cancelled."""
    failure = {"taskId": "BeginTestFailoverTask", "code": "28031", "message": "Quota."}
    set_faults(vault.world, [{"job": "TestFailover", "item": "app-04", "times": 2, "jobFails": failure}])
    ran = vault("drill", "app-04", "--network", "drill-net", *YES)
    job = next(one["id"] for one in ran.events if one["event"] == "job")
    done(vault, "jobs", "restart", job, *YES)
    set_faults(vault.world, [{"job": "TestFailover", "item": "app-03", "slow": 400}])
    left = vault("drill", "app-03", "--network", "drill-net", "--timeout", "5", *YES)
    job = next(one["id"] for one in left.events if one["event"] == "job")
    done(vault, "jobs", "cancel", job, *YES)


def done(vault: Bench, *command: str) -> None:
    ran = vault(*command)
    assert ran.status == 0, (command, ran.lines[-3:])
