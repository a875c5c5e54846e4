"""A problem: an error as an answer that a person can act on."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Problem:
    """What happened, to which thing, why, and what would do.

    `code` is stable and never translated; `subject` names the field, resource or machine; `raw` is the
    untouched text of the other side (shown only through `services.text`); `request_id` is the service's.
    """

    code: str
    subject: str
    what: str
    cause: str = ""
    remedy: str = ""
    check: str = ""
    source: str = ""
    request_id: str = ""
    raw: str = field(default="", repr=False)

    def sentence(self) -> str:
        """The problem on one line: subject, what happened, what would do."""
        what = f"{self.subject}: {self.what}" if self.subject else self.what
        parts = [part.strip() for part in (what, self.cause, self.remedy) if part.strip()]
        return " ".join([*(_ended(part) for part in parts[:-1]), *parts[-1:]])


def _ended(part: str) -> str:
    """A part that another follows ends as a sentence does."""
    return part if part[-1] in ".!?:;" else f"{part}."


class ProblemError(Exception):
    """Raised by services instead of a foreign exception; carries at least one problem."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.sentence() for problem in problems))
        self.problems = problems


class SignInError(ProblemError):
    """Sign-in or connection failed: exit code 3."""


class UsageError(ProblemError):
    """What was typed or written for us cannot be used: exit code 2."""


class RefusedError(ProblemError):
    """A safety rule refused: exit code 4."""


class DeadlineError(ProblemError):
    """Time ran out while a job still runs: exit code 5."""


class CancelledError(ProblemError):
    """The user asked to stop: exit code 130."""
