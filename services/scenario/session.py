"""What checks and actions are given: the world, the memory, the answers, and a way to report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from services.journal.journal import Journal
from services.logs import hide
from services.scenario.answers import Answers
from services.secrets import resolve
from services.world.deadline import Deadline
from services.world.model import World

if TYPE_CHECKING:
    from services.azure.clients import Azure

Event = Mapping[str, Any]


@dataclass
class Session:
    """One engagement in the hands of one worker.

    `emit` takes events (`{"event": ..., ...}`): ids, codes and values, never translated texts. `ask` gives
    the value behind a secret reference of kind `prompt`, by answer key and caption (None where nobody can be
    asked). `reveal` shows a
    secret to the person by caption and value, and keeps it nowhere (None where nobody looks).
    """

    world: World
    journal: Journal
    engagement_id: int
    answers: Answers
    deadline: Deadline
    emit: Callable[[Event], None]
    ask: Callable[[str, str], str] | None = None
    reveal: Callable[[str, str], None] | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """What steps have left behind, by key."""
        return self.journal.facts(self.engagement_id)

    @cached_property
    def azure(self) -> Azure:
        """Clients for the chosen cloud, account and subscription; built at first use."""
        from services.azure.clients import Azure
        from services.azure.signin import SignIn

        subscription = self.answers.text("subscription.subscription")
        return Azure(self.world, SignIn.from_answers(self), subscription, lambda: self.deadline)

    def secret(self, reference: str, caption: str, key: str) -> str:
        """The value behind a secret reference, in memory only.

        `key` is the answer that the reference stands in: what is typed for one answer is never taken for
        another. Whoever asks keeps what was typed, so that a wrong one can be typed again.
        """
        ask = self.ask
        asked = None if ask is None else (lambda _subject: ask(key, caption))
        value = resolve(reference, key, self.world, asked)
        if not self._is_word_of_ours(value):
            self.journal.forbid([value])
            hide([value])
        return value

    def _is_word_of_ours(self, value: str) -> bool:
        """Whether a secret is so weak that our own ids hold it: nothing that names a check could be kept."""
        steps = self.answers.scenario.steps
        words = (part.id for step in steps for parts in (step.checks, step.actions) for part in parts)
        return any(value in word for word in words)
