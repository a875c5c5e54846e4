"""Faults on demand: each happens as often as its rule says, also over a restart."""

from __future__ import annotations

import http.client
import os
import signal
import time
import urllib.error
from pathlib import Path
from typing import Any

import pytest

from tests.practice import walk
from tests.practice.clients import Arm
from tests.practice_world import ledger, practice_request, running_world, set_faults, start

LOST = (ConnectionError, http.client.HTTPException, urllib.error.URLError)


def rule(name: str, path: str, do: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A rule for PUTs."""
    return {"id": name, "method": "PUT", "path": path, "do": do, **more}


def counted(world: dict[str, Any], path: str) -> list[int]:
    """How often a PUT was accepted."""
    return [e["count"] for e in ledger(world) if e["target"] == path.lower() and e["verb"] == "PUT"]


def test_throttling_from_a_file_and_over_a_restart(tmp_path: Path) -> None:
    rules = [rule("slow-down", "replicationPolicies", {"status": 429, "retryAfter": 7}, times=2)]
    with running_world(tmp_path, faults=rules) as world:
        arm = Arm(world)
        policy = f"{arm.vault}/replicationPolicies/throttled"
        answer = arm("PUT", policy, walk.POLICY)
        assert (answer.status, answer.headers["retry-after"]) == (429, "7")
        os.kill(world["pid"], signal.SIGKILL)
        world = start(tmp_path, faults=rules)
        assert arm("PUT", policy, walk.POLICY).status == 429
        assert arm("PUT", policy, walk.POLICY).status == 202
        assert counted(world, policy) == [1]


def test_reset_around_acceptance(world: dict[str, Any]) -> None:
    arm = Arm(world)
    for when, expected in (("before", []), ("after", [1])):
        policy = f"{arm.vault}/replicationPolicies/reset-{when}"
        set_faults(world, [rule("cut-" + when, policy, {"reset": when})])
        with pytest.raises(LOST):
            arm("PUT", policy, walk.POLICY, x_ms_client_request_id="lost-" + when)
        assert counted(world, policy) == expected
    jobs = arm("GET", f"{arm.vault}/replicationJobs").body["value"]
    activities = [arm("GET", j["id"]).body["properties"]["activityId"] for j in jobs]
    assert [a.split(" ")[0] for a in activities if a.startswith("lost-")] == ["lost-after"]


def test_once_per_target(world: dict[str, Any]) -> None:
    arm = Arm(world)
    set_faults(world, [rule("each", "/replicationPolicies/once-", {"status": 503}, oncePerTarget=True)])
    for name in ("once-a", "once-b"):
        statuses = [
            arm("PUT", f"{arm.vault}/replicationPolicies/{name}", walk.POLICY).status for _ in range(2)
        ]
        assert statuses == [503, 202]
    fired = practice_request(world, "GET", world["arm"] + "/practice/faults")["fired"]
    assert [f["count"] for f in fired if f["id"] == "each"] == [1, 1]


def test_truncated_and_held_answers(world: dict[str, Any]) -> None:
    arm = Arm(world)
    get = {"method": "GET", "path": "/vaults$"}
    set_faults(
        world, [{"id": "cut", "do": {"truncate": True}, **get}, {"id": "late", "do": {"hold": 0.3}, **get}]
    )
    vaults = arm.vault.rsplit("/", 1)[0]
    with pytest.raises(http.client.IncompleteRead):
        arm("GET", vaults)
    begun = time.monotonic()
    assert arm("GET", vaults).status == 200
    assert time.monotonic() - begun >= 0.3


def test_a_job_fails_as_told(world: dict[str, Any]) -> None:
    arm = Arm(world)
    policy = f"{arm.vault}/replicationPolicies/fails"
    failure = {"code": "539", "message": "No.", "possibleCauses": "Because.", "recommendedAction": "Do."}
    set_faults(world, [rule("fail", policy, {"jobFails": failure})])
    accepted = arm("PUT", policy, walk.POLICY)
    assert accepted.status == 202
    assert arm.done(accepted) == "Failed"
    status = arm("GET", accepted.headers["azure-asyncoperation"]).body
    assert status["error"] == {"code": "539", "message": "No."}
    job = arm("GET", f"{arm.vault}/replicationJobs/{status['name']}").body["properties"]
    assert job["errors"][0]["serviceErrorDetails"]["possibleCauses"] == "Because."
    assert job["tasks"][0]["errors"] == job["errors"]
    assert arm("GET", policy).status == 404
    assert arm("PUT", policy, walk.POLICY).status == 202


def test_bad_rules_are_named(world: dict[str, Any]) -> None:
    for bad in (
        [{"id": "x"}],
        [{"id": "x", "path": "(", "do": {"status": 500}}],
        [{"id": "x", "path": "a", "do": {}}],
    ):
        with pytest.raises(urllib.error.HTTPError, match="400"):
            set_faults(world, bad)
