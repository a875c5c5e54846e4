"""A second person's consent on the command line: exactly the plan that was signed, or nothing is sent."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flow.support import Ran, lifeboat, world_file
from tests.practice_world import ledger, running_world

pytestmark = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None, reason="needs ssh-keygen (openssh-client)"
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[dict[str, Any]]:
    with running_world(tmp_path, items=12, speed=600) as world:
        yield world


def run(state: Path, *words: str) -> Ran:
    return lifeboat("--practice", "--state", str(state), "--world", str(world_file(state)), *words)


def point(state: Path) -> str:
    """A recovery point that both plans name, so that what was signed is what is done."""
    from services.journal.journal import Journal
    from services.journal.model import Actor
    from services.scenario.existing_vault import open_vault
    from services.world.build import practice_world
    from services.world.deadline import Deadline

    world = practice_world(json.loads(world_file(state).read_text()), state)
    journal = Journal.open(world.state, world.id, Actor.here())
    try:
        vault = open_vault(world, journal, None, Deadline(60), lambda _event: None)
        return vault.points(vault.find("app-01"))[3].name
    finally:
        journal.close()


def test_the_same_plan_reads_the_same_later_and_only_a_signed_one_is_done(
    world: dict[str, Any], tmp_path: Path
) -> None:
    plan, wanted = tmp_path / "plan.json", ["failover", "app-01", "--point", point(tmp_path), "--json"]
    first = run(tmp_path, *wanted, "--plan-only", "--save-plan", str(plan))
    again = run(tmp_path, *wanted, "--plan-only")
    assert first.status == again.status == 0
    assert first.events[0]["digest"] == again.events[0]["digest"]
    signers = tmp_path / "signers"
    signers.write_text("")
    approved = ["--approval", str(plan), "--allowed-signers", str(signers), "--yes"]
    nobody = run(tmp_path, *wanted, *approved)
    assert nobody.status == 4
    codes = [event["code"] for event in nobody.events if event["event"] == "problem"]
    # As root the file of signers is always the requester's to write, and that is said first.
    assert codes == ["approval-signers-writable" if os.geteuid() == 0 else "approval-missing"]
    other = run(tmp_path, "failover", "app-02", "--point", "latest", "--json", *approved)
    assert other.status == 4
    assert "approval-other" in {event["code"] for event in other.events if event["event"] == "problem"}
    assert ledger(world) == []


def test_an_approval_needs_those_who_may_sign(world: dict[str, Any], tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    assert run(tmp_path, "failover", "app-01", "--plan-only", "--save-plan", str(plan)).status == 0
    refused = run(tmp_path, "failover", "app-01", "--approval", str(plan), "--yes")
    assert refused.status == 2
    assert "--allowed-signers" in refused.stderr
    assert ledger(world) == []
