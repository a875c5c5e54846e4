"""Driving `lifeboat run` as a process, and asking the practice server what it accepted."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.practice_world import ledger

ROOT = Path(__file__).parents[2]
SCENARIO = "azure-stack-to-azure"


@dataclass
class Ran:
    """How a run ended: its exit status (negative: the signal) and the events it printed."""

    status: int
    lines: list[str]
    stderr: str = ""

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]

    @property
    def end(self) -> dict[str, Any]:
        last = self.events[-1]
        assert last["event"] == "end", last
        return last


def lifeboat(*arguments: str, timeout: float = 120, stdin: str = "") -> Ran:
    """Run the program in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tui", *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        cwd=ROOT,
        input=stdin,
    )
    return Ran(done.returncode, done.stdout.splitlines(), done.stderr)


def world_file(state: Path) -> Path:
    return state / "practice" / "world.json"


def answers_file(state: Path, folder: Path) -> Path:
    """The answers file that the product prints for this world, as it is."""
    printed = lifeboat(
        "--practice", "--state", str(state), "--world", str(world_file(state)), "answers", SCENARIO
    )
    assert printed.status == 0, printed.stderr
    path = folder / "answers.toml"
    path.write_text("\n".join(printed.lines) + "\n", encoding="utf-8")
    return path


def run_arguments(state: Path, answers: Path) -> list[str]:
    joined = ["--practice", "--state", str(state), "--world", str(world_file(state))]
    return [*joined, "run", "--answers", str(answers), "--yes", "--json", "--timeout", "100"]


def doubled(world: dict[str, Any]) -> list[dict[str, Any]]:
    """Accepted mutations that change something and came more than once."""
    return [row for row in ledger(world) if row["changes"] and row["count"] > 1]


class Zygote:
    """A process that forks one run after the other."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.flow.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert json.loads(self._read()) == {"ready": True}

    def run(
        self,
        arguments: list[str],
        *,
        commit: int | None = None,
        line: int | None = None,
        said: str | None = None,
    ) -> Ran:
        """One run; it kills itself at that commit, counted from the event on that has `said` in it, or after that
        line of output.
        """
        assert self._process.stdin is not None
        asked = {"argv": arguments, "commit": commit, "line": line, "said": said}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._read())
        return Ran(answer["status"], answer["lines"])

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


@contextmanager
def zygote() -> Iterator[Zygote]:
    one = Zygote()
    try:
        yield one
    finally:
        one.close()
