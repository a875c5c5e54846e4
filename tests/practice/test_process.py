"""The servers as a process: found again, killed, restarted, reset; nothing is forgotten or done twice."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from services.practice import process
from tests.practice import walk
from tests.practice.clients import Arm, send
from tests.practice_world import command, environment, ledger, running_world, start, stop


def killed(world: dict[str, Any]) -> None:
    """kill -9, and wait until its lock is free."""
    os.kill(world["pid"], signal.SIGKILL)
    ended(Path(world["ca"]).parents[2])


def ended(state: Path, seconds: float = 30.0) -> None:
    """Wait until no server holds the state folder."""
    deadline = time.monotonic() + seconds
    while process.owner(state) is not None:
        assert time.monotonic() < deadline


def test_kill_and_restart_find_the_same_vault(tmp_path: Path) -> None:
    with running_world(tmp_path, speed=60) as world:
        arm = Arm(world)
        policy = f"{arm.vault}/replicationPolicies/kept"
        accepted = arm("PUT", policy, walk.POLICY)
        assert accepted.status == 202
        killed(world)
        again = start(tmp_path, speed=3600)
        assert again["pid"] != world["pid"]
        same = ("id", "arm", "clientSecret", "tenant", "subscription", "ledgerKey", "ca")
        assert {k: again[k] for k in same} == {k: world[k] for k in same}
        assert again["clock"]["world"] > world["clock"]["world"]
        arm = Arm(again, arm.bearer)
        assert (
            arm.done(accepted) == "Succeeded"
        )  # the operation goes on, at its old URL and with the old token
        assert arm("GET", policy).body["name"] == "kept"
        counts = [e["count"] for e in ledger(again) if e["target"] == policy.lower()]
        assert counts == [1]


def test_world_time_never_goes_back(tmp_path: Path) -> None:
    with running_world(tmp_path, speed=3600) as world:
        for speed in (1.0, 3600.0, 60.0):
            before = walk.world_now(world)
            killed(world)
            world = start(tmp_path, speed=speed)
            assert walk.world_now(world) > before


def test_a_second_start_prints_the_running_world(tmp_path: Path) -> None:
    with running_world(tmp_path) as world:
        for extra in ([], ["--detach"]):
            done = subprocess.run(
                command("serve", tmp_path, *extra),
                env=environment(),
                capture_output=True,
                timeout=60,
                check=True,
            )
            assert json.loads(done.stdout) == world
        file = tmp_path / "practice" / "world.json"
        assert json.loads(file.read_text()) == world
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        assert os.getsid(world["pid"]) != os.getsid(0)


def test_two_starts_at_once_make_one_world(tmp_path: Path) -> None:
    try:
        lines = command("serve", tmp_path, "--detach", "--idle", "60")
        children = [subprocess.Popen(lines, env=environment(), stdout=subprocess.PIPE) for _ in range(3)]
        worlds = [json.loads(child.communicate(timeout=90)[0]) for child in children]
        assert worlds[0] == worlds[1] == worlds[2]
    finally:
        stop(tmp_path)


def test_a_start_right_after_a_stop_gets_a_server(tmp_path: Path) -> None:
    world = start(tmp_path)
    os.kill(world["pid"], signal.SIGTERM)
    again = start(tmp_path)
    try:
        assert again["pid"] != world["pid"]
        assert again["id"] == world["id"]
        assert Arm(again)("GET", "/subscriptions").status == 200
    finally:
        stop(tmp_path)


def test_what_cannot_be_started_is_said(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('[{"id": "x"}]')
    for extra, words in (
        (["--faults", str(tmp_path / "bad.json")], "needs id and path"),
        (["--speed", "0"], "speed"),
    ):
        for detach in ([], ["--detach"]):
            done = subprocess.run(
                command("serve", tmp_path / "state", *extra, *detach),
                env=environment(),
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert done.returncode == 1
            assert words in done.stderr
            assert "Traceback" not in done.stderr
        reset = subprocess.run(
            command("reset", tmp_path / "state"), env=environment(), timeout=60, check=False
        )
        assert reset.returncode == 0


def test_foreground_serves_until_terminated(tmp_path: Path) -> None:
    child = subprocess.Popen(command("serve", tmp_path), env=environment(), stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        world = json.loads(child.stdout.readline())
        assert world["pid"] == child.pid
        assert world["clock"]["speed"] == 60.0
        assert Arm(world)("GET", "/subscriptions").status == 200
    finally:
        child.terminate()
        assert child.wait(30) == 0
    assert not (tmp_path / "practice" / "world.json").exists()


def test_it_ends_when_nobody_comes(tmp_path: Path) -> None:
    start(tmp_path, idle=1)
    ended(tmp_path)
    assert not (tmp_path / "practice" / "world.json").exists()


def test_reset_makes_a_new_world(tmp_path: Path) -> None:
    world = start(tmp_path)
    stop(tmp_path)
    with running_world(tmp_path) as fresh:
        for name in ("id", "clientSecret", "tenant", "ledgerKey"):
            assert fresh[name] != world[name]
        assert fresh["secrets"] != world["secrets"]


def test_bound_to_loopback_only(tmp_path: Path) -> None:
    if not Path("/proc/net/tcp").exists():
        pytest.skip("/proc/net/tcp is needed to see the sockets of a process")
    with running_world(tmp_path) as world:
        mine = {str(f.readlink()) for f in Path(f"/proc/{world['pid']}/fd").iterdir() if f.exists()}
        inodes = {name[8:-1] for name in mine if name.startswith("socket:[")}
        for table in ("tcp", "udp"):
            rows = [line.split() for line in Path("/proc/net/" + table).read_text().splitlines()[1:]]
            bound = {row[1].split(":")[0] for row in rows if row[9] in inodes}
            assert bound == {"0100007F"}
        for table in ("tcp6", "udp6"):
            path = Path("/proc/net/" + table)
            rows = [line.split() for line in path.read_text().splitlines()[1:]] if path.exists() else []
            assert not [row for row in rows if row[9] in inodes]


def test_many_items_start_and_list_quickly(tmp_path: Path) -> None:
    with running_world(tmp_path, items=5000) as world:
        arm = Arm(world)
        seen: set[str] = set()
        url, pages = f"{arm.vault}/replicationProtectedItems", 0
        while url:
            body = arm("GET", url).body
            seen |= {item["name"] for item in body["value"]}
            url, pages = body.get("nextLink", ""), pages + 1
        assert (len(seen), pages) == (5000, 50)
        killed(world)
        world = start(tmp_path, items=5000)
        fabric = arm("GET", f"{arm.vault}/replicationFabrics").body["value"][0]
        assert fabric["properties"]["customDetails"]["protectedServers"] == "5000"


def test_the_ledger_needs_its_key(tmp_path: Path) -> None:
    with running_world(tmp_path) as world:
        assert send(world["ca"], "GET", world["ledger"]).status == 403
