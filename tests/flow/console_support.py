"""A vault with protected items in the practice world, and the console's commands run against it in forked children."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.flow.support import Ran, Zygote, world_file
from tests.practice_world import ledger, running_world


@dataclass
class Bench:
    """One world, one journal, one process that forks the commands."""

    world: dict[str, Any]
    served: Path
    state: Path
    forked: Zygote

    def __call__(
        self, *command: str, line: int | None = None, commit: int | None = None, said: str | None = None
    ) -> Ran:
        """Run a command of the console; it kills itself after that line of output or at that commit (Zygote.run)."""
        return self.forked.run([*self.options, *command], line=line, commit=commit, said=said)

    @property
    def options(self) -> list[str]:
        return ["--practice", "--state", str(self.state), "--world", str(world_file(self.served))]

    def asked(self, part: str) -> list[dict[str, Any]]:
        """The accepted mutations whose path has this in it."""
        return [row for row in ledger(self.world) if part.lower() in str(row["target"]).lower()]

    def another_host(self, folder: Path) -> Bench:
        """The same vault, seen from a host with an empty journal."""
        return Bench(self.world, self.served, folder, self.forked)


@contextmanager
def bench(folder: Path, forked: Zygote, *, items: int = 12, **more: Any) -> Iterator[Bench]:
    served = folder / "served"
    with running_world(served, items=items, **more) as world:
        yield Bench(world, served, folder / "client", forked)


def problems(ran: Ran) -> str:
    """What a command said was wrong."""
    told = [one for one in ran.events if one["event"] == "problem"]
    return " | ".join(f"{one['what']} {one['cause']} {one['remedy']}" for one in told)
