"""An errand: something that is asked of Azure from the console. What it asks first, its plan, its doing, its end.

The methods that get a vault run in a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from screens.style import Line

if TYPE_CHECKING:
    from pathlib import Path

    from services.evidence.model import Approved
    from services.evidence.signing import Signer
    from services.recovery.run import Run
    from services.recovery.second_person import Signable
    from services.recovery.vault import Vault
    from services.scenario.model import Field
    from services.world.deadline import Deadline

Draw = Callable[[int], Sequence[Line]]


@dataclass(frozen=True)
class Shown:
    """A plan as a page shows it. `go`: the word on the button. `name`: what must be typed, empty for nothing.

    `basis` is the plan itself, so that what is done is what was shown. `reason`: a reason must be given too.
    `nothing`: there is nothing to do. `signable`: what a second person can sign. `evidence`: what is done leaves
    a record, which can be signed. `begun`: it goes on with what was cut off.
    """

    lines: Draw
    go: str
    basis: Any = None
    name: str = ""
    reason: bool = False
    nothing: bool = False
    signable: Signable | None = None
    evidence: bool = False
    begun: bool = False


@dataclass(frozen=True)
class Outcome:
    """How it ended: `word` says it in the title; then what to read, and the errands that come next, each with
    the word of its button.

    `keep`: keeps notes with the record, and gives back the record's folder; it runs in a thread.
    """

    word: str
    lines: Draw
    next: tuple[tuple[str, Errand], ...] = ()
    keep: Callable[[str], Path] | None = None


class Errand(Protocol):
    """One errand. `title` names verb and target."""

    @property
    def title(self) -> str: ...

    def prepare(self, vault: Vault, deadline: Deadline) -> Sequence[tuple[Field, Any]]:
        """What is asked first: fields with their defaults. RefusedError where it is not possible now."""
        ...

    def plan(self, vault: Vault, values: Mapping[str, Any], deadline: Deadline) -> Shown:
        """What would be done; it changes nothing."""
        ...

    def apply(self, vault: Vault, shown: Shown, consent: Consent, deadline: Deadline) -> Outcome:
        """Do what was shown; RefusedError when what it looked at has moved since."""
        ...


@dataclass(frozen=True)
class Consent:
    """What the person gave: the values of the fields, the typed name, the reason; a second person's approval
    that was found good, and who signs the evidence.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    reason: str = ""
    approved: Approved | None = None
    signer: Signer | None = None


CLOCK = "clock"
"""The kind of event that tells the page which run's clock it shows."""


def begun(hand: Run, consent: Consent) -> Run:
    """A run that is now to ask Azure: the approval that it uses is written down, and its clock is shown."""
    from services.recovery.second_person import noted

    noted(hand, consent.approved)
    hand.emit({"event": CLOCK, "run": hand.engagement_id})
    return hand
