"""WinRM against the practice machines, and against servers that misbehave."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from winrm.exceptions import WinRMOperationTimeoutError, WSManFaultError
from winrm.protocol import Protocol

from services.guests import configuration_server, windows_files
from services.guests.model import FedShell, Machine
from services.guests.powershell import LIMIT, powershell, quoted
from services.guests.winrm import open_winrm
from services.problems.model import DeadlineError, ProblemError
from services.world.deadline import Deadline
from services.world.dialer import MappedDialer
from tests.guests.support import Ground, SetClock, ground, soon


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(tmp_path_factory.mktemp("machines"), SetClock()) as running:
        yield running


def connect(place: Ground, name: str, state: Path) -> FedShell:
    return open_winrm(place.machine(name), place.password(name), place.world(state), soon())


def test_several_commands_in_one_shell(place: Ground, tmp_path: Path) -> None:
    shell = connect(place, "web-01", tmp_path)
    assert shell.run("hostname", soon()).stdout == "WEB-01\r\n"
    missing = shell.run("no-such-program", soon())
    assert missing.code != 0
    assert "is not recognized as an internal or external command" in missing.stderr
    assert shell.run("whoami", soon()).stdout == "web-01\\administrator\r\n"
    shell.close()
    shell.close()


def test_proxy_of_the_environment_is_not_asked(
    place: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    shell = connect(place, "web-01", tmp_path)
    assert shell.run("hostname", soon()).code == 0
    shell.close()


def test_wrong_password_is_tried_once(place: Ground, tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as wrong:
        open_winrm(place.machine("web-01"), "Marker-wrong", place.world(tmp_path), soon())
    assert wrong.value.problems[0].code == "wrong-password"
    assert "Marker-wrong" not in repr(wrong.value.problems)
    assert place.call(lambda: place.fleet.refusals("web-01")) == 1


@pytest.mark.parametrize(("name", "code"), [("web-04", "unreachable"), ("app-01", "unreachable")])
def test_no_winrm_there(place: Ground, tmp_path: Path, name: str, code: str) -> None:
    with pytest.raises(ProblemError) as failed:
        open_winrm(place.machine(name), "x", place.world(tmp_path), soon())
    assert failed.value.problems[0].code == code


def test_messages_are_sealed(place: Ground, tmp_path: Path) -> None:
    port = int(place.description["network"]["10.1.0.31:5985"].rpartition(":")[2])
    seen = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as relay:
        threading.Thread(target=_relay, args=(relay, port, seen), daemon=True).start()
        dialer = MappedDialer({"10.1.0.31:5985": f"127.0.0.1:{relay.getsockname()[1]}"}, {})
        world = replace(place.world(tmp_path), dialer=dialer)
        shell = open_winrm(place.machine("web-01"), place.password("web-01"), world, soon())
        assert shell.run("echo Marker-in-the-clear", soon()).stdout == "Marker-in-the-clear\r\n"
        shell.close()
    assert b"Host: 10.1.0.31:5985" in seen
    assert b"HTTP-SPNEGO-session-encrypted" in seen
    assert b"Marker-in-the-clear" not in seen
    assert b"Envelope" not in seen


def _relay(server: socket.socket, port: int, seen: bytearray) -> None:
    def copy(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                seen.extend(data)
                target.sendall(data)
        target.close()

    while True:
        try:
            near = server.accept()[0]
        except OSError:
            return
        far = socket.create_connection(("127.0.0.1", port))
        for pair in ((near, far), (far, near)):
            threading.Thread(target=copy, args=pair, daemon=True).start()


def test_hanging_server_ends_at_the_deadline(place: Ground, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        dialer = MappedDialer({"10.2.0.1:5985": f"127.0.0.1:{server.getsockname()[1]}"}, {})
        world = replace(place.world(tmp_path), dialer=dialer)
        began = time.monotonic()
        with pytest.raises(DeadlineError):
            open_winrm(Machine("m", "10.2.0.1", "Windows", "u"), "x", world, Deadline(0.6))
        assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"],
    ids=["trickle", "trickle without length"],
)
def test_answer_that_trickles_ends_at_the_deadline(place: Ground, tmp_path: Path, answer: bytes) -> None:
    def serve(server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            server.accept()[0].close()
            near = server.accept()[0]
            near.sendall(answer)
            stop = threading.Event()
            while not stop.wait(0.1):
                near.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        dialer = MappedDialer({"10.2.0.1:5985": f"127.0.0.1:{server.getsockname()[1]}"}, {})
        world = replace(place.world(tmp_path), dialer=dialer)
        with pytest.raises(DeadlineError):
            open_winrm(Machine("m", "10.2.0.1", "Windows", "u"), "x", world, Deadline(1.0))


def test_answer_without_end_is_cut_off(place: Ground, tmp_path: Path) -> None:
    def serve(server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            server.accept()[0].close()
            near = server.accept()[0]
            near.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                near.sendall(b"x" * 65_536)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        dialer = MappedDialer({"10.2.0.1:5985": f"127.0.0.1:{server.getsockname()[1]}"}, {})
        world = replace(place.world(tmp_path), dialer=dialer)
        with pytest.raises(ProblemError) as endless:
            open_winrm(Machine("m", "10.2.0.1", "Windows", "u"), "x", world, soon())
    assert endless.value.problems[0].code == "winrm"


def test_command_that_never_ends_stops_at_the_deadline(place: Ground, tmp_path: Path) -> None:
    shell = connect(place, "web-01", tmp_path)
    began = time.monotonic()
    with pytest.raises(DeadlineError):
        shell.run("ping -n 600 127.0.0.1", Deadline(1.0))
    assert time.monotonic() - began < 10
    shell.close()


READ = "$i=[Console]::OpenStandardInput();$b=New-Object byte[] 9;'read ' + $i.Read($b,0,9)"


def test_input_reaches_the_program_and_ends(place: Ground, tmp_path: Path) -> None:
    shell = connect(place, "web-03", tmp_path)
    assert shell.feed(powershell(READ), b"abc", soon()).stdout == "read 3\r\n"
    assert shell.feed(powershell(READ), b"", soon()).stdout == "read 0\r\n"
    assert shell.run("hostname", soon()).stdout == "WEB-03\r\n"
    shell.close()


def test_program_that_reads_nothing_says_how_it_ended(place: Ground, tmp_path: Path) -> None:
    shell = connect(place, "web-01", tmp_path)
    output = shell.feed("no-such-program", b"x" * 100_000, soon())
    assert output.code != 0
    assert "is not recognized" in output.stderr
    assert shell.run("hostname", soon()).code == 0
    shell.close()


def test_input_is_not_taken_twice_where_its_answer_comes_late(place: Ground, tmp_path: Path) -> None:
    shell = connect(place, "web-01", tmp_path)
    sent: list[int] = []

    class Slow(Protocol):  # type: ignore[misc]
        """Busy once, then too slow to answer in time."""

        def send_command_input(
            self, shell_id: str, command_id: str, stdin_input: str | bytes, end: bool = False
        ) -> None:
            sent.append(len(stdin_input))
            if len(sent) == 1:
                raise WSManFaultError(500, "", "", "busy", wsman_fault_code=170)
            super().send_command_input(shell_id, command_id, stdin_input, end)
            raise WinRMOperationTimeoutError

    shell._protocol.__class__ = Slow  # type: ignore[attr-defined]
    windows_files.upload(shell, "C:\\Temp\\slow.bin", b"x" * 70_000, soon())
    assert sent == [60_000, 60_000, 10_000]
    shell.close()


def test_link_that_breaks_is_said_and_stays_broken(place: Ground, tmp_path: Path) -> None:
    shell = connect(place, "web-01", tmp_path)
    place.call(place.fleet.cut)
    for _time in range(2):
        with pytest.raises(ProblemError) as lost:
            shell.run("hostname", soon())
        assert lost.value.problems[0].code == "link-lost"
    shell.close()


def test_old_powershell_knows_what_it_knew(place: Ground, tmp_path: Path) -> None:
    shell = connect(place, "web-03", tmp_path)
    for name in ("Get-CimInstance Win32_OperatingSystem", "Test-NetConnection 10.1.0.5 -Port 443"):
        output = shell.run(powershell(name), soon())
        assert output.code == 1
        assert f"The term '{name.split(' ', maxsplit=1)[0]}' is not recognized" in output.stderr
    system = '$o=Get-WmiObject Win32_OperatingSystem;"$($o.Version) $($o.ServicePackMajorVersion)"'
    assert shell.run(powershell(system), soon()).stdout == "6.1.7601 1\r\n"
    shell.close()


def test_clock_and_zone_and_skew(place: Ground, tmp_path: Path) -> None:
    shell = connect(place, "web-02", tmp_path)
    assert configuration_server.clock(shell, soon()) == place.clock.now() - timedelta(minutes=6)
    assert configuration_server.time_zone(shell, soon()) == "UTC"
    assert configuration_server.skew(shell, "time.windows.com", soon()) == 360.0
    assert configuration_server.skew(shell, "time.contoso.example", soon()) is None
    shell.close()


def test_services_of_a_server_that_is_not_set_up(place: Ground, tmp_path: Path) -> None:
    shell = connect(place, "cs-01", tmp_path)
    found = configuration_server.services(shell, soon())
    assert {service.state for service in found} == {"absent"}
    assert not any(service.well for service in found)
    shell.close()


def test_long_scripts_are_refused() -> None:
    assert len(powershell("x" * 2800)) <= LIMIT
    with pytest.raises(ProblemError) as long:
        powershell("x" * 3100)
    assert long.value.problems[0].code == "script-too-long"


def test_quoted_text_stays_text(place: Ground, tmp_path: Path) -> None:
    shell = connect(place, "web-01", tmp_path)
    text = 'it\'s $(hostname) `n "x" ü'
    assert shell.run(powershell(quoted(text)), soon()).stdout == text + "\r\n"
    shell.close()
