"""AS-6.7: whether the configuration server has been restarted since setup asked for it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from services.guests.powershell import powershell
from services.problems.model import CancelledError, ProblemError
from services.readiness.evidence import seen
from services.readiness.model import Evidence, Finding, Status
from services.scenario.azure_stack.readiness import doors
from services.scenario.azure_stack.server_machine import server_machine
from services.scenario.azure_stack.setup_run import ENDED, EXIT, RESTART
from services.scenario.model import StepCheck
from services.scenario.session import Session

SOURCE = "Windows Installer, ERROR_SUCCESS_REBOOT_REQUIRED"
# Both times are the server's own, so that how far its clock is off does not matter.
UPTIME = (
    "$o=Get-WmiObject Win32_OperatingSystem;"
    "'up='+[int64]($o.ConvertToDateTime($o.LocalDateTime)-$o.ConvertToDateTime($o.LastBootUpTime)).TotalSeconds"
)
_UP = re.compile(r"^up=(\d{1,11})\s*$", re.M)


def _look(session: Session) -> Sequence[Finding]:
    if session.facts.get(EXIT) != RESTART:
        return []
    booted, evidence = _booted(session)
    ended = session.facts.get(ENDED)
    if booted and ended and booted > datetime.fromisoformat(ended):
        return [_finding(session, Status.OK, "The server was restarted after setup.", evidence)]
    what = "Setup has ended well and asks for a restart of the server."
    return [_finding(session, Status.WARNING, what, evidence)]


def _finding(session: Session, status: Status, what: str, evidence: tuple[Evidence, ...]) -> Finding:
    name = session.answers.text("server.name")
    code = Evidence("exit code of UNIFIEDSETUP.EXE", str(RESTART))
    if status is Status.OK:
        return Finding("server-restart", name, status, what, (code, *evidence), source=SOURCE)
    return Finding(
        "server-restart",
        name,
        status,
        what,
        (code, *evidence),
        cause="What was installed takes effect only after a restart.",
        fix="Restart the server when it suits you; nothing is replicated yet.",
        source=SOURCE,
    )


def _booted(session: Session) -> tuple[datetime | None, tuple[Evidence, ...]]:
    """When the server started, in this world's time; None where it does not let us in unasked."""
    server = server_machine(session)
    if not server.address or server.secret in ("", "prompt"):
        return None, ()
    command = f"Win32_OperatingSystem on {server.name}"
    try:
        with contextlib.closing(doors(session, [server])(server, session.deadline)) as shell:
            output = shell.run(powershell(UPTIME), session.deadline)
    except CancelledError:
        raise
    except ProblemError as error:
        session.deadline.check()
        return None, (seen(command, error.problems[0].what),)
    up = _UP.search(output.stdout)
    evidence = (seen(command, output.stdout or output.stderr),)
    return session.world.clock.now() - timedelta(seconds=int(up[1])) if up else None, evidence


SERVER_RESTART = StepCheck(
    "server-restart", ("AS-6.7",), "The server needs no restart", _look, blocking=False
)
