"""The ways in: host keys by fingerprint, and one attempt for each domain account."""

from __future__ import annotations

import socket
import threading
from dataclasses import replace
from pathlib import Path

import paramiko
import pytest

from services.guests import winrm
from services.guests.host_keys import HostKeyError, fingerprint
from services.guests.model import Machine
from services.problems.model import Problem, ProblemError
from services.readiness.doors import Accounts, Doors, KeyRules, host_keys
from services.world.deadline import Deadline
from services.world.model import World
from tests.readiness.shells import Scripted, machine, world


@pytest.fixture(scope="module")
def keys() -> tuple[paramiko.PKey, paramiko.PKey]:
    return paramiko.ECDSAKey.generate(), paramiko.ECDSAKey.generate()


def test_a_given_fingerprint_lets_that_key_in_and_no_other(
    tmp_path: Path, keys: tuple[paramiko.PKey, paramiko.PKey]
) -> None:
    right, wrong = keys
    here = replace(world(), state=tmp_path)
    expecting = host_keys(here, machine(fingerprint=fingerprint(right)))
    with pytest.raises(HostKeyError) as refused:
        expecting.check("10.1.0.11", 22, wrong)
    assert refused.value.problems[0].code == "host-key-unknown"
    expecting.check("10.1.0.11", 22, right)
    host_keys(here, machine()).check("10.1.0.11", 22, right)
    with pytest.raises(HostKeyError) as changed:
        host_keys(here, machine(fingerprint=fingerprint(wrong))).check("10.1.0.11", 22, wrong)
    assert changed.value.problems[0].code == "host-key-changed"


def test_a_missing_secret_is_the_problem_of_its_machine_only() -> None:
    missing = ProblemError(Problem("secret-missing", "app-01", "not set"))
    doors = Doors(world(), {"app-01": missing}, KeyRules())
    with pytest.raises(ProblemError) as raised:
        doors(machine("app-01"), Deadline())
    assert raised.value is missing
    with pytest.raises(ProblemError) as other:
        doors(machine("web-01", "Windows", user="Administrator"), Deadline())
    assert other.value.problems[0].code == "no-secret"


def refused(name: str) -> ProblemError:
    return ProblemError(Problem("wrong-password", name, "no"))


def logged_in(accounts: Accounts, one: Machine, tries: list[str], error: ProblemError | None) -> str:
    try:
        with accounts.turn(one, Deadline(10)):
            tries.append(one.name)
            if error:
                raise error
    except ProblemError as met:
        return met.problems[0].subject
    return ""


def test_a_domain_account_whose_password_is_wrong_is_tried_once() -> None:
    accounts, tries = Accounts(), list[str]()
    threads = [
        threading.Thread(
            target=logged_in,
            args=(
                accounts,
                Machine(f"web-{n}", "10.0.0.1", "Windows", "CORP\\op", "env:A"),
                tries,
                refused("x"),
            ),
        )
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(tries) == 1


def test_local_accounts_and_other_passwords_are_tried_each() -> None:
    accounts, tries = Accounts(), list[str]()
    for name, user, secret in (
        ("a", "Administrator", "env:A"),
        ("b", "Administrator", "env:A"),
        ("c", "CORP\\op", "env:A"),
        ("d", "corp\\OP", "env:A"),
        ("e", "CORP\\op", "env:B"),
        ("f", "op@corp.example", "env:A"),
        ("g", ".\\Administrator", "env:A"),
        ("h", ".\\Administrator", "env:A"),
        ("i", "I\\admin", "env:A"),
        ("i.corp.example", "I\\admin", "env:A"),
    ):
        logged_in(accounts, Machine(name, "10.0.0.1", "Windows", user, secret), tries, refused(name))
    assert tries == ["a", "b", "c", "e", "f", "g", "h", "i", "i.corp.example"]


def test_a_name_on_linux_that_may_be_a_directorys_is_refused_twice_at_most() -> None:
    accounts, tries = Accounts(), list[str]()
    for number in range(6):
        one = Machine(f"app-{number}", "10.0.0.1", "Linux", "svc", "env:A")
        logged_in(accounts, one, tries, refused(one.name))
        logged_in(accounts, replace(one, name=f"root-{number}", user="root"), tries, refused("x"))
        logged_in(accounts, replace(one, name=f"key-{number}", key="agent"), tries, refused("x"))
    own = [name for name in tries if name.startswith("app")]
    assert (own, len(tries)) == (["app-0", "app-1"], 14)


def test_a_machine_with_another_password_stops_nothing_on_linux() -> None:
    accounts, tries = Accounts(), list[str]()
    for number, error in enumerate((refused("a"), None, refused("c"), refused("d"), None)):
        one = Machine(f"app-{number}", "10.0.0.1", "Linux", "svc", "env:A")
        logged_in(accounts, one, tries, error)
    assert len(tries) == 5


def test_an_account_that_works_is_used_side_by_side_and_another_problem_is_no_refusal() -> None:
    accounts, tries = Accounts(), list[str]()
    first, second = (Machine(name, "10.0.0.1", "Windows", "CORP\\op", "env:A") for name in ("a", "b"))
    gone = ProblemError(Problem("unreachable", "a", "no answer"))
    assert logged_in(accounts, first, tries, gone) == "a"
    assert logged_in(accounts, second, tries, None) == ""
    with accounts.turn(first, Deadline(5)), accounts.turn(second, Deadline(5)):
        tries.append("both")
    assert tries == ["a", "b", "both"]


def test_doors_of_one_sweep_share_what_they_know_of_an_account() -> None:
    accounts = Accounts()
    server = Machine("cs-01", "10.1.0.5", "Windows", "CORP\\op", "env:A")
    assert logged_in(accounts, server, [], refused("cs-01")) == "cs-01"
    doors = Doors(world(), {"web-01": "x"}, KeyRules(), accounts=accounts)
    with pytest.raises(ProblemError) as again:
        doors(Machine("web-01", "10.1.0.31", "Windows", "corp\\OP", "env:A"), Deadline(5))
    assert again.value.problems[0].what == "not tried: the account corp\\OP was refused on cs-01."


class Slow:
    """A network in which one machine never answers until it is let go, and another does at once."""

    def __init__(self) -> None:
        self.asked, self.let_go = threading.Event(), threading.Event()

    def connect(self, host: str, port: int, deadline: Deadline) -> socket.socket:
        if host == "10.1.0.34":
            self.asked.set()
            self.let_go.wait(20)
            raise OSError(113, "no route")
        near, far = socket.socketpair()
        far.close()
        return near

    def endpoint(self, host: str, port: int) -> tuple[str, int]:
        return host, port

    datagram = endpoint


def test_a_machine_that_is_off_keeps_no_other_of_its_domain_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(one: Machine, _secret: str, where: World, deadline: Deadline, **_more: object) -> Scripted:
        where.dialer.connect(one.address, 5985, deadline).close()
        return Scripted(lambda _command: "")

    monkeypatch.setattr(winrm, "open_winrm", opened)
    network = Slow()
    doors = Doors(replace(world(), dialer=network), {"web-04": "x", "web-01": "x"}, KeyRules())
    off = Machine("web-04", "10.1.0.34", "Windows", "CORP\\op", "env:A")
    waiting = threading.Thread(target=lambda: logged(doors, off))
    waiting.start()
    try:
        assert network.asked.wait(10)
        doors(replace(off, name="web-01", address="10.1.0.31"), Deadline(5)).close()
    finally:
        network.let_go.set()
        waiting.join(20)


def test_a_linux_machine_that_is_off_keeps_no_other_of_its_domain_waiting(tmp_path: Path) -> None:
    network = Slow()
    doors = Doors(
        replace(world(), dialer=network, state=tmp_path), {"app-09": "x", "app-01": "x"}, KeyRules()
    )
    off = Machine("app-09", "10.1.0.34", "Linux", "op@corp.example", "env:A")
    waiting = threading.Thread(target=lambda: logged(doors, off))
    waiting.start()
    try:
        assert network.asked.wait(10)
        with pytest.raises(ProblemError) as told:
            doors(replace(off, name="app-01", address="10.1.0.31"), Deadline(5))
        assert told.value.problems[0].code == "link-lost"
    finally:
        network.let_go.set()
        waiting.join(20)


def logged(doors: Doors, one: Machine) -> None:
    with pytest.raises(ProblemError):
        doors(one, Deadline(30))
