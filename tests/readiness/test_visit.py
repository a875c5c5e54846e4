"""A visit: one attempt to log in, one connection."""

from __future__ import annotations

import pytest

from services.guests.model import Machine, Shell
from services.problems.model import Problem, ProblemError
from services.readiness.guest_checks import GUEST_CHECKS
from services.readiness.model import Status
from services.readiness.sweep import looked
from services.readiness.visit import Ground, Visit
from services.world.deadline import Deadline
from tests.readiness.shells import TRUE, Scripted, machine, world

SSH_22 = next(one.check for one in GUEST_CHECKS if one.check.id == "ssh-22")


def test_a_refused_password_is_tried_once_by_all_checks() -> None:
    tried: list[str] = []

    def refuse(one: Machine, _deadline: Deadline) -> Shell:
        tried.append(one.name)
        raise ProblemError(Problem("wrong-password", one.name, "the password is wrong."))

    visit = Visit(machine(), Ground(world(), refuse, TRUE), Deadline(20))
    for declared in GUEST_CHECKS:
        looked(declared.check, visit)
    assert tried == ["app-01"]
    with pytest.raises(ProblemError):
        visit.enter()
    assert len(tried) == 2


class Greeted(Scripted):
    """A session whose server has introduced itself."""

    greeting = "SSH-2.0-OpenSSH_7.2p2 \x1b[31m"


def test_the_greeting_of_the_session_answers_for_port_22() -> None:
    # The world knows no address, so a second connection would fail.
    ground = Ground(world(), lambda _machine, _deadline: Greeted(lambda _command: ""), TRUE)
    found = looked(SSH_22, Visit(machine(), ground, Deadline(20)))
    assert found.status is Status.OK
    assert found.evidence[0].output.startswith("SSH-2.0-OpenSSH_7.2p2")
    assert "\x1b" not in found.evidence[0].output
