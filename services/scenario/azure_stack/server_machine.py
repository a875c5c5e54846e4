"""The configuration server as a machine, and the size that its work asks for."""

from __future__ import annotations

from dataclasses import dataclass

from services.guests.model import Machine
from services.scenario.answers import Answers
from services.scenario.session import Session

REQUIREMENTS = "Configuration server requirements, 2018-09-03"


@dataclass(frozen=True)
class Size:
    """A row of the sizing table for the built-in process server; `churn` in GB a day, both at most."""

    machines: int
    churn: int
    cores: int
    memory: int
    cache: int


SIZES = (Size(99, 500, 8, 16, 600), Size(150, 1_000, 12, 18, 600), Size(200, 2_000, 16, 32, 1_000))
"""The first row's own 300 GB of cache is below the 600 GB that the same page requires, so 600 holds."""


def server_machine(given: Session | Answers) -> Machine:
    """The configuration server as a machine."""
    answers = given if isinstance(given, Answers) else given.answers
    return Machine(
        name=answers.text("server.name"),
        address=answers.text("server.address"),
        os_type="Windows",
        user=answers.text("server.user"),
        secret=answers.text("server.secret"),
        secret_key="server.secret",
    )


def size_for(machines: int, churn: int) -> Size | None:
    """The smallest documented size for so many machines and GB a day; None when no one server carries it."""
    return next((size for size in SIZES if machines <= size.machines and churn <= size.churn), None)
