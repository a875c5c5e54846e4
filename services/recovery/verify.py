"""Whether a machine that was started in Azure is there, runs, is of the right size and in the right network."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from services.azure.ids import last
from services.azure.machines import MachineView
from services.recovery import checks
from services.recovery.checks import Check
from services.recovery.drill_plan import Part
from services.recovery.measured import checked, noted
from services.recovery.run import Run
from services.text import _, plain

BOOT_LIMIT = 900.0
"""World seconds within which a machine must run once its job has ended."""
OK, FAILED = "ok", "failed"


def machine(run: Run, part: Part, network_id: str) -> MachineView | None:
    """Look until the machine runs, and keep what is seen as checks of kind vm; None when it never came.

    What was looked at in an earlier life of the run is not looked at again.
    """
    found = _awaited(run, part)
    if found is None:
        _said(run, part, "machine", "running", "not there", FAILED)
        return None
    if found.power == "running":
        noted(run, f"running.{part.title}", found.since)
    run.learn(**{f"machine.{part.title}": asdict(found)})
    _said(run, part, "power", "running", found.power, OK if found.power == "running" else FAILED)
    _compared(run, part, "size", part.size, found.size)
    _compared(run, part, "network", network_id, found.network_id)
    _said(run, part, "address", part.address, found.address, OK)
    return found


def application(run: Run, part: Part, wanted: list[Check], address: str) -> bool:
    """Do the checks of one machine; whether all came out well. Each is an event, and is kept."""
    seen = []
    for check in wanted:
        key = f"check.{part.title}.{check.name}"
        kept = run.facts.get(key)
        if kept is None:
            result = checks.run_check(check, address, part.os_type, run.world, run.deadline)
            kept = {"kind": check.kind, "what": check.what, "user": check.user, **asdict(result)}
            run.learn(**{key: kept})
            run.emit(_event(part, check.name, kept))
        seen.append(kept)
    well = all(one["state"] == OK for one in seen)
    if seen and well:
        checked(run, part.title, seen)
    return well


def connecting(part: Part, found: MachineView) -> list[str]:
    """How to connect to the machine (AS-9.6, AS-9.8), as sentences."""
    port, how = ("3389", "RDP") if part.os_type == "Windows" else ("22", "SSH")
    said = [
        _("{machine} answers at {address} inside its network.").format(
            machine=found.name, address=found.address
        )
    ]
    if found.public:
        said.append(_("From outside: {address}.").format(address=", ".join(found.public)))
    else:
        said.append(
            _(
                "It has no public address: connect from a machine in that network, or give it a public address."
            )
        )
    said.append(
        _("The security group {group} must let in TCP {port} for {how}.").format(
            group=plain(found.security_group) or _("of its subnet"), port=port, how=how
        )
    )
    state = _("on") if found.boot_diagnostics else _("off")
    said.append(
        _("Boot diagnostics are {state}: the screen and the serial log show why it does not start.").format(
            state=state
        )
    )
    return said


def _awaited(run: Run, part: Part) -> MachineView | None:
    from services.azure.machines import Machines

    clock = run.world.clock
    machines = Machines(run.azure.arm, run.vault.ref.subscription)
    began = clock.now()
    while True:
        found = machines.named(part.group_id, part.machine)
        if found is not None and found.power == "running":
            return found
        if (clock.now() - began).total_seconds() > BOOT_LIMIT:
            return found
        run.deadline.wait(max(0.5, clock.real_seconds(15.0)))


def _compared(run: Run, part: Part, what: str, expected: str, actual: str) -> None:
    same = expected.lower() == actual.lower() or not expected
    if same:
        expected, actual = last(expected), last(actual)
    _said(run, part, what, expected, actual, OK if same else FAILED)


def _said(run: Run, part: Part, what: str, expected: str, actual: str, state: str) -> None:
    key = f"check.{part.title}.vm:{what}"
    at = run.world.clock.now().isoformat(timespec="seconds")
    kept: dict[str, Any] = {"kind": "vm", "what": what, "user": "", "state": state}
    kept |= {"expected": expected, "actual": actual, "at": at, "tries": 1}
    if key not in run.facts:
        run.learn(**{key: kept})
        run.emit(_event(part, f"vm:{what}", kept))


def _event(part: Part, name: str, kept: dict[str, Any]) -> dict[str, Any]:
    return {
        "event": "check",
        "machine": part.title,
        "name": name,
        "state": kept["state"],
        "expected": kept["expected"],
        "actual": kept["actual"],
        "tries": kept["tries"],
        "at": kept["at"],
    }
