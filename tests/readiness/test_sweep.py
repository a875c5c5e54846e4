"""The sweep: many machines side by side, each with its own findings, none in the way of another."""

from __future__ import annotations

import threading
import unicodedata

import pytest

from services.guests.model import Machine, Shell
from services.problems.model import CancelledError, Problem, ProblemError
from services.readiness.guest_checks import GUEST_CHECKS
from services.readiness.model import Finding, Status
from services.readiness.sweep import sweep
from services.readiness.visit import Ground, Open
from services.world.deadline import Deadline
from tests.readiness import recorded
from tests.readiness.shells import NOW, TRUE, Scripted, world

WHOLE = [each for each in GUEST_CHECKS if each.check.id != "ssh-22"]
"""Every check that looks from inside."""
INSIDE = [each for each in WHOLE if each.check.id in ("reachable", "os-supported", "clock-skew")]


def linux(name: str, number: int = 1, mobility: str = "push") -> Machine:
    address = f"10.1.{number // 200}.{number % 200 + 1}"
    return Machine(name, address, "Linux", "root", "env:X", mobility=mobility)


def healthy(command: str) -> str:
    return f"{int(NOW.timestamp())} UTC +0000" if command.startswith("date") else recorded.UBUNTU_16


def ground(open_shell: Open) -> Ground:
    return Ground(world(), open_shell, TRUE)


def run(machines: list[Machine], open_shell: Open, **options: float) -> list[Finding]:
    return sweep(machines, ground(open_shell), Deadline(30), lambda _finding: None, checks=INSIDE, **options)  # type: ignore[arg-type]


def states(findings: list[Finding], name: str) -> dict[str, Status]:
    return {finding.id: finding.status for finding in findings if finding.target == name}


def test_a_healthy_machine_is_ok_in_all_and_connected_to_once() -> None:
    shells: list[Scripted] = []

    def open_shell(_machine: Machine, _deadline: Deadline) -> Shell:
        shells.append(Scripted(healthy))
        return shells[-1]

    found = run([linux("app-01")], open_shell)
    assert states(found, "app-01") == {
        "reachable": Status.OK,
        "os-supported": Status.OK,
        "clock-skew": Status.OK,
    }
    assert len(shells) == 1
    assert shells[0].closed == 1


PROBLEMS = {
    "unreachable": Status.UNKNOWN,
    "refused": Status.UNKNOWN,
    "no-answer": Status.UNKNOWN,
    "wrong-password": Status.FAILED,
    "host-key-unknown": Status.FAILED,
    "host-key-changed": Status.FAILED,
    "secret-missing": Status.FAILED,
}


def test_each_problem_is_a_finding_with_its_own_cause_and_stops_nothing_else() -> None:
    def open_shell(machine: Machine, _deadline: Deadline) -> Shell:
        if machine.name in PROBLEMS:
            text = f"what of {machine.name}"
            raise ProblemError(Problem(machine.name, machine.name, text, f"cause {machine.name}", "remedy"))
        return Scripted(healthy)

    names = [*PROBLEMS, "app-01"]
    found = run([linux(name, number) for number, name in enumerate(names)], open_shell)
    for name, status in PROBLEMS.items():
        assert states(found, name) == {"reachable": status}
    assert {finding.cause for finding in found if finding.target in PROBLEMS} == {
        f"cause {name}" for name in PROBLEMS
    }
    assert len(states(found, "app-01")) == 3


def test_a_machine_with_the_mobility_service_is_not_held_up_nor_asked_for_push() -> None:
    def open_shell(machine: Machine, _deadline: Deadline) -> Shell:
        raise ProblemError(Problem("unreachable", machine.name, "no answer."))

    found = sweep(
        [linux("app-01", 1, "installed"), linux("app-02", 2)],
        ground(open_shell),
        Deadline(30),
        lambda _finding: None,
    )
    assert states(found, "app-01") == {"reachable": Status.WARNING}
    assert states(found, "app-02") == {"ssh-22": Status.FAILED, "reachable": Status.UNKNOWN}


def test_a_session_that_breaks_leaves_the_rest_unknown() -> None:
    def breaking(command: str) -> str:
        if command.startswith("sh "):
            raise ProblemError(Problem("link-lost", "app-01", "the connection broke."))
        return healthy(command)

    found = run([linux("app-01")], lambda _machine, _deadline: Scripted(breaking))
    assert states(found, "app-01") == {
        "reachable": Status.OK,
        "os-supported": Status.UNKNOWN,
        "clock-skew": Status.OK,
    }


def test_an_error_nobody_foresaw_is_a_finding_without_its_text() -> None:
    def hostile(_command: str) -> str:
        raise UnicodeError("secret in the text")

    found = run([linux("app-01")], lambda _machine, _deadline: Scripted(hostile))
    broken = next(finding for finding in found if finding.id == "os-supported")
    assert broken.status is Status.UNKNOWN
    assert "UnicodeError" in broken.what
    assert "secret" not in repr(broken)


HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202e\x00\x9b31m[bold]"


@pytest.mark.parametrize(
    "output",
    [
        HOSTILE * 50,
        "x" * 1_000_000,
        f'==os-release\nID=ubuntu\nVERSION_ID="16.04{HOSTILE}"\nPRETTY_NAME="{HOSTILE}"\n==kernel\n{HOSTILE}\n',
        f'==os-release\nID=plan9\nPRETTY_NAME="{HOSTILE}{"y" * 100_000}"\n==machine\n{HOSTILE}\n',
        f"Caption : Windows Server 2016 {HOSTILE}\nOSArchitecture : {HOSTILE}\nVersion : {HOSTILE}\n",
        "\n" * 100_000,
    ],
    ids=["escapes", "long-line", "version", "name", "windows", "lines"],
)
def test_hostile_output_is_a_bounded_and_harmless_finding(output: str) -> None:
    machines = [linux("app-01", 1), Machine("web-01", "10.1.0.31", "Windows", "Administrator")]
    there = ground(lambda _machine, _deadline: Scripted(lambda _command: output))
    found = sweep(machines, there, Deadline(60), lambda _finding: None, checks=WHOLE)
    for machine in machines:
        ids = [finding.id for finding in found if finding.target == machine.name]
        assert ids[:3] == ["reachable", "os-supported", "clock-skew"]
    for finding in found:
        assert len(repr(vars(finding)).replace("\\n", "")) < 15_000
    said = "".join(
        text
        for finding in found
        for text in (finding.what, finding.cause, finding.fix, *(each.output for each in finding.evidence))
    )
    assert {sign for sign in said if unicodedata.category(sign) in ("Cc", "Cf")} <= {"\n"}


def test_machines_are_visited_side_by_side_up_to_the_width() -> None:
    together = threading.Barrier(4)
    most = [0, 0]
    guard = threading.Lock()

    def open_shell(_machine: Machine, _deadline: Deadline) -> Shell:
        with guard:
            most[0] += 1
            most[1] = max(most)
        together.wait(10)
        with guard:
            most[0] -= 1
        return Scripted(healthy)

    machines = [linux(f"app-{number}", number) for number in range(12)]
    found = run(machines, open_shell, width=4)
    assert len(found) == 36
    assert most[1] == 4


def test_findings_come_as_they_are_made_and_return_in_the_order_of_the_list() -> None:
    released = threading.Event()

    def open_shell(machine: Machine, _deadline: Deadline) -> Shell:
        if machine.name == "slow":
            released.wait(10)
        return Scripted(healthy)

    told: list[str] = []

    def tell(finding: Finding) -> None:
        told.append(finding.target)
        if finding.id == "clock-skew":
            released.set()

    machines = [linux("slow", 1), linux("quick", 2)]
    found = sweep(machines, ground(open_shell), Deadline(30), tell, checks=INSIDE)
    assert told == ["quick"] * 3 + ["slow"] * 3
    assert [finding.target for finding in found] == ["slow"] * 3 + ["quick"] * 3


def test_a_machine_that_hangs_is_given_up_alone() -> None:
    def open_shell(machine: Machine, deadline: Deadline) -> Shell:
        if machine.name == "hangs":
            deadline.wait(60)
        return Scripted(healthy)

    found = run([linux("hangs", 1), linux("app-01", 2)], open_shell, each=0.3)
    assert states(found, "hangs") == {"reachable": Status.UNKNOWN}
    assert len(states(found, "app-01")) == 3


def test_a_cancelled_sweep_ends_at_once_and_ends_its_visits() -> None:
    whole = Deadline(60)
    ended = threading.Event()

    def open_shell(_machine: Machine, deadline: Deadline) -> Shell:
        try:
            deadline.wait(60)
        except CancelledError:
            ended.set()
            raise
        return Scripted(healthy)

    threading.Timer(0.1, whole.cancel).start()
    with pytest.raises(CancelledError):
        sweep([linux("app-01")], ground(open_shell), whole, lambda _finding: None, checks=INSIDE)
    assert ended.wait(5)


def test_an_empty_list_gives_nothing() -> None:
    assert run([], lambda _machine, _deadline: Scripted(healthy)) == []
