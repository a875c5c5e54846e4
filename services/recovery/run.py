"""A run: one drill, failover or other verb on its way, as the journal keeps it.

A run is an engagement of its own: its mutations are operations under it, so that a run that was cut off is
taken up again and asks nothing twice; and while it is open it holds its items, so that no second run begins
on one of them. Azure knows nothing of runs: what stands in Azure without one is taken up by a new run.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.azure.clients import Azure
from services.journal.journal import Journal
from services.journal.model import Engagement
from services.journal.operations import ACCEPTED, INTENT, operations
from services.problems.model import Problem, ProblemError, RefusedError
from services.recovery import settle
from services.recovery.vault import Vault
from services.text import _
from services.world.deadline import Deadline
from services.world.model import World

RECOVERY = "recovery"
"""What the journal calls the scenario of runs."""
DECIDED = "decided"  # the fact of when the plan of a run was asked for
_STEP = "run"
_ABOUT = "run.about"
_OUTCOME = "run.outcome"
UNRECORDED, GIVEN_UP = "unrecorded", "given-up"
"""Outcomes of runs whose job ended with nobody following it, and of runs that were let go."""


@dataclass(frozen=True)
class About:
    """What a run is about. `targets` are ids of items (or of one recovery plan), `names` what people call them.

    `options` are what the user chose, JSON values; `declared` is when it was decided, world time, ISO UTC.
    """

    verb: str
    targets: tuple[str, ...]
    names: tuple[str, ...]
    options: Mapping[str, Any]
    declared: str


@dataclass
class Run:
    """An open run in the hands of one worker; it is the hand that asks Azure (services.operations.asking)."""

    vault: Vault
    engagement: Engagement
    about: About
    deadline: Deadline

    @property
    def engagement_id(self) -> int:
        return self.engagement.id

    @property
    def world(self) -> World:
        return self.vault.world

    @property
    def journal(self) -> Journal:
        return self.vault.journal

    @property
    def azure(self) -> Azure:
        return self.vault.azure

    @property
    def emit(self) -> Callable[[Mapping[str, Any]], None]:
        return self.vault.emit

    @property
    def facts(self) -> dict[str, Any]:
        """What the run has learnt, by key; JSON values."""
        return self.journal.facts(self.engagement.id)

    @property
    def outcome(self) -> str:
        """How it ended; empty while it is open."""
        return str(self.facts.get(_OUTCOME) or "")

    @property
    def decided(self) -> str:
        """When its plan was asked for, else when it began, ISO UTC: the RTO counts from here."""
        return str(self.facts.get(DECIDED) or self.about.declared)

    def learn(self, **facts: Any) -> None:
        """Keep what was learnt; it is on the disk when this returns."""
        self.journal.save_facts(self.engagement.id, _STEP, facts)

    def mark(self, moment: str) -> str:
        """Keep when something happened first, in the world's time; what is known already stays. ISO UTC."""
        key = f"at.{moment}"
        known = self.facts.get(key)
        if known is None:
            known = self.world.clock.now().isoformat(timespec="seconds")
            self.learn(**{key: known})
        return str(known)

    @contextmanager
    def closing(self) -> Iterator[None]:
        """End the run with the block: done, refused or failed.

        It stays open, and holds its items, where it is not known what became of something it asked.
        """
        with self.in_hand():
            try:
                yield
            except ProblemError as error:
                pending = (INTENT, ACCEPTED)
                if not any(row.state in pending for row in operations(self.journal, self.engagement.id)):
                    self.end("refused" if isinstance(error, RefusedError) else "failed")
                raise
            self.end("done")

    def mark_at(self, moment: str, at: str) -> str:
        """Keep when something happened first, where another clock says so (ISO UTC); without, it is `mark`."""
        if at and f"at.{moment}" not in self.facts:
            self.learn(**{f"at.{moment}": at})
        return self.mark(moment)

    def end(self, outcome: str) -> None:
        """Close the run: done, failed, refused, unrecorded or given-up. It holds its items no longer."""
        self.learn(**{_OUTCOME: outcome})
        _alive.discard(self.key)

    @contextmanager
    def in_hand(self) -> Iterator[None]:
        """While the block lasts somebody in this process works on the run; after it, nobody does."""
        _alive.add(self.key)
        try:
            yield
        finally:
            _alive.discard(self.key)

    @property
    def key(self) -> tuple[str, int]:
        """Names the run among those that are in somebody's hands in this process."""
        return str(self.journal.path), self.engagement.id


_beginning = threading.Lock()
_alive: set[tuple[str, int]] = set()
"""Runs that a thread of this process has begun or taken up, and not ended."""


def begin(
    vault: Vault,
    verb: str,
    targets: Sequence[str],
    names: Sequence[str],
    options: Mapping[str, Any],
    deadline: Deadline,
    beside: Run | None = None,
) -> Run:
    """A new run, or the open one of the same verb, targets and options, to go on with.

    RefusedError in a read-only console, when another open run than `beside` holds one of the targets, and when the
    open run was begun with other options and has asked Azure for something already.
    """
    if vault.world.read_only:
        what = _("This console was started read-only; nothing is sent.")
        remedy = _("Start again without --read-only to make changes.")
        raise RefusedError(Problem("read-only", ", ".join(names), what, remedy=remedy))
    now = vault.world.clock.now().isoformat(timespec="seconds")
    wanted = About(verb, tuple(one.lower() for one in targets), tuple(names), dict(options), now)
    # The journal's lock keeps other processes out; this one keeps two threads from beginning at once.
    with _beginning:
        run = _going_on(vault, wanted, deadline, beside) or _new(vault, wanted, deadline)
        _alive.add(run.key)
        return run


def _going_on(vault: Vault, wanted: About, deadline: Deadline, beside: Run | None) -> Run | None:
    for run in open_runs(vault, deadline):
        same = run.about.verb == wanted.verb and set(run.about.targets) == set(wanted.targets)
        if not set(run.about.targets) & set(wanted.targets) or (beside and run.key == beside.key):
            continue
        if run.key not in _alive and not operations(vault.journal, run.engagement.id):
            # It has asked for nothing: on the worst day it must not be in the way, nor its clock count.
            run.end(GIVEN_UP)
        elif same and run.about.options == wanted.options:
            return run
        elif same:
            raise RefusedError(_other_options(run))
        elif run.key in _alive or not settle.settled(run):
            raise RefusedError(_held(run))
        else:
            _closed(run, UNRECORDED)
    return None


def let_go(run: Run, reason: str) -> None:
    """End a run that nobody will go on with, once it is seen that nothing of it runs in Azure.

    RefusedError while somebody works on it here, or its job still runs.
    """
    if run.key not in _alive:
        settle.intents(run, reason)
        if settle.settled(run):
            _closed(run, GIVEN_UP)
            return
    raise RefusedError(_held(run))


def cut_off(vault: Vault, deadline: Deadline) -> list[Run]:
    """The open runs on which nobody in this process works: a death, or time that ran out."""
    return [run for run in open_runs(vault, deadline) if run.key not in _alive]


def _closed(run: Run, outcome: str) -> None:
    run.end(outcome)
    about = run.about
    target = ", ".join(about.names)
    run.emit(
        {
            "event": "run-closed",
            "verb": about.verb,
            "target": target,
            "since": about.declared,
            "outcome": outcome,
        }
    )


def _new(vault: Vault, about: About, deadline: Deadline) -> Run:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    engagement = vault.journal.engagement(f"{about.verb}/{', '.join(about.names)[:60]}/{stamp}", RECOVERY)
    run = Run(vault, engagement, about, deadline)
    run.learn(**{_ABOUT: vars(about) | {"targets": list(about.targets), "names": list(about.names)}})
    return run


def close_settled(vault: Vault, verb: str, target: str, outcome: str) -> None:
    """Close the open run of a verb on a target, where what it wanted is seen to be so already."""
    for run in open_runs(vault, Deadline()):
        if run.about.verb == verb and run.about.targets == (target.lower(),):
            run.end(outcome)


def runs(vault: Vault, deadline: Deadline) -> list[tuple[Run, str]]:
    """Every run that this journal knows, the oldest first, with its outcome (empty: open)."""
    found = []
    for engagement in vault.journal.engagements():
        if engagement.scenario == RECOVERY:
            facts = vault.journal.facts(engagement.id)
            about = facts.get(_ABOUT)
            if about:  # a run that died before it said what it is about has asked nothing
                found.append(
                    (Run(vault, engagement, _about(about), deadline), str(facts.get(_OUTCOME) or ""))
                )
    return found


def open_runs(vault: Vault, deadline: Deadline) -> list[Run]:
    """The runs that are not over."""
    return [run for run, outcome in runs(vault, deadline) if not outcome]


def about_of(facts: Mapping[str, Any]) -> About:
    """What a run is about, from its facts."""
    return _about(facts[_ABOUT])


def _about(json: Mapping[str, Any]) -> About:
    return About(
        verb=str(json["verb"]),
        targets=tuple(json["targets"]),
        names=tuple(json["names"]),
        options=dict(json["options"]),
        declared=str(json["declared"]),
    )


def _other_options(run: Run) -> Problem:
    said = ", ".join(f"{key}={value}" for key, value in run.about.options.items() if value)
    what = _("It was begun at {at} with other options: {options}").format(at=run.about.declared, options=said)
    remedy = _("Go on with those, to the end; then begin anew.")
    return Problem("other-options", ", ".join(run.about.names), what, remedy=remedy)


def _held(run: Run) -> Problem:
    what = _("{verb} of {names}, begun {at}, is not over.").format(
        verb=run.about.verb, names=", ".join(run.about.names), at=run.about.declared
    )
    remedy = _("Take it up again and bring it to its end first, or let it go: lifeboat runs")
    return Problem("held", ", ".join(run.about.names), what, remedy=remedy)
