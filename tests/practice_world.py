"""A practice world for tests: real servers on loopback, in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def environment() -> dict[str, str]:
    """The environment for a child that imports the product, without proxies or credentials."""
    kept = {
        k: v for k, v in os.environ.items() if not k.upper().endswith("_PROXY") and not k.startswith("AZURE_")
    }
    return {**kept, "PYTHONPATH": str(ROOT)}


def command(name: str, state: Path, *arguments: str) -> list[str]:
    """The command line of the practice servers."""
    return [sys.executable, "-P", "-m", "services.practice", name, "--state", str(state), *arguments]


def start(
    state: Path,
    *,
    speed: float = 3600.0,
    items: int = 0,
    jobs: int = 0,
    hyperv: int = 0,
    faults: list[dict[str, Any]] | None = None,
    record: Path | None = None,
    idle: float = 1800.0,
) -> dict[str, Any]:
    """Start the servers of a state folder (or find them) and return the world they printed."""
    arguments = [
        "--speed",
        str(speed),
        "--items",
        str(items),
        "--jobs",
        str(jobs),
        "--hyperv",
        str(hyperv),
        "--idle",
        str(idle),
        "--detach",
    ]
    if faults is not None:
        state.mkdir(parents=True, exist_ok=True)
        (state / "faults.json").write_text(json.dumps(faults))
        arguments += ["--faults", str(state / "faults.json")]
    if record is not None:
        arguments += ["--record", str(record)]
    done = subprocess.run(
        command("serve", state, *arguments),
        env=environment(),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"practice serve ended {done.returncode}: {done.stderr}")
    world: dict[str, Any] = json.loads(done.stdout)
    return world


def stop(state: Path) -> None:
    """Stop the servers and forget their world."""
    subprocess.run(command("reset", state), env=environment(), capture_output=True, timeout=60, check=True)


@contextmanager
def running_world(
    tmp: Path,
    *,
    speed: float = 3600.0,
    items: int = 0,
    jobs: int = 0,
    hyperv: int = 0,
    faults: list[dict[str, Any]] | None = None,
    record: Path | None = None,
) -> Iterator[dict[str, Any]]:
    """A world that lives as long as the block. `tmp` is its state folder (practice lives in tmp/practice)."""
    world = start(tmp, speed=speed, items=items, jobs=jobs, hyperv=hyperv, faults=faults, record=record)
    try:
        yield world
    finally:
        stop(tmp)


def ledger(world: dict[str, Any]) -> list[dict[str, Any]]:
    """The accepted mutations of a world."""
    lines: list[dict[str, Any]] = practice_request(world, "GET", world["ledger"])
    return lines


def set_faults(world: dict[str, Any], rules: list[dict[str, Any]]) -> None:
    """Replace the fault rules of a running world."""
    practice_request(world, "PUT", world["arm"] + "/practice/faults", rules)


def practice_request(world: dict[str, Any], method: str, url: str, body: Any = None) -> Any:
    """A request behind the scenes, with the world's key."""
    import ssl
    import urllib.request

    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"x-practice-key": world["ledgerKey"]}, method=method)
    context = ssl.create_default_context(cafile=world["ca"])
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    )
    with opener.open(request, timeout=20) as answer:
        return json.loads(answer.read())
