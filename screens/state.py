"""What is known of a walk and of its steps while the program runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from services.changes.plan import Plan
    from services.journal.model import Engagement
    from services.problems.model import Problem
    from services.readiness.fixes.records import Kept
    from services.readiness.model import Finding
    from services.scenario.answers import Answers
    from services.scenario.model import Action, Step
    from services.scenario.walk import Walk

DONE = "done"
"""The state of a step that is complete, as the engine names it."""


class Phase(Enum):
    """Where a step stands while its page is worked on."""

    ASKING = "asking"
    LOOKING = "looking"
    BLOCKED = "blocked"
    PLANNED = "planned"
    DOING = "doing"
    FAILED = "failed"
    DONE = "done"


@dataclass
class StepDesk:
    """What one step has brought since the program started. `jobs` are the newest events by job id."""

    phase: Phase = Phase.ASKING
    findings: list[Finding] = field(default_factory=list)
    shown: list[tuple[Action, Plan]] = field(default_factory=list)
    problems: tuple[Problem, ...] = ()
    actions: dict[str, str] = field(default_factory=dict)
    jobs: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    waits: list[str] = field(default_factory=list)
    items: dict[str, str] = field(default_factory=dict)
    """What Azure says of each protected item, by name."""
    log: list[str] = field(default_factory=list)
    """Lines of a log that is followed."""
    handed: Mapping[str, Any] | None = None
    """What a person was given to do by hand."""
    looked: Mapping[str, Any] | None = None
    """How far a sweep has come."""
    live: dict[str, dict[str, str]] = field(default_factory=dict)
    """The states of a sweep under way, by target and check."""
    systems: dict[str, str] = field(default_factory=dict)
    """The operating systems of the machines that can be visited, by name."""
    standing: list[Kept] = field(default_factory=list)
    """The fixes that stand on this engagement's machines, the oldest first."""
    place: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Where one was in the findings: the marked row and the states shown, by target."""
    device_code: Mapping[str, Any] | None = None
    stale: str = ""
    unkept: dict[str, Any] = field(default_factory=dict)
    """What was typed and the journal could not take yet, by field key."""
    focus: str = ""
    """What had the focus on the step's page, so that a page over it gives it back."""

    @property
    def changes(self) -> list[tuple[Action, Plan]]:
        """The actions that have something left to do."""
        return [(action, plan) for action, plan in self.shown if not plan.empty]


@dataclass(frozen=True)
class View:
    """The walk as the journal holds it at one moment."""

    engagement: Engagement
    steps: tuple[Step, ...]
    states: Mapping[str, str]
    answers: Answers
    mistakes: Mapping[str, Mapping[str, str]]
    facts: Mapping[str, Any]

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(state == DONE for state in self.states.values())

    @property
    def current(self) -> Step | None:
        """The first step that is not done."""
        return next((step for step in self.steps if self.states[step.id] != DONE), None)

    def step(self, step_id: str) -> Step | None:
        return next((step for step in self.steps if step.id == step_id), None)


def view_of(walk: Walk) -> View:
    """Read the walk from the journal."""
    steps = tuple(walk.steps())
    return View(
        engagement=walk.engagement,
        steps=steps,
        states={step.id: walk.state(step) for step in steps},
        answers=walk.answers,
        mistakes={step.id: walk.mistakes(step) for step in steps},
        facts=walk.journal.facts(walk.engagement.id),
    )


def keep(desk: StepDesk, event: Mapping[str, Any]) -> None:
    """Keep an event of the engine for the pages."""
    desk.device_code = event if event["event"] == "device-code" else None
    keeper = _KEEPERS.get(str(event["event"]))
    if keeper is not None:
        keeper(desk, event)


def _keep_action(desk: StepDesk, event: Mapping[str, Any]) -> None:
    desk.actions[event["action"]] = event["state"]
    desk.waits.clear()


def _keep_job(desk: StepDesk, event: Mapping[str, Any]) -> None:
    desk.jobs[event["id"]] = event


def _keep_wait(desk: StepDesk, event: Mapping[str, Any]) -> None:
    desk.waits.append(str(event["for"]))


def _keep_item(desk: StepDesk, event: Mapping[str, Any]) -> None:
    desk.items[str(event["name"])] = str(event.get("description") or event["state"])


def _keep_line(desk: StepDesk, event: Mapping[str, Any]) -> None:
    desk.log.append(str(event["line"]))


def _keep_hand_over(desk: StepDesk, event: Mapping[str, Any]) -> None:
    desk.handed = event


def _keep_looked(desk: StepDesk, event: Mapping[str, Any]) -> None:
    desk.looked = event
    desk.live.setdefault(str(event["target"]), {})[str(event["check"])] = str(event["status"])


_KEEPERS: dict[str, Callable[[StepDesk, Mapping[str, Any]], None]] = {
    "action": _keep_action,
    "job": _keep_job,
    "wait": _keep_wait,
    "item": _keep_item,
    "setup": _keep_line,
    "hand-over": _keep_hand_over,
    "looked": _keep_looked,
}
