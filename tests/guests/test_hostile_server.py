"""A real machine, entered over OpenSSH, whose banner, names, files and programs are hostile.

The sweep goes on, memory stays bounded, and nothing of it reaches the terminal, an export or the log as it came.
"""

from __future__ import annotations

import socket
import threading
import time
import tracemalloc
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.guests.ssh import OUTPUT_LIMIT
from services.readiness.doors import Doors, KeyRules
from services.readiness.guest_checks import GUEST_CHECKS
from services.readiness.model import Finding, Status
from services.readiness.settings import Settings
from services.readiness.sweep import sweep
from services.readiness.visit import Ground
from services.world.deadline import Deadline
from services.world.dialer import MappedDialer
from tests.guests.debian import MACHINE, NAME, PASSWORD, SETTINGS, Debian, debian, lifeboat, listed
from tests.readiness.shells import TRUE, world
from tests.readiness.test_ssh_port import speaker

SIGN = "owned"
"""Stands in all that is hostile, so that a test sees whether it came through at all."""
# For printf: a title escape, a cleared screen, markup, a direction override, a C1 control, bytes that are no UTF-8.
NASTY = rf"\033]0;{SIGN}\007\033[2J[bold red]{SIGN}[/] <script>{SIGN}</script> \342\200\256\23331m\377\376\000\r|{SIGN}"
LONG = f"head -c 10000000 /dev/zero | tr '\\0' x; printf '{NASTY}'"
LINES = f"printf '{NASTY}\\n%.0s' $(seq 2000)"
ENDLESS = f"yes \"$(printf '{NASTY}')\""
MOST = 48 << 20
"""Bytes that a sweep of one machine may hold at a time: both streams to their limit, more than once."""


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Debian]:
    with debian(tmp_path / "state", f"{SETTINGS}Banner /etc/banner\n") as machine:
        machine.run(f"(for n in $(seq 300); do printf '{NASTY}\\n'; done) > /etc/banner")
        yield machine


def replaced(here: Debian, program: str, body: str) -> None:
    """Put a script in the place of one of its programs."""
    script = f"#!/bin/sh\n{body}\n"
    path = here.root / here.run(f"readlink -f $(command -v {program})").strip().lstrip("/")
    path.unlink()
    path.write_text(script)
    path.chmod(0o755)


def swept(here: Debian, each: float = 60) -> dict[str, Finding]:
    doors = Doors(here.world, {NAME: PASSWORD}, KeyRules(accept_new=True))
    ground = Ground(here.world, doors, TRUE, None, Settings("192.0.2.5"))
    found = sweep([MACHINE], ground, Deadline(100), lambda _finding: None, each=each)
    return {one.id: one for one in found}


def harmless(text: str) -> bool:
    """Whether a terminal takes it as letters only."""
    odd = {sign for sign in text if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co")}
    return odd <= {"\n"}


def whole(found: dict[str, Finding]) -> str:
    return "\n".join(
        text
        for one in found.values()
        for text in (
            one.what,
            one.cause,
            one.fix,
            *(part for item in one.evidence for part in vars(item).values()),
        )
    )


def test_a_hostile_banner_names_and_files_do_not_stop_a_check(here: Debian) -> None:
    here.run(f"printf '{NASTY}' > /proc/sys/kernel/hostname")
    here.run(f'printf \'ID=ubuntu\\nVERSION_ID="16.04{NASTY}"\\nPRETTY_NAME="{NASTY}"\\n\' > /etc/os-release')
    here.run(f"printf '127.0.0.1 localhost {NASTY}\\n10.3.0.1 {NASTY}\\n' > /etc/hosts")
    here.run(f"printf '\\n# {NASTY}\\n' >> /etc/ssh/sshd_config")
    found = swept(here)
    wanted = {one.check.id for one in GUEST_CHECKS if not one.systems or "Linux" in one.systems}
    assert set(found) == wanted
    # The file says what it said, and nobody has made sshd read it anew.
    for name in ("sftp", "ssh-password"):
        assert (found[name].status, "not reloaded" in found[name].what) == (Status.WARNING, True)
    assert found["hosts-file"].status is Status.UNKNOWN
    assert SIGN in whole(found)
    assert harmless(whole(found))
    assert not any(one.status is Status.OK for name, one in found.items() if name == "os-supported")


@pytest.mark.parametrize("body", [LONG, LINES], ids=["ten-megabyte-line", "many-lines"])
def test_programs_that_print_too_much_leave_the_others_checks_standing(here: Debian, body: str) -> None:
    for program in ("df", "hostname", "dpkg"):
        replaced(here, program, body)
    found = swept(here)
    assert found["reachable"].status is found["clock-skew"].status is Status.OK
    for check in ("free-space", "hosts-file", "ssh-packages"):
        assert found[check].status is Status.UNKNOWN, found[check]
        assert found[check].fix
    assert harmless(whole(found))


def test_programs_without_an_end_are_cut_off_and_memory_stays_bounded(here: Debian) -> None:
    replaced(here, "df", ENDLESS)
    replaced(here, "date", f"{ENDLESS} | tee /dev/stderr")
    tracemalloc.start()
    try:
        found = swept(here)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert OUTPUT_LIMIT < most < MOST
    assert found["reachable"].status is Status.OK
    assert found["clock-skew"].status is found["free-space"].status is Status.UNKNOWN
    assert found["free-space"].evidence[0].output.startswith("output-too-long:")
    assert harmless(whole(found))


def test_a_program_that_drips_for_good_is_given_up_at_the_machines_end(here: Debian) -> None:
    replaced(here, "df", f"while :; do printf '{SIGN}'; sleep 0.1; done")
    began = time.monotonic()
    found = swept(here, each=5)
    assert time.monotonic() - began < 15
    assert found["free-space"].status is Status.UNKNOWN
    assert found["reachable"].status is Status.OK


def test_an_account_whose_shell_is_hostile(here: Debian) -> None:
    replaced(here, "bash", ENDLESS)
    found = swept(here)
    assert found["ssh-22"].status is found["reachable"].status is Status.OK
    inside = [one for name, one in found.items() if name not in ("ssh-22", "reachable")]
    assert len(inside) >= 15
    assert {one.status for one in inside} == {Status.UNKNOWN}
    assert harmless(whole(found))


def test_nothing_of_it_reaches_the_terminal_the_exports_or_the_log(here: Debian, tmp_path: Path) -> None:
    here.run(f"printf 'ID=plan9\\nPRETTY_NAME=\"{NASTY}\"\\n' > /etc/os-release")
    here.run(f"printf '{NASTY}' > /proc/sys/kernel/hostname")
    replaced(here, "df", LINES)
    given = ("--machines", listed(tmp_path), "--accept-new-host-keys")
    for arguments in ((), ("--json",), ("--export", str(tmp_path / "out"))):
        ran = lifeboat(here, "check", *given, *arguments)
        assert ran.returncode == 1, ran.stderr.decode()[-2000:]
        for said in (ran.stdout, ran.stderr):
            assert harmless(said.decode()), arguments
        assert SIGN.encode() in ran.stdout
        assert b"Traceback" not in ran.stderr
    written = [*(tmp_path / "out").iterdir(), *here.state.rglob("*.log")]
    assert len(written) >= 4
    for path in written:
        assert harmless(path.read_text(encoding="utf-8").replace("\r\n", "\n")), path


def test_a_greeting_without_an_end_is_given_up_and_not_kept(tmp_path: Path) -> None:
    """No OpenSSH does this: what stands in for it on port 22 sends one line for good."""
    over = threading.Event()

    def speak(client: socket.socket) -> None:
        while not over.is_set():
            client.sendall(b"x" * 65_536)

    with speaker(speak) as first, speaker(speak) as second:
        places = iter((first, second))

        class Network(MappedDialer):
            def endpoint(self, host: str, port: int) -> tuple[str, int]:
                place, _colon, real = next(places).rpartition(":")
                return place, int(real)

        there = replace(world(), dialer=Network({}, {}), state=tmp_path)
        ground = Ground(there, Doors(there, {NAME: PASSWORD}, KeyRules(accept_new=True)), TRUE)
        tracemalloc.start()
        began = time.monotonic()
        try:
            found = sweep([MACHINE], ground, Deadline(60), lambda _finding: None, each=6)
            most = tracemalloc.get_traced_memory()[1]
        finally:
            over.set()
            tracemalloc.stop()
    assert time.monotonic() - began < 20
    assert most < MOST
    assert {one.id for one in found} == {"ssh-22", "reachable"}
    assert not [one for one in found if one.status is Status.OK]
    assert harmless(whole({one.id: one for one in found}))
