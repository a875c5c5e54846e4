"""A run: one drill, failover or other verb on its way, as the journal keeps it.

A run is an engagement of its own: its mutations are operations under it, so that a run that was cut off is
taken up again and asks nothing twice; and while it is open it holds its items, so that no second run begins
on one of them. Azure knows nothing of runs: what stands in Azure without one is taken up by a new run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.azure.clients import Azure
from services.journal.journal import Journal
from services.journal.model import Engagement
from services.problems.model import Problem, RefusedError
from services.recovery.vault import Vault
from services.text import _
from services.world.deadline import Deadline
from services.world.model import World

RECOVERY = "recovery"
"""What the journal calls the scenario of runs."""
_STEP = "run"
_ABOUT = "run.about"
_OUTCOME = "run.outcome"


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

    def end(self, outcome: str) -> None:
        """Close the run: done, failed, refused or given-up. It holds its items no longer."""
        self.learn(**{_OUTCOME: outcome})


def begin(
    vault: Vault,
    verb: str,
    targets: Sequence[str],
    names: Sequence[str],
    options: Mapping[str, Any],
    deadline: Deadline,
) -> Run:
    """A new run, or the open one of the same verb and targets, to go on with (its options then count).

    RefusedError in a read-only console, and when another open run holds one of the targets.
    """
    if vault.world.read_only:
        what = _("This console was started read-only; nothing is sent.")
        remedy = _("Start again without --read-only to make changes.")
        raise RefusedError(Problem("read-only", ", ".join(names), what, remedy=remedy))
    for run in open_runs(vault, deadline):
        same = run.about.verb == verb and set(run.about.targets) == {one.lower() for one in targets}
        if same:
            return run
        held = set(run.about.targets) & {one.lower() for one in targets}
        if held:
            raise RefusedError(_held(run))
    declared = vault.world.clock.now().isoformat(timespec="seconds")
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    engagement = vault.journal.engagement(f"{verb}/{', '.join(names)[:60]}/{stamp}", RECOVERY)
    about = About(verb, tuple(one.lower() for one in targets), tuple(names), dict(options), declared)
    run = Run(vault, engagement, about, deadline)
    run.learn(**{_ABOUT: vars(about) | {"targets": list(about.targets), "names": list(about.names)}})
    return run


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


def _about(json: Mapping[str, Any]) -> About:
    return About(
        verb=str(json["verb"]),
        targets=tuple(json["targets"]),
        names=tuple(json["names"]),
        options=dict(json["options"]),
        declared=str(json["declared"]),
    )


def _held(run: Run) -> Problem:
    what = _("{verb} of {names}, begun {at}, is not over.").format(
        verb=run.about.verb, names=", ".join(run.about.names), at=run.about.declared
    )
    remedy = _("Take it up again and bring it to its end first.")
    return Problem("held", ", ".join(run.about.names), what, remedy=remedy)
