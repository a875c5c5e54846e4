"""A documented procedure as data: scenario, stages, steps, fields, actions.

From these declarations come the screens, the answers file and its reference, the headless run, the plain
prompts and the tests. Texts are English source texts and message ids, translated when drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from services.changes.plan import Plan
    from services.operations.model import Find
    from services.readiness.model import Finding
    from services.scenario.answers import Answers
    from services.scenario.session import Session


class Kind(StrEnum):
    """How a field is asked for, and what type its value has."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    YES_NO = "yes-no"
    SECRET = "secret"
    """A reference to a secret (env:NAME, file:PATH, keyring:SERVICE/USER, prompt, practice:NAME)."""
    PATH = "path"
    MACHINES = "machines"
    """A list of tables, one a machine: name, address, os, user, secret, mobility, fingerprint."""
    ACCEPTANCE = "acceptance"
    """A legal acceptance: the date of the edition that was accepted, never implied by --yes."""


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    note: str = ""


Always = Callable[["Answers"], bool]


def always(_answers: Answers) -> bool:
    """Applies whatever was answered."""
    return True


@dataclass(frozen=True)
class Field:
    """One question. `key` is unique within its step; in an answers file it stands under the step's table.

    `check` gives a sentence when the value will not do (what was wrong, what would do), else None.
    `suggest` gives a default that depends on earlier answers or on the world; `offer` asks Azure for choices
    (run in a worker).
    """

    key: str
    caption: str
    help: str
    kind: Kind = Kind.TEXT
    default: Any = ""
    unit: str = ""
    required: bool = True
    choices: tuple[Choice, ...] = ()
    check: Callable[[Any, Answers], str | None] | None = None
    suggest: Callable[[Answers], Any] | None = None
    offer: Callable[[Session], Sequence[Choice]] | None = None
    applies: Always = always
    claims: tuple[str, ...] = ()


@dataclass(frozen=True)
class StepCheck:
    """A check of a step: one declaration, one or more findings (one a target)."""

    id: str
    claims: tuple[str, ...]
    title: str
    look: Callable[[Session], Sequence[Finding]]
    blocking: bool = True
    applies: Always = always


@dataclass(frozen=True)
class Action:
    """Something that is done for the user, or that the user does and the program sees.

    `plan` looks and says what would be done (empty: nothing left to do). `apply` does it, reports through
    `session.emit`, and returns the facts that it leaves behind. `manual` tells the human what to do, where,
    and how it is seen that it was done; `apply` then waits until it is seen.
    """

    id: str
    claims: tuple[str, ...]
    title: str
    plan: Callable[[Session], Plan]
    apply: Callable[[Session, Plan], Mapping[str, Any]]
    manual: str = ""
    applies: Always = always


@dataclass(frozen=True)
class Step:
    """One page of the procedure.

    `claims` are the documented ids that the guidance of this step answers; fields, checks and actions claim
    theirs. `after` are the steps whose answers this one depends on: when they change, this one is open again.
    `stale` says why a completed step no longer holds (an expired key), or None.
    """

    id: str
    stage: str
    title: str
    excerpt: str
    claims: tuple[str, ...]
    fields: tuple[Field, ...] = ()
    checks: tuple[StepCheck, ...] = ()
    actions: tuple[Action, ...] = ()
    after: tuple[str, ...] = ()
    applies: Always = always
    stale: Callable[[Session], str | None] | None = None
    short: str = ""
    """The title in at most 14 cells, for the list of steps; empty where the title is short itself."""
    left: Callable[[Mapping[str, Any]], Sequence[str]] | None = None
    """What the step has left behind, in sentences, from the facts; shown while the step is done."""


@dataclass(frozen=True)
class Stage:
    id: str
    title: str


@dataclass(frozen=True)
class Scenario:
    """A documented procedure. `provider` is the replication provider that Azure names it by."""

    id: str
    title: str
    provider: str
    source: str
    stages: tuple[Stage, ...]
    steps: tuple[Step, ...]
    find: Callable[[Session], Find] | None = None
    """How an intent without an answer is looked for at a start, whatever step asked for it."""

    def step(self, step_id: str) -> Step:
        return next(step for step in self.steps if step.id == step_id)
