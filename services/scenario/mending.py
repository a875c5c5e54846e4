"""Fixes of an engagement's machines without screens: what can be mended, what is made, what stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from services.guests.model import Machine
from services.journal.journal import Journal
from services.names import meant
from services.problems.model import CancelledError, DeadlineError, Problem, ProblemError, UsageError
from services.readiness.fixes import records
from services.readiness.fixes.engine import apply_fix, preview_fix, undo_fix
from services.readiness.fixes.linux import LINUX_FIXES
from services.readiness.fixes.model import Consent, Fix, Preview
from services.readiness.fixes.records import Kept
from services.readiness.fixes.windows import SERVER_FIXES, WINDOWS_FIXES
from services.readiness.guest_checks import GUEST_CHECKS, REACHABLE, SERVER_CHECKS
from services.readiness.model import Finding, Status
from services.readiness.sweep import EACH, WIDTH, sweep
from services.readiness.visit import Ground, MachineDeadline
from services.scenario.answers import Answers
from services.scenario.azure_stack.machines import machines_of
from services.scenario.azure_stack.readiness import ground
from services.scenario.azure_stack.server_machine import server_machine
from services.scenario.session import Session
from services.scenario.walk import waived
from services.text import _

FIXES: tuple[Fix, ...] = (*LINUX_FIXES, *WINDOWS_FIXES)
KNOWN: tuple[Fix, ...] = (*FIXES, *SERVER_FIXES)
MENDABLE = (Status.FAILED, Status.WARNING)


@dataclass(frozen=True)
class Mending:
    """One fix for one machine. Without `fix` the machine could not be looked at; then `problem` says why.

    Where `found` is waived there is no preview: what was accepted in writing is left alone.
    `cut_off`: it was under way when the program died; making it again finishes it, also where the preview is
    empty.
    """

    machine: Machine
    fix: Fix | None
    found: Finding
    preview: Preview | None = None
    problem: Problem | None = None
    cut_off: bool = False


class Workshop:
    """The machines and fixes that were chosen, over one ground. For one worker; asks for secrets once."""

    def __init__(
        self, session: Session, machines: Sequence[Machine], fixes: Sequence[Fix], *, waived_too: bool = False
    ) -> None:
        self.session = session
        self.machines = list(machines)
        self.fixes = list(fixes)
        self.waived_too = waived_too
        self._ground: Ground | None = None

    @property
    def ground(self) -> Ground:
        """What all visits share, made at first use."""
        if self._ground is None:
            self._ground = ground(self.session, self.machines)
        return self._ground

    def plan(self, tell: Callable[[Finding], None]) -> list[Mending]:
        """Look at the machines, and preview a fix for each finding that has one. Changes nothing."""
        wanted = {fix.check for fix in self.fixes}
        found: list[Finding] = []

        def told(finding: Finding) -> None:
            tell(self._judged(finding))

        server = server_machine(self.session) if has_server(self.session.answers) else None
        for machines, known in (
            ([one for one in self.machines if one != server], GUEST_CHECKS),
            ([one for one in self.machines if one == server], SERVER_CHECKS),
        ):
            checks = [one for one in known if one.check is REACHABLE or one.check.id in wanted]
            if any(one.check is not REACHABLE for one in checks):
                looked = sweep(machines, self.ground, self.session.deadline, told, checks=checks)
                found += map(self._judged, looked)
        by_name = {machine.name: machine for machine in self.machines}
        away = [
            Mending(by_name[one.target], None, one, problem=_problem(one))
            for one in found
            if one.id == REACHABLE.id and one.status is not Status.OK
        ]
        cut = cut_off(self.session)
        wrong = [
            (by_name[one.target], fix, one, (one.target, fix.id) in cut)
            for one in found
            for fix in self.fixes
            if fix.check == one.id and fix.os_type == by_name[one.target].os_type
            if one.status in (*MENDABLE, Status.WAIVED) or (one.target, fix.id) in cut
        ]
        with ThreadPoolExecutor(WIDTH, thread_name_prefix="preview") as pool:
            return [*away, *pool.map(lambda one: self._previewed(*one), wrong)]

    def apply(self, mending: Mending, *, weakening: bool) -> Finding:
        """Make exactly what the preview showed; what its check says then. ProblemError."""
        assert mending.fix is not None
        assert mending.preview is not None
        journal, number = self.session.journal, self.session.engagement_id
        shown = mending.preview
        consent = Consent(shown.digest, journal.actor.name, weakening, shown.change)
        return apply_fix(
            journal, number, mending.machine, mending.fix, self.ground, self._deadline(), consent
        )

    def undo(self, machine: Machine, fix: Fix) -> Finding:
        """Take back a fix of a machine; what its check says then. ProblemError."""
        journal, number = self.session.journal, self.session.engagement_id
        return undo_fix(journal, number, machine, fix, self.ground, self._deadline())

    def _judged(self, finding: Finding) -> Finding:
        """The finding as the waivers say, where they are heeded."""
        if self.waived_too or finding.id == REACHABLE.id:
            return finding
        today = self.session.world.clock.now().date().isoformat()
        return waived(finding, self.session.journal.waivers(self.session.engagement_id), today)

    def _previewed(self, machine: Machine, fix: Fix, found: Finding, cut: bool) -> Mending:
        if found.status is Status.WAIVED and not cut:
            return Mending(machine, fix, found)
        try:
            shown = preview_fix(machine, fix, self.ground, self._deadline())
            return Mending(machine, fix, found, shown, cut_off=cut)
        except (CancelledError, DeadlineError):
            self.session.deadline.check()
            late = Problem("deadline", machine.name, _("the machine did not answer in time."))
            return Mending(machine, fix, found, problem=late)
        except ProblemError as error:
            return Mending(machine, fix, found, problem=error.problems[0])

    def _deadline(self) -> MachineDeadline:
        return MachineDeadline(EACH, self.session.deadline)


def workshop(
    session: Session, *, machines: Sequence[str] = (), kinds: Sequence[str] = (), waived_too: bool = False
) -> Workshop:
    """The fixes of these checks (or fix ids) for these machines; without names all. UsageError.

    `waived_too`: also what was accepted in writing; otherwise that is left alone.
    """
    chosen, fixes = chosen_machines(session, machines), chosen_fixes(kinds)
    if not machines and any(fix in SERVER_FIXES for fix in fixes) and has_server(session.answers):
        chosen.append(server_machine(session))
    return Workshop(session, chosen, fixes, waived_too=waived_too)


def chosen_machines(session: Session, names: Sequence[str]) -> list[Machine]:
    """The engagement's machines of these names, all without names. UsageError names those there are."""
    known = {machine.name.lower(): machine for machine in _visited(session.answers)}
    _refuse_unknown("machine", [name for name in names if name.lower() not in known], known)
    return [known[name.lower()] for name in names] if names else machines_of(session)


def chosen_fixes(kinds: Sequence[str]) -> list[Fix]:
    """The fixes of these checks or of these ids, all without any. UsageError names those there are."""
    known = dict.fromkeys([*(fix.check for fix in KNOWN), *(fix.id for fix in KNOWN)])
    _refuse_unknown("fix", [kind for kind in kinds if kind not in known], known)
    if not kinds:
        return list(FIXES)
    return [fix for fix in KNOWN if fix.check in kinds or fix.id in kinds]


def systems_of(answers: Answers, *, server: bool) -> dict[str, str]:
    """The operating system of each machine that can be visited, by name; empty for a scenario without any.

    `server`: with the configuration server.
    """
    needed = ("machines.machines", "machines.csv")
    if not all(answers.field(key) for key in needed):
        return {}
    return {machine.name: machine.os_type for machine in (_visited if server else machines_of)(answers)}


def has_server(answers: Answers) -> bool:
    """Whether the configuration server and its account are named."""
    return answers.field("server.address") is not None and bool(answers.text("server.address"))


def _visited(answers: Answers) -> list[Machine]:
    """The machines to protect, and the configuration server where it is named and none of them."""
    machines = machines_of(answers)
    if has_server(answers) and all(server_machine(answers).name != one.name for one in machines):
        return [*machines, server_machine(answers)]
    return machines


def has_fix(systems: Mapping[str, str], found: Finding) -> bool:
    """Whether there is a fix for what a check found on this machine."""
    return any(fix.check == found.id and fix.os_type == systems.get(found.target) for fix in KNOWN)


def standing(session: Session) -> list[Kept]:
    """The fixes that machines of this engagement carry or may carry, the oldest first."""
    return standing_of(session.journal, session.engagement_id)


def cut_off(session: Session) -> set[tuple[str, str]]:
    """Machine and fix of those that were under way when the program died."""
    return {(one.undo.machine, one.undo.fix) for one in standing(session) if one.state == records.INTENDED}


def standing_of(journal: Journal, engagement_id: int) -> list[Kept]:
    """The same, of an engagement in a journal."""
    return [one for one in records.kept(journal, engagement_id) if one.standing]


def fix_of(fix_id: str) -> Fix | None:
    """The declaration of a fix; None for one that this version does not know."""
    return next((fix for fix in KNOWN if fix.id == fix_id), None)


def _refuse_unknown(kind: str, unknown: Sequence[str], known: Iterable[str]) -> None:
    names = list(known)
    if unknown:
        what = _("is not known.")
        raise UsageError(
            *(Problem(f"unknown-{kind}", name, what, remedy=meant(name, names)) for name in unknown)
        )


def _problem(found: Finding) -> Problem:
    return Problem(found.id, found.target, found.what, found.cause, found.fix, source=found.source)
