"""The engine: walks a scenario for one engagement. Screens, prompts and the headless run all drive this."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.changes.plan import Plan, refuse_if_moved, within
from services.journal.journal import Engagement, Journal
from services.journal.model import Actor, WaiverRow
from services.logs import log
from services.problems.model import Problem, ProblemError, RefusedError
from services.readiness.model import Finding, Status, Waiver
from services.readiness.report import finding_json
from services.scenario.answers import Answers
from services.scenario.model import Action, Scenario, Step
from services.scenario.session import Event, Session
from services.scenario.validate import mistakes, problems_of, without_secrets
from services.text import _
from services.world.deadline import Deadline
from services.world.model import World

DONE = "done"
REOPENED = "again"
OPEN = "open"
LOGGED = ("start", "step", "operation", "problem", "end")


class Walk:
    """One engagement on its way through a scenario. Safe to use from one worker at a time.

    A step is complete when its fields are valid, its blocking checks pass or are waived with a written
    reason, and its actions have succeeded.
    """

    def __init__(
        self,
        scenario: Scenario,
        world: World,
        journal: Journal,
        engagement: Engagement,
        emit: Callable[[Event], None],
        ask: Callable[[str, str], str] | None = None,
        reveal: Callable[[str, str], None] | None = None,
    ) -> None:
        self.scenario = scenario
        self.world = world
        self.journal = journal
        self.engagement = engagement
        self.emit = _logged(emit)
        self._ask = ask
        self._reveal = reveal
        self._session: Session | None = None
        in_the_name_of(journal, engagement)

    @property
    def answers(self) -> Answers:
        """What is answered now, read from the journal."""
        rows = self.journal.answers(self.engagement.id)
        return Answers(self.scenario, {key: row.value for key, row in rows.items()}, self.world.known)

    def session(self, deadline: Deadline) -> Session:
        """What checks and actions work with; clients and asked-for secrets are kept while answers last."""
        answers = self.answers
        kept = self._session
        if kept is None or kept.answers.given != answers.given:
            kept = Session(
                self.world,
                self.journal,
                self.engagement.id,
                answers,
                deadline,
                self.emit,
                self._ask,
                self._reveal,
            )
            self._session = kept
        kept.deadline = deadline
        return kept

    def forget(self) -> None:
        """Build clients anew at the next call, as after another secret was typed."""
        self._session = None

    def steps(self) -> list[Step]:
        """The steps that apply to the answers so far, in order."""
        answers = self.answers
        return [step for step in self.scenario.steps if step.applies(answers)]

    def state(self, step: Step) -> str:
        """`done`, `again` (was done, an answer it depends on has changed) or `open`."""
        record = self.journal.facts(self.engagement.id).get(f"step.{step.id}")
        if record is None:
            return OPEN
        return DONE if record == self.answers.digest(step) else REOPENED

    def current(self) -> Step | None:
        """The first step that is not done; None at the end."""
        return next((step for step in self.steps() if self.state(step) != DONE), None)

    def save(self, step: Step, values: Mapping[str, Any]) -> dict[str, str]:
        """Keep what was typed, valid or not; returns the mistakes of the step by field key."""
        given = {**self.answers.given, **{f"{step.id}.{key}": value for key, value in values.items()}}
        wrong = mistakes(step, Answers(self.scenario, given, self.world.known))
        kept = without_secrets(step, values)
        rows = {f"{step.id}.{key}": (value, key not in wrong) for key, value in kept.items()}
        self.journal.save_answers(self.engagement.id, rows)
        return wrong

    def mistakes(self, step: Step) -> dict[str, str]:
        return mistakes(step, self.answers)

    def look(self, step: Step, deadline: Deadline) -> list[Finding]:
        """Run the checks of a step, keep the findings, and say them."""
        session = self.session(deadline)
        findings: list[Finding] = []
        for check in step.checks:
            if check.applies(session.answers):
                deadline.check()
                for found in check.look(session):
                    finding = self._waived(found)
                    findings.append(finding)
                    self.emit({"event": "finding", "step": step.id, **finding_json(finding)})
        self.journal.save_findings(self.engagement.id, step.id, findings)
        return findings

    def waive(self, waiver: Waiver) -> None:
        """Accept a failed check on one target, in writing."""
        if not waiver.reason.strip():
            raise RefusedError(Problem("waiver-reason", waiver.check, _("A waiver needs a written reason.")))
        self.journal.save_waiver(self.engagement.id, waiver)

    def blockers(self, step: Step, findings: Sequence[Finding]) -> list[Finding]:
        """The findings that keep a step from being complete."""
        blocking = {check.id for check in step.checks if check.blocking}
        return [
            finding
            for finding in findings
            if finding.status in (Status.FAILED, Status.UNKNOWN) and finding.id in blocking
        ]

    def plans(self, step: Step, deadline: Deadline) -> list[tuple[Action, Plan]]:
        """What the step's actions would do now; those with nothing left to do have an empty plan."""
        session = self.session(deadline)
        return [(action, action.plan(session)) for action in step.actions if action.applies(session.answers)]

    def apply(self, step: Step, shown: Sequence[tuple[Action, Plan]], deadline: Deadline) -> None:
        """Do what was shown and confirmed, in order, and keep the facts. A plan that has moved is refused."""
        session = self.session(deadline)
        for number, (action, plan) in enumerate(shown):
            fresh = action.plan(session)
            if number == 0:
                refuse_if_moved(plan, fresh)
            # Later actions may build on what the earlier ones made: they look at another world, and may do
            # only what was shown.
            fresh = within(plan, fresh)
            self._apply_one(step, action, fresh, session)

    def _apply_one(self, step: Step, action: Action, plan: Plan, session: Session) -> None:
        if self.world.read_only and not plan.empty:
            raise RefusedError(
                Problem(
                    "read-only",
                    action.id,
                    _("This console was started read-only; nothing is changed."),
                    remedy=_("Start again without --read-only to apply this plan."),
                )
            )
        self.emit({"event": "action", "step": step.id, "action": action.id, "state": "start"})
        facts = action.apply(session, plan)
        self.journal.save_facts(self.engagement.id, step.id, dict(facts))
        self.emit({"event": "action", "step": step.id, "action": action.id, "state": "done"})

    def complete(self, step: Step) -> None:
        """Mark a step as done for the answers it was done with."""
        self.journal.save_facts(self.engagement.id, step.id, {f"step.{step.id}": self.answers.digest(step)})
        self.emit({"event": "step", "step": step.id, "state": DONE})

    def leave_reopened(self) -> None:
        """Forget what steps have left behind whose answers have changed since: it was true of other answers."""
        for step in self.scenario.steps:
            if self.state(step) == REOPENED:
                self.journal.drop_facts(self.engagement.id, [step.id])
                self.journal.save_facts(self.engagement.id, step.id, {f"step.{step.id}": ""})

    def stale(self, step: Step, deadline: Deadline) -> str | None:
        """Why a completed step no longer holds, or None."""
        return step.stale(self.session(deadline)) if step.stale and self.state(step) == DONE else None

    def reopen(self, step: Step, reason: str) -> None:
        """Open a completed step again, saying why."""
        self.journal.save_facts(self.engagement.id, step.id, {f"step.{step.id}": None})
        self.emit({"event": "step", "step": step.id, "state": REOPENED, "reason": reason})

    def go(
        self, step: Step, deadline: Deadline, confirm: Callable[[Step, Sequence[tuple[Action, Plan]]], bool]
    ) -> None:
        """Take one step to its end: fields, checks, plan, confirmation, actions.

        ProblemError says what is missing.
        """
        self.leave_reopened()
        wrong = self.mistakes(step)
        if wrong:
            raise ProblemError(
                *(one for key, said in wrong.items() for one in problems_of(f"{step.id}.{key}", said))
            )
        blocked = self.blockers(step, self.look(step, deadline))
        if blocked:
            raise ProblemError(*(blocked_problem(finding) for finding in blocked))
        shown = self.plans(step, deadline)
        for action, plan in shown:
            if not plan.empty:
                self.emit(plan_json(step, action, plan))
        if any(not plan.empty for _action, plan in shown) and not confirm(step, shown):
            raise RefusedError(
                Problem(
                    "not-confirmed",
                    step.id,
                    _("The plan was not confirmed; nothing was changed."),
                    remedy=_("Add --yes, or confirm it on the screen."),
                )
            )
        self.apply(step, shown, deadline)
        self.complete(step)

    def _waived(self, finding: Finding) -> Finding:
        today = self.world.clock.now().date().isoformat()
        return waived(finding, self.journal.waivers(self.engagement.id), today)


def waived(finding: Finding, rows: Iterable[WaiverRow], today: str) -> Finding:
    """The finding, accepted where a waiver names its check and target (`*`: all) and holds on this ISO date."""
    if finding.status in (Status.OK, Status.WAIVED):
        return finding
    for row in rows:
        matches = row.check == finding.id and row.target in (finding.target, "*")
        if matches and (not row.until or row.until >= today):
            waiver = Waiver(row.check, row.target, row.reason, row.by, row.until)
            return replace(finding, status=Status.WAIVED, waiver=waiver)
    return finding


def _logged(emit: Callable[[Event], None]) -> Callable[[Event], None]:
    """The same, and a line in the log for what matters afterwards."""

    def told(event: Event) -> None:
        if event["event"] in LOGGED:
            log().info("%s", " ".join(f"{key}={value}" for key, value in event.items() if value))
        emit(event)

    return told


def in_the_name_of(journal: Journal, engagement: Engagement) -> None:
    """After a restart the record goes on in the name of who signed in before."""
    account = journal.facts(engagement.id).get("sign-in.account")
    if account and not journal.read_only:
        journal.act_as(Actor.here(account["name"], account["objectId"]))


def plan_json(step: Step, action: Action, plan: Plan) -> dict[str, Any]:
    """A plan as an event."""
    return {
        "event": "plan",
        "step": step.id,
        "action": action.id,
        "digest": plan.digest,
        "changes": [vars(change) for change in plan.changes],
        "needs": list(plan.needs),
    }


def blocked_problem(finding: Finding) -> Problem:
    """A blocking finding as the problem that stops the walk."""
    return Problem(
        finding.id,
        finding.target,
        finding.what,
        cause=finding.cause,
        remedy=finding.fix,
        check=finding.evidence[0].command if finding.evidence else "",
        source=finding.source,
    )
