"""Findings and checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

Subject = TypeVar("Subject")


class Status(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    UNKNOWN = "unknown"
    WAIVED = "waived"


@dataclass(frozen=True)
class Evidence:
    """The command or request that was made, and what came back."""

    command: str
    output: str


@dataclass(frozen=True)
class Finding:
    """The outcome of one check on one target.

    `id` is the check's; `target` names the machine, vault or field. Texts are English source texts;
    `params` fill their `{}` fields when they are drawn.
    """

    id: str
    target: str
    status: Status
    what: str
    evidence: tuple[Evidence, ...] = ()
    cause: str = ""
    fix: str = ""
    source: str = ""
    waiver: Waiver | None = None


@dataclass(frozen=True)
class Waiver:
    """A failed check accepted in writing, until a day (ISO date) or for good (empty)."""

    check: str
    target: str
    reason: str
    by: str
    until: str = ""


@dataclass(frozen=True)
class Check(Generic[Subject]):
    """One declaration: what must be true, which documented ids it answers, and how it looks.

    A blocking check must be ok, a warning or waived before its step is complete.
    """

    id: str
    claims: tuple[str, ...]
    title: str
    look: Callable[[Subject], Finding]
    source: str
    prevents: tuple[str, ...] = field(default=())
    blocking: bool = True
