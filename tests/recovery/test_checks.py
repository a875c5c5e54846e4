"""Application checks: how they are written, what is refused, and what is tried until it comes out well."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.problems.model import UsageError
from services.recovery import checks
from services.recovery.checks import Check
from services.world.clock import Clock
from services.world.deadline import Deadline
from services.world.dialer import MappedDialer
from services.world.model import World


class Page(http.server.BaseHTTPRequestHandler):
    """Answers 503 until it was asked as often as `later`, then 200; /moved is 302."""

    asked = 0
    later = 0

    def do_GET(self) -> None:
        Page.asked += 1
        early = Page.asked <= Page.later
        self.send_response(302 if self.path == "/moved" else 503 if early else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A world at 600 times the speed, in which 10.9.1.11:80 is a page."""
    Page.asked = Page.later = 0
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    place = f"127.0.0.1:{server.server_address[1]}"
    now = datetime.now(UTC)
    dialer = MappedDialer({"10.9.1.11:80": place}, {})
    try:
        yield World("practice", "practice-x", {}, Clock(now, now, 600.0), dialer, tmp_path)
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("app-01=tcp:22", Check("app-01", "tcp", "22")),
        ("tcp:22", Check("", "tcp", "22")),
        ("http:80/a=b", Check("", "http", "80/a=b")),
        ("web-01=http:8080/health=302", Check("web-01", "http", "8080/health", "302")),
        (
            "app-01=ssh:systemctl is-active nginx=active",
            Check("app-01", "ssh", "systemctl is-active nginx", "active"),
        ),
        ("ssh:A=1 B=2 run=ok", Check("", "ssh", "A=1 B=2 run", "ok")),
        ("ssh:true", Check("", "ssh", "true")),
        (
            "web-01=winrm:(Get-Service W3SVC).Status=Running",
            Check("web-01", "winrm", "(Get-Service W3SVC).Status", "Running"),
        ),
    ],
)
def test_a_check_is_read_as_it_is_typed(text: str, wanted: Check) -> None:
    assert checks.parsed(text) == wanted


@pytest.mark.parametrize(
    "text", ["", "app-01", "app-01=", "gopher:70", "tcp:", "tcp:0", "tcp:65536", "http:x/", "ssh:"]
)
def test_a_check_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        checks.parsed(text)


def test_a_file_holds_what_is_typed_and_more(tmp_path: Path) -> None:
    path = tmp_path / "checks.toml"
    path.write_text(
        '[[check]]\nmachine = "app-01"\nkind = "ssh"\nwhat = "hostname"\nexpected = "app-01"\n'
        'user = "root"\nsecret = "env:PW"\nwithin = 60\n[[check]]\nkind = "tcp"\nwhat = 22\n'
    )
    assert checks.from_file(path) == (
        Check("app-01", "ssh", "hostname", "app-01", "root", "env:PW", 60.0),
        Check("", "tcp", "22"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "check = 1",
        "[[check]]\nkind = 'tcp'\nwhat = '22'\npassword = 'x'\n",
        "[[check",
        "[[check]]\nkind = 'ssh'\n",
    ],
)
def test_a_file_that_makes_no_sense_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "checks.toml"
    path.write_text(text)
    with pytest.raises(UsageError):
        checks.from_file(path)


def test_a_check_is_for_its_machine_or_for_all() -> None:
    both = (Check("app-01", "tcp", "22"), Check("", "tcp", "80"))
    assert [one.what for one in checks.of_machine(both, "APP-01")] == ["22", "80"]
    assert checks.of_machine(both, "db-01") == [Check("db-01", "tcp", "80")]
    with pytest.raises(UsageError, match="app-01, which is not in this run"):
        checks.refuse_unknown(both, ["db-01"])


def test_it_is_tried_until_the_application_is_up(world: World) -> None:
    Page.later = 2
    found = checks.run_check(Check("app-01", "http", "80/"), "10.9.1.11", "Linux", world, Deadline(20))
    assert (found.state, found.actual, found.tries) == ("ok", "200", 3)


def test_it_fails_when_its_time_is_over(world: World) -> None:
    refused = Check("app-01", "tcp", "443", within=60.0)
    found = checks.run_check(refused, "10.9.1.11", "Linux", world, Deadline(20))
    assert (found.state, found.expected) == ("failed", "accepted")
    assert "route" in found.actual
    Page.later = 10_000
    wrong = checks.run_check(
        Check("app-01", "http", "80/", within=30.0), "10.9.1.11", "Linux", world, Deadline(20)
    )
    assert (wrong.state, wrong.expected, wrong.actual) == ("failed", "200", "503")


def test_another_status_can_be_expected_and_is_not_followed(world: World) -> None:
    check = Check("app-01", "http", "80/moved", "302")
    assert checks.run_check(check, "10.9.1.11", "Linux", world, Deadline(20)).state == "ok"
    other = replace(check, expected="200", within=1.0)
    assert checks.run_check(other, "10.9.1.11", "Linux", world, Deadline(20)).actual == "302"


@pytest.mark.parametrize("between", [" ", "  ", ",", ", ", "\n"])
def test_checks_in_one_line_are_parted_by_blanks_or_commas(between: str) -> None:
    texts = [
        "http:80/health=302",
        "app-01=ssh:systemctl is-active nginx=active",
        "tcp:22",
        "web-01=winrm:x y",
    ]
    assert checks.many(between.join(texts)) == tuple(checks.parsed(one) for one in texts)
    assert checks.many(f" {between} ") == ()


def test_what_a_command_holds_is_not_taken_for_another_check() -> None:
    command = "ssh:curl -s,  http://here/ tcp=ok"
    assert checks.many(command) == (checks.parsed(command),)
