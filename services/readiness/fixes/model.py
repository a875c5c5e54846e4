"""What a fix is, what it shows beforehand, and what is kept to take it back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from services.guests.model import Machine, Shell
from services.readiness.settings import Settings
from services.world.deadline import Deadline


@dataclass(frozen=True)
class Context:
    """For which machine, and with which settings, a fix is made."""

    machine: Machine
    settings: Settings = field(default_factory=Settings)


@dataclass(frozen=True)
class UndoRecord:
    """All that is needed to take a fix back. Holds no secret; every value is text that JSON can hold.

    `kind` is `file`, `service`, `registry`, `firewall` and so on; `what` is a sentence; `path` is the file or
    key; `backup` lies on the machine; `before` and `after` are SHA-256 of a file's bytes, or values as text;
    `commands` were run to apply. `more` is the fix's own.
    """

    fix: str
    kind: str
    machine: str
    what: str
    path: str = ""
    backup: str = ""
    before: str = ""
    after: str = ""
    commands: tuple[str, ...] = ()
    more: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The record as a JSON object."""
        return {**asdict(self), "commands": list(self.commands), "more": dict(self.more)}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> UndoRecord:
        """The record of a JSON object."""
        texts = {name: str(body[name]) for name in ("fix", "kind", "machine", "what")}
        rest = {name: str(body.get(name, "")) for name in ("path", "backup", "before", "after")}
        more = {str(key): str(value) for key, value in body.get("more", {}).items()}
        return cls(**texts, **rest, commands=tuple(body.get("commands", ())), more=more)


@dataclass(frozen=True)
class Preview:
    """What would be done: a diff or the commands, line by line; nothing else will be done.

    `undo` is written to the journal before the machine is touched. `content` is the new file, where the fix
    writes one. No `lines`: there is nothing to change. `advice`: the commands are only shown, never run.
    """

    lines: tuple[str, ...]
    undo: UndoRecord
    content: bytes = field(default=b"", repr=False)
    advice: bool = False

    @property
    def empty(self) -> bool:
        """Whether the machine is already as the fix would make it."""
        return not self.lines

    @property
    def digest(self) -> str:
        """Of what was shown and what it rests on: another digest is another change."""
        body = json.dumps([self.lines, self.undo.as_json()], sort_keys=True).encode()
        return hashlib.sha256(body + self.content).hexdigest()

    @property
    def change(self) -> str:
        """Of the change of a file alone, whatever stands around it: the lines that go and come, and the commands."""
        changed = [line for line in self.lines[2:] if not line.startswith(("@@", " "))]
        body = json.dumps([changed, self.undo.kind, self.undo.fix, self.undo.machine, self.undo.path])
        return hashlib.sha256(body.encode()).hexdigest()


@dataclass(frozen=True)
class Recipe:
    """The same fix for scripts that others run: what kind of change it is, and its values as text."""

    kind: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fix:
    """One fix, declared. `check` is the id of the check that it mends and that verifies it.

    `weakens` and `restarts` are sentences for the person who consents, empty when it does neither.
    `preview(shell, deadline, context)` looks only. `apply(shell, deadline, context, preview)` does exactly
    that; the preview is of this moment. `undo(shell, deadline, context, record)` leaves the machine as it was
    before, does nothing where the fix was never made, and raises RefusedError when what it made has been
    changed since. `finish(shell, deadline, record)` does what is left of a fix that was cut off once the
    machine is as it makes it; None: nothing is left. All raise ProblemError. `recipe` is what exported
    scripts are made of; None: not exported.
    """

    id: str
    check: str
    os_type: str
    title: str
    preview: Callable[[Shell, Deadline, Context], Preview]
    apply: Callable[[Shell, Deadline, Context, Preview], None]
    undo: Callable[[Shell, Deadline, Context, UndoRecord], None]
    weakens: str = ""
    restarts: str = ""
    recipe: Recipe | None = None
    finish: Callable[[Shell, Deadline, UndoRecord], None] | None = None


@dataclass(frozen=True)
class Consent:
    """A person's yes to what a preview showed. `digest` is the preview's; `weakening` if that was accepted.

    `change` is the preview's too: with it the yes holds also where another fix has changed the same file meanwhile.
    """

    digest: str
    by: str = ""
    weakening: bool = False
    change: str = ""
