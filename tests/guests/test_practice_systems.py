"""What each practice system has and lacks, and that its memory outlives its server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.practice.machines.disk import Disks
from services.practice.machines.inventory import LINUX, WINDOWS
from services.practice.machines.linux.guest import Guest as Linux
from services.practice.machines.linux.shell import Answer
from services.practice.machines.windows import cmd
from services.practice.machines.windows.guest import Guest as Windows
from services.practice.machines.windows.powershell import Session
from tests.guests.support import SetClock, ground


@pytest.fixture
def disks(tmp_path: Path) -> Iterator[Disks]:
    kept = Disks(tmp_path)
    yield kept
    kept.close()


def linux(disks: Disks, name: str) -> Linux:
    profile = next(each for each in LINUX if each.name == name)
    return Linux(profile, SetClock(), disks.of(name), lambda host, port: (host, port) == ("10.1.0.5", 443))


def windows(disks: Disks, name: str) -> Windows:
    profile = next(each for each in WINDOWS if each.name == name)
    return Windows(profile, SetClock(), disks.of(name), lambda host, port: (host, port) == ("10.1.0.5", 5985))


@pytest.mark.parametrize(
    "command", ["systemctl is-enabled sshd", "ss -ltn", "cat /etc/os-release", "dpkg -s openssl"]
)
def test_centos_6_lacks_what_came_later(disks: Disks, command: str) -> None:
    assert linux(disks, "db-01").run(command).code != 0


@pytest.mark.parametrize(
    ("name", "command", "expected"),
    [
        ("db-01", "cat /etc/centos-release", "CentOS release 6.9 (Final)\n"),
        ("db-01", "service sshd status", "openssh-daemon (pid  1423) is running...\n"),
        ("app-03", "cat /etc/centos-release", "CentOS Linux release 7.3.1611 (Core)\n"),
        ("app-03", "systemctl is-enabled sshd", "enabled\n"),
        ("app-01", "systemctl is-enabled ssh", "enabled\n"),
        ("app-01", "sshd -T | grep -Ei '^(passwordauthentication|subsystem)' | wc -l", "2\n"),
        ("app-04", ". 2>/dev/null; grep VERSION_ID /etc/os-release", 'VERSION_ID="18.04"\n'),
        ("app-02", "date -u '+%Y-%m-%dT%H:%M:%SZ'", "2026-11-21T12:07:00Z\n"),
        ("app-01", "ip -4 -o addr show scope global | grep -o '10.1.0.11/24'", "10.1.0.11/24\n"),
        ("app-01", "sh -c 'false && echo a || echo b; echo c'", "b\nc\n"),
        ("app-01", "LC_ALL=C; echo \"$LC_ALL $(hostname)\" '$x'", "C app-01 $x\n"),
        ("app-01", "timeout 5 bash -c '</dev/tcp/10.1.0.5/443' && echo open", "open\n"),
        ("app-01", "timeout 5 bash -c '</dev/tcp/10.1.0.5/9443' 2>/dev/null || echo closed", "closed\n"),
    ],
)
def test_linux_answers_as_its_system_would(disks: Disks, name: str, command: str, expected: str) -> None:
    assert linux(disks, name).run(command).stdout == expected


def test_ubuntu_sh_is_dash(disks: Disks) -> None:
    assert linux(disks, "app-01").run("sh -c nonsense") == Answer("", "sh: 1: nonsense: not found\n", 127)
    assert linux(disks, "app-01").run("nonsense") == Answer("", "bash: nonsense: command not found\n", 127)


@pytest.mark.parametrize("line", ["if true; then echo a; fi", "echo 'open", 'echo "$(date', "(echo a)"])
def test_what_the_shell_cannot_read_is_no_success(disks: Disks, line: str) -> None:
    assert linux(disks, "app-01").run(line).code == 2


def test_written_files_stay(tmp_path: Path) -> None:
    first = Disks(tmp_path)
    linux(first, "app-01").run("echo '10.1.0.99 extra' >> /etc/hosts")
    first.close()
    second = Disks(tmp_path)
    assert "10.1.0.99 extra" in linux(second, "app-01").run("cat /etc/hosts").stdout
    assert "10.1.0.99" not in linux(second, "app-02").run("cat /etc/hosts").stdout
    second.close()


@pytest.mark.parametrize(
    ("name", "script", "expected"),
    [
        ("cs-01", "(Get-CimInstance Win32_OperatingSystem).Version", "10.0.14393\n"),
        ("web-03", "(Get-WmiObject Win32_OperatingSystem).ServicePackMajorVersion", "1\n"),
        ("cs-01", "[math]::Round((Get-WmiObject Win32_ComputerSystem).TotalPhysicalMemory/1GB)", "16\n"),
        (
            "cs-01",
            "Get-Service W32Time,WinRM | % { $_.Name + '=' + $_.Status }",
            "W32Time=Running\nWinRM=Running\n",
        ),
        ("cs-01", "try{Get-Nothing}catch{'caught'}finally{'end'}", "caught\nend\n"),
        ("cs-01", 'foreach($n in 1,2,3){if($n -ne 2){"n$n"}}', "n1\nn3\n"),
        ("cs-01", "'{0}-{1}' -f 'a',('b'+'c')", "a-bc\n"),
        ("cs-01", "(Test-NetConnection 10.1.0.5 -Port 5985).TcpTestSucceeded", "True\n"),
        ("cs-01", "1,2,3 | ? { $_ -gt 1 } | Select-Object -First 1", "2\n"),
        ("cs-01", "hostname | Out-Null; $x = @('a'); $x += 'b'; $x.Length", "2\n"),
    ],
)
def test_powershell(disks: Disks, name: str, script: str, expected: str) -> None:
    answer = Session(windows(disks, name)).run(script)
    assert (answer.stdout, answer.code) == (expected, 0)


@pytest.mark.parametrize(
    ("name", "cmdlet"),
    [
        ("web-03", "Get-CimInstance"),
        ("web-03", "ConvertTo-Json"),
        ("web-03", "Get-FileHash"),
        ("web-02", "Get-TimeZone"),
        ("cs-01", "Get-Anything"),
    ],
)
def test_cmdlets_that_a_version_lacks(disks: Disks, name: str, cmdlet: str) -> None:
    answer = Session(windows(disks, name)).run(f"{cmdlet} x")
    assert answer.code == 1
    assert f"The term '{cmdlet}' is not recognized as the name of a cmdlet" in answer.stderr


@pytest.mark.parametrize("script", ["function f { }", "for(;;){}", "$a = ", "'open", "a | | b", "@{a=1}"])
def test_powershell_refuses_what_it_cannot_read(disks: Disks, script: str) -> None:
    assert Session(windows(disks, "cs-01")).run(script).code == 1


def test_error_stops_a_script_only_where_asked(disks: Disks) -> None:
    goes_on = Session(windows(disks, "cs-01")).run("Get-Nothing; 'after'")
    assert (goes_on.stdout, goes_on.code) == ("after\n", 0)
    stops = Session(windows(disks, "cs-01")).run("$ErrorActionPreference='Stop'; Get-Nothing; 'after'")
    assert (stops.stdout, stops.code) == ("", 1)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("echo a & echo b", "a \nb\n"),
        ("nothing 2>nul || echo no", "no\n"),
        ("hostname && echo yes", "CS-01\nyes\n"),
        ('if exist "C:\\Windows" (echo yes) else (echo no)', "yes\n"),
        ('if not exist "C:\\Nowhere" echo none', "none\n"),
        ("echo %ProgramData%", "C:\\ProgramData\n"),
        ('echo "a & b" | find "a"', '"a & b" \n'),
        ("tzutil /g", "UTC"),
    ],
)
def test_cmd(disks: Disks, line: str, expected: str) -> None:
    assert cmd.run(windows(disks, "cs-01"), line).stdout == expected


def test_registry_remembers(disks: Disks) -> None:
    guest = windows(disks, "cs-01")
    key = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System"
    query = f"reg query {key} /v LocalAccountTokenFilterPolicy"
    assert cmd.run(guest, query).code == 1
    assert cmd.run(guest, f"reg add {key} /v LocalAccountTokenFilterPolicy /t REG_DWORD /d 1 /f").code == 0
    assert "LocalAccountTokenFilterPolicy    REG_DWORD    0x1" in cmd.run(guest, query).stdout


def test_fleet_keeps_ports_and_secrets_over_restarts(tmp_path: Path) -> None:
    clock = SetClock()
    with ground(tmp_path, clock) as first:
        before = first.description
    clock.time += timedelta(days=1)
    with ground(tmp_path, clock) as second:
        after = second.description
    assert after["network"] == before["network"]
    assert after["secrets"] == before["secrets"]
    assert (tmp_path / "machine-secrets.json").stat().st_mode & 0o777 == 0o600
    assert tmp_path.stat().st_mode & 0o077 == 0 or tmp_path.parent.stat().st_mode & 0o077 == 0
    assert "10.1.0.34:5985" not in after["network"]
    names = [machine["name"] for machine in after["machines"]]
    assert names == [
        "cs-01", "web-01", "web-02", "web-03", "web-04", "web-05", "web-06", "web-07",
        "app-01", "app-02", "app-03", "app-04", "app-05", "db-01", "db-02", "db-03",
    ]  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet="ab1 $'\"`(){}[]|;&<>%=,.:-\\/\n", max_size=40))
def test_no_line_breaks_an_interpreter(disks: Disks, line: str) -> None:
    assert isinstance(linux(disks, "app-01").run(line), Answer)
    assert isinstance(Session(windows(disks, "cs-01")).run(line), Answer)
    assert isinstance(cmd.run(windows(disks, "cs-01"), line), Answer)
