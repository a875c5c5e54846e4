"""An errand: something that is asked of Azure from the console. What it asks first, its plan, its doing, its end.

The methods that get a vault run in a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from screens.style import Line

if TYPE_CHECKING:
    from services.recovery.vault import Vault
    from services.scenario.model import Field
    from services.world.deadline import Deadline

Draw = Callable[[int], Sequence[Line]]


@dataclass(frozen=True)
class Shown:
    """A plan as a page shows it. `go`: the word on the button. `name`: what must be typed, empty for nothing.

    `basis` is the plan itself, so that what is done is what was shown. `reason`: a reason must be given too.
    `nothing`: there is nothing to do.
    """

    lines: Draw
    go: str
    basis: Any = None
    name: str = ""
    reason: bool = False
    nothing: bool = False


@dataclass(frozen=True)
class Outcome:
    """How it ended: `word` is done, failed or pending; then what to read, and the errands that come next."""

    word: str
    lines: Draw
    next: tuple[Errand, ...] = ()


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
    """What the person gave: the values of the fields, the typed name, the reason."""

    values: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    reason: str = ""
