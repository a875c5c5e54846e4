"""The fixes of an engagement's machines as files for somebody who has the rights that are missing here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from services.guests.model import Machine
from services.readiness import export_files
from services.readiness.exports import Host, rendered
from services.readiness.fixes.model import Fix
from services.readiness.model import Status
from services.scenario.azure_stack.readiness import settings
from services.scenario.mending import chosen_fixes, chosen_machines
from services.scenario.session import Session
from services.text import _

BAD = (Status.FAILED, Status.WARNING, Status.UNKNOWN)


def scripts(session: Session, names: Sequence[str], kinds: Sequence[str], folder: Path) -> list[Path]:
    """Write the files; machines are not visited: what they need is what the journal's findings say.

    A machine without findings gets all fixes. What weakens a machine is made only when it is named, here or
    when the script is run.
    """
    fixes = chosen_fixes(kinds)
    statuses = {(row.target, row.id): row.status for row in session.journal.findings(session.engagement_id)}
    hosts = [
        Host(
            machine.name,
            machine.address,
            machine.os_type,
            machine.user,
            _needed(machine, fixes, kinds, statuses),
        )
        for machine in chosen_machines(session, names)
    ]
    world = session.world
    label = "PRACTICE" if world.practice else world.id
    title = f"{label}, {_('readiness')}, {world.clock.now():%Y-%m-%d %H:%M} UTC"
    files = rendered(fixes, hosts, title, settings(session).process_server)
    return export_files.write(folder, files)


def _needed(
    machine: Machine, fixes: Sequence[Fix], kinds: Sequence[str], statuses: Mapping[tuple[str, str], str]
) -> tuple[str, ...]:
    looked_at = any(target == machine.name for target, _check in statuses)
    return tuple(
        fix.id
        for fix in fixes
        if fix.os_type == machine.os_type
        and (kinds or not fix.weakens)
        and (not looked_at or statuses.get((machine.name, fix.check)) in BAD)
    )
