"""Host keys of machines that were never met: one list of all of them, and those of it that are accepted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from services.guests.model import Machine
from services.journal.journal import Journal
from services.problems.model import CancelledError, Problem, ProblemError
from services.readiness.doors import OWN_KEYS, host_keys, shared_routes
from services.readiness.sweep import WIDTH
from services.readiness.visit import MachineDeadline
from services.text import _
from services.world.deadline import Deadline
from services.world.model import World

if TYPE_CHECKING:
    from paramiko import PKey

    from services.guests.host_keys import Noted

EACH = 30.0
"""Real seconds that one machine may take to show its key."""
ACCEPTED = "host-key-accepted"
"""The event in the journal."""


@dataclass(frozen=True)
class UnknownKey:
    """A host key that was never seen here. `machines` are those behind it: a jump host stands before several.

    `host` and `port` say where it was shown, `kind` and `fingerprint` are as ssh-keygen -l prints them.
    """

    machines: tuple[str, ...]
    host: str
    port: int
    kind: str
    fingerprint: str
    line: str = field(repr=False, default="")
    """The key as known_hosts holds it: kind and base64."""


def unknown_keys(
    world: World, machines: Sequence[Machine], deadline: Deadline, *, sha1: frozenset[str] = frozenset()
) -> list[UnknownKey]:
    """The keys of Linux machines, and of jump hosts before them, that nobody has accepted; in the list's order.

    Signs in nowhere but on jump hosts. A machine that cannot be reached, or whose key is wrong, is left to the
    sweep. `sha1` are names, in lower case, for which SHA-1 was allowed. CancelledError, DeadlineError.
    """
    from services.guests.host_keys import HostKeyError
    from services.guests.ssh import meet

    routes = shared_routes(world)

    def shown(machine: Machine) -> UnknownKey | None:
        try:
            meet(
                machine,
                world,
                MachineDeadline(EACH, deadline),
                host_keys=host_keys(world, machine),
                routes=routes,
                allow_sha1=machine.name.lower() in sha1,
            )
        except CancelledError:
            raise
        except HostKeyError as error:
            if error.problems[0].code == "host-key-unknown" and not machine.fingerprint:
                kind, text = error.key.get_name(), error.key.get_base64()
                line = f"{kind} {text}"
                return UnknownKey((machine.name,), error.host, error.port, kind, error.fingerprint, line)
        except ProblemError:
            deadline.check()
        return None

    linux = [machine for machine in machines if machine.os_type == "Linux"]
    if not linux:
        return []
    with ThreadPoolExecutor(min(WIDTH, len(linux)), thread_name_prefix="host-keys") as pool:
        return _merged(pool.map(shown, linux))


def _merged(found: Iterable[UnknownKey | None]) -> list[UnknownKey]:
    """Each key once, with all of the machines behind it."""
    whole: dict[tuple[str, int, str], UnknownKey] = {}
    for one in found:
        if one is not None:
            key = (one.host, one.port, one.line)
            before = whole[key].machines if key in whole else ()
            whole[key] = UnknownKey((*before, *one.machines), *key[:2], one.kind, one.fingerprint, one.line)
    return list(whole.values())


def accept(world: World, journal: Journal, keys: Sequence[UnknownKey], by: str) -> None:
    """Remember these keys from now on, in the file of this world, and say so in the journal. ProblemError."""
    from paramiko.hostkeys import HostKeyEntry

    from services.guests.host_keys import HostKeys

    own = HostKeys(world.state / OWN_KEYS, noted=noting(journal, by))
    for one in keys:
        entry = HostKeyEntry.from_line(f"{one.host} {one.line}")
        if entry is None or entry.key is None:
            what = _("the host key of {host} cannot be read.").format(host=one.host)
            raise ProblemError(Problem("host-key-unusable", one.host, what))
        own.remember(one.host, one.port, entry.key)


def noting(journal: Journal, by: str = "") -> Noted | None:
    """Writes each accepted key to the journal with who accepted it: `by`, or who is signed in; None where the
    journal is only read.
    """
    if journal.read_only:
        return None
    by = by or journal.actor.name

    def noted(host: str, port: int, key: PKey) -> None:
        from services.guests.host_keys import fingerprint

        data = {"host": host, "port": port, "kind": key.get_name(), "fingerprint": fingerprint(key), "by": by}
        journal.event(ACCEPTED, data)

    return noted
