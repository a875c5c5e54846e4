"""Many machines side by side. What goes wrong with one is its finding and stops nothing else."""

from __future__ import annotations

import queue
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from services.guests.model import Machine
from services.logs import redacted
from services.problems.model import CancelledError, Problem, ProblemError
from services.readiness.evidence import seen
from services.readiness.guest_checks import GUEST_CHECKS, REACHABLE, GuestCheck
from services.readiness.model import Check, Evidence, Finding, Status
from services.readiness.visit import Ground, MachineDeadline, Visit
from services.text import _, plain
from services.world.deadline import Deadline

WIDTH = 32
"""Machines at the same time."""
EACH = 90.0
"""Real seconds that one machine may take."""
TICK = 0.2
NO_ANSWER = "The machine gave no answer that could be read: a command is missing there, or this account may not run it."
LOOK = "Look at it by hand, with the commands of the evidence."

Tell = Callable[[Finding], None]
AWAY = frozenset(("unreachable", "refused", "no-answer", "link-lost", "deadline"))
"""Problems that say nothing of the machine but that it could not be looked at."""


def sweep(
    machines: Sequence[Machine],
    ground: Ground,
    deadline: Deadline,
    tell: Tell,
    *,
    checks: Sequence[GuestCheck] = GUEST_CHECKS,
    width: int = WIDTH,
    each: float = EACH,
) -> list[Finding]:
    """Check every machine; findings come to `tell` in this thread as they are made, and are returned sorted.

    Raises CancelledError or DeadlineError when the whole sweep is stopped; machines still under way end at
    their next look at the deadline.
    """
    if not machines:
        return []
    made: queue.Queue[Finding] = queue.Queue()
    pool = ThreadPoolExecutor(min(width, len(machines)), thread_name_prefix="sweep")

    def one(machine: Machine) -> None:
        _visited(Visit(machine, ground, MachineDeadline(each, deadline)), checks, made.put)

    try:
        running = [pool.submit(one, machine) for machine in machines]
        findings = _gathered(running, made, deadline, tell)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    places = {machine.name: number for number, machine in enumerate(machines)}
    return sorted(findings, key=lambda finding: places[finding.target])


def _gathered(
    running: Sequence[Future[None]], made: queue.Queue[Finding], deadline: Deadline, tell: Tell
) -> list[Finding]:
    findings: list[Finding] = []
    while True:
        # Looked at before the queue is: what was put before the end is then still taken.
        ended = all(future.done() for future in running)
        try:
            findings.append(made.get(timeout=0 if ended else TICK))
            tell(findings[-1])
        except queue.Empty:
            if ended:
                break
        deadline.check()
    for future in running:
        future.result()
    return findings


def _visited(visit: Visit, checks: Sequence[GuestCheck], put: Tell) -> None:
    try:
        for declared in checks:
            if declared.applies(visit):
                finding = looked(declared.check, visit)
                put(finding)
                if declared.check is REACHABLE and finding.status is not Status.OK:
                    return
    except CancelledError:
        return
    finally:
        visit.close()


def looked(check: Check[Visit], visit: Visit) -> Finding:
    """What one check says; a problem that it met is its finding. CancelledError.

    A machine knows its own password and may print it: no finding holds one.
    """
    return without_secrets(_explained(_looked(check, visit)))


def _looked(check: Check[Visit], visit: Visit) -> Finding:
    try:
        visit.deadline.check()
        return check.look(visit)
    except CancelledError:
        raise
    except ProblemError as error:
        return _of_problem(check, visit, error.problems[0])
    except Exception as error:
        # A foreign library may raise anything on hostile input; only its kind is told.
        broke = Problem("unexpected", visit.machine.name, f"The check broke off: {type(error).__name__}.")
        return _of_problem(check, visit, broke)


def _of_problem(check: Check[Visit], visit: Visit, problem: Problem) -> Finding:
    """A problem as a finding of the check that met it, with its own cause and next action."""
    status = Status.UNKNOWN if problem.code in AWAY or check is not REACHABLE else Status.FAILED
    what = problem.what[:1].upper() + problem.what[1:]
    if check is REACHABLE and visit.machine.mobility == "installed":
        status = Status.WARNING
        what = f"{what} The Mobility service is installed, so nothing depends on it."
    return Finding(
        check.id,
        visit.machine.name,
        status,
        plain(what),
        (seen(f"{check.title}, {visit.machine.address}", f"{problem.code}: {problem.raw or problem.what}"),),
        cause=problem.cause,
        fix=_with_command(problem),
        source=problem.source or check.source,
    )


def _with_command(problem: Problem) -> str:
    """What would do, with the command that it speaks of."""
    if not problem.check:
        return problem.remedy
    command = _("Command: {command}").format(command=plain(problem.check, 300))
    return f"{problem.remedy} {command}".strip()


def _explained(finding: Finding) -> Finding:
    """The finding; what could not be read says why that may be, and what would do."""
    if finding.status is not Status.UNKNOWN:
        return finding
    return replace(finding, cause=finding.cause or NO_ANSWER, fix=finding.fix or LOOK)


def without_secrets(finding: Finding) -> Finding:
    """The finding, the secrets that this process knows taken out of what machines have said."""
    evidence = tuple(Evidence(item.command, redacted(item.output)) for item in finding.evidence)
    what, cause, fix = map(redacted, (finding.what, finding.cause, finding.fix))
    return replace(finding, what=what, evidence=evidence, cause=cause, fix=fix)
