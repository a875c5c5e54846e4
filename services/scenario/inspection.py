"""Readiness without screens: which machines are looked at, what is found, and what of it blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from services.guests.model import Machine
from services.journal.journal import Journal
from services.journal.model import Engagement
from services.problems.model import Problem, UsageError
from services.readiness.model import Finding, Status
from services.scenario.answers import Answers
from services.scenario.azure_stack import machine_list
from services.scenario.azure_stack.machines import machines_of
from services.scenario.azure_stack.readiness import ACCEPT_NEW, allowed_names
from services.scenario.azure_stack.scenario import AZURE_STACK_TO_AZURE
from services.scenario.model import Scenario, Step
from services.scenario.registry import OWN, set_ups
from services.scenario.registry import scenario as scenario_of
from services.scenario.session import Event, Session
from services.scenario.titles import current_vault, with_vault
from services.scenario.validate import mistakes, problems_of
from services.scenario.walk import in_the_name_of, waived
from services.text import _
from services.world.deadline import Deadline
from services.world.model import World

STEPS = ("machines", "readiness")
"""The steps whose checks look at machines."""
ALLOWED = "weak-algorithm-allowed"
"""The event in the journal when SHA-1 or TLS 1.0 is allowed for a machine."""
ALL = "all-machines"
"""What the practice world knows: all of its machines, as CSV."""

Tell = Callable[[Finding], None]


@dataclass(frozen=True)
class Wanted:
    """What was asked for: an engagement by name, a CSV file of machines, both or neither."""

    engagement: str = ""
    machines: Path | None = None
    accept_new: bool = False
    sha1: tuple[str, ...] = ()
    tls1: tuple[str, ...] = ()
    """Names of machines for which SHA-1 in SSH and TLS 1.0 in WinRM are allowed from now on, and why."""
    reason: str = ""


@dataclass(frozen=True)
class Inspection:
    """An engagement's machines under its checks. `keeps`: what is found is written to the journal."""

    scenario: Scenario
    session: Session
    name: str
    keeps: bool

    @property
    def title(self) -> str:
        """The engagement as a report names it."""
        return titled(self.name, self.session.answers)

    @property
    def steps(self) -> list[Step]:
        """The steps that are looked at, in their order."""
        return [self.scenario.step(step_id) for step_id in STEPS]

    @property
    def titles(self) -> dict[str, str]:
        """What each check is about, by id: English source texts."""
        return {check.id: check.title for step in self.steps for check in step.checks}

    @property
    def machines(self) -> list[Machine]:
        """The machines that are looked at."""
        return machines_of(self.session)

    def blockers(self, findings: Sequence[Finding]) -> list[Finding]:
        """The findings that keep a step from being complete, as its checks declare."""
        blocking = {check.id for step in self.steps for check in step.checks if check.blocking}
        bad = (Status.FAILED, Status.UNKNOWN)
        return [finding for finding in findings if finding.status in bad and finding.id in blocking]

    def waived(self, finding: Finding) -> Finding:
        """The finding, accepted where the engagement's waivers say so."""
        today = self.session.world.clock.now().date().isoformat()
        return waived(finding, self.session.journal.waivers(self.session.engagement_id), today)

    def look(self, tell: Tell) -> list[Finding]:
        """Run the checks; `tell` gets each finding of a step when its check has looked. ProblemError."""
        found: list[Finding] = []
        for step in self.steps:
            ours: list[Finding] = []
            for check in step.checks:
                if check.applies(self.session.answers):
                    self.session.deadline.check()
                    seen = [self.waived(one) for one in check.look(self.session)]
                    ours += seen
                    for finding in seen:
                        tell(finding)
            if self.keeps:
                self.session.journal.save_findings(self.session.engagement_id, step.id, ours)
            found += ours
        return found


def inspection(
    world: World,
    journal: Journal,
    wanted: Wanted,
    deadline: Deadline,
    emit: Callable[[Event], None],
    ask: Callable[[str, str], str] | None = None,
) -> Inspection:
    """What was asked for, ready to be looked at. UsageError: no such engagement, mistakes in the list."""
    engagement = engagement_for(world, journal, wanted)
    if engagement is not None:
        in_the_name_of(journal, engagement)
    chosen = scenario_of(engagement.scenario) if engagement else AZURE_STACK_TO_AZURE
    number = engagement.id if engagement else 0
    given = {key: row.value for key, row in journal.answers(number).items()}
    own = engagement is None or engagement.name == OWN
    given |= _listed(world, wanted, own=own, known=given)
    if wanted.accept_new:
        given["readiness.host-keys"] = ACCEPT_NEW
    answers = Answers(chosen, given, world.known)
    _refuse_mistakes(chosen, answers, wanted.machines)
    _refuse_strangers((*wanted.sha1, *wanted.tls1), machines_of(answers))
    for key, names in (("allow-sha1", wanted.sha1), ("allow-tls1", wanted.tls1)):
        given |= _allowed(journal, number, f"readiness.{key}", names, wanted.reason, given)
    answers = Answers(chosen, given, world.known)
    keeps = not journal.read_only and (own or wanted.machines is None)
    if keeps and own:
        journal.save_answers(number, {key: (value, True) for key, value in given.items()})
    session = Session(world, journal, number, answers, deadline, emit, ask)
    return Inspection(chosen, session, engagement.name if engagement else OWN, keeps)


def titled(name: str, answers: Answers) -> str:
    """An engagement's name, and its vault where that has become another than the name says."""
    return name if name == OWN else with_vault(name, current_vault(answers))


def waivable(world: World, journal: Journal, engagement: Engagement, check: str) -> list[str]:
    """What a waiver of a check can be about: the machines for a check that visits them, and what it was found on.

    Empty where nothing is known of it yet. UsageError: no machines are named.
    """
    chosen = scenario_of(engagement.scenario)
    found = [row.target for row in journal.findings(engagement.id) if row.id == check]
    if not any(one.id == check for step in chosen.steps if step.id in STEPS for one in step.checks):
        return list(dict.fromkeys(found))
    given = {key: row.value for key, row in journal.answers(engagement.id).items()}
    given |= _listed(world, Wanted(), own=engagement.name == OWN, known=given)
    machines = machines_of(Answers(chosen, given, world.known))
    return list(dict.fromkeys([*(machine.name for machine in machines), *found]))


def engagement_named(journal: Journal, name: str) -> Engagement | None:
    """The engagement of this name; UsageError names those there are."""
    known = {one.name: one for one in set_ups(journal.engagements())}
    if not name or name in known:
        return known.get(name)
    what = _("there is no such engagement; known: {names}.").format(names=", ".join(known) or _("none"))
    raise UsageError(Problem("unknown-engagement", name, what))


def own_engagement(journal: Journal) -> Engagement | None:
    """The engagement for what belongs to no other; None where it cannot be begun."""
    known = {one.name: one for one in journal.engagements()}
    if OWN in known or journal.read_only:
        return known.get(OWN)
    return journal.engagement(OWN, AZURE_STACK_TO_AZURE.id)


def engagement_for(world: World, journal: Journal, wanted: Wanted) -> Engagement | None:
    """Whose machines are meant; None where the journal is only read and has no such engagement yet.

    UsageError where nothing says it.
    """
    if wanted.engagement and wanted.engagement != OWN:
        return engagement_named(journal, wanted.engagement)
    if wanted.engagement or wanted.machines or ALL in world.known:
        return own_engagement(journal)
    others = set_ups(journal.engagements())
    if len(others) == 1:
        return others[0]
    if not others and any(one.name == OWN for one in journal.engagements()):
        return own_engagement(journal)
    what = _("which machines or which engagement is meant was not said.")
    remedy = _("Give --machines FILE, a CSV file with name, address and os")
    names = _(", or --engagement with one of: {names}").format(names=", ".join(one.name for one in others))
    raise UsageError(Problem("no-machines", "", what, remedy=f"{remedy}{names if others else ''}."))


def _listed(world: World, wanted: Wanted, *, own: bool, known: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that name the machines, where the engagement's own do not hold."""
    if wanted.machines is not None:
        return {"machines.machines": [], "machines.csv": str(wanted.machines.absolute())}
    if own and ALL in world.known:
        tables = [dict(entry.values) for entry in machine_list.from_csv(world.known[ALL]).entries]
        return {"machines.machines": tables, "machines.csv": ""}
    if own and not known:
        raise UsageError(Problem("no-machines", OWN, _("no machines are named; give --machines FILE.")))
    return {}


def _refuse_strangers(names: Sequence[str], machines: Sequence[Machine]) -> None:
    known = {machine.name.lower() for machine in machines}
    strange = [name for name in names if name.lower() not in known]
    if strange:
        what = _("is no machine of the list, so nothing was allowed for it.")
        raise UsageError(*(Problem("unknown-machine", name, what) for name in strange))


def _allowed(
    journal: Journal,
    number: int,
    key: str,
    names: Sequence[str],
    reason: str,
    known: Mapping[str, Any],
) -> dict[str, Any]:
    """An answer that allows something weak, with these machines added; who allowed it goes to the journal."""
    if not names:
        return {}
    before = str(known.get(key, ""))
    new = [name for name in dict.fromkeys(names) if name.lower() not in allowed_names(before)]
    if new and not journal.read_only:
        by = journal.actor.name
        journal.event(ALLOWED, {"what": key, "machines": new, "by": by, "reason": reason}, number or None)
    return {key: ", ".join([*([before] if before else []), *new])}


def _refuse_mistakes(chosen: Scenario, answers: Answers, file: Path | None) -> None:
    wrong = mistakes(chosen.step(STEPS[0]), answers)
    problems = []
    for key, sentences in wrong.items():
        of_file = key == "csv" and file is not None
        subject = str(file) if of_file else f"{STEPS[0]}.{key}"
        for one in problems_of(subject, sentences):
            of_path = one.what.startswith(f"{subject}: ")
            columns = _("Give a CSV file with the columns name, address and os.") if of_path else ""
            remedy = one.remedy or columns or _account_remedy(key, file)
            problems.append(replace(one, what=one.what.removeprefix(f"{subject}: "), remedy=remedy))
    if problems:
        raise UsageError(*problems)


def _account_remedy(key: str, file: Path | None) -> str:
    """How a file of machines names the account that the defaults lack."""
    if file is None or not key.endswith(("-secret", "-user")):
        return ""
    return _("Add the columns user and secret to {file}; a secret is such as env:NAME or prompt.").format(
        file=file
    )
