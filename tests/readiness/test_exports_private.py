"""The scripts for Windows keep what undo reads in a folder that nobody but administrators can have made or filled."""

from __future__ import annotations

import re

import pytest

from services.guests.powershell import quoted
from services.guests.windows_files import closing
from services.readiness.exports import Host, rendered
from services.scenario.mending import FIXES

FILES = rendered(FIXES, [Host("web-01", "10.1.0.31", "Windows", "Administrator", ())], "PRACTICE, readiness")


def part(text: str, label: str) -> list[str]:
    """The lines of a subroutine of the command file."""
    return text.split(f"\r\n:{label}\r\n", 1)[1].split("\r\n\r\n", 1)[0].split("\r\n")


def test_the_command_file_touches_the_folder_only_behind_the_look_at_it() -> None:
    text = FILES["lifeboat-windows.cmd"]
    before, _call, after = text.partition("call :private\r\nif errorlevel 1 (\r\n  echo refused: ")
    assert "errorlevel" in before
    assert after.split("\r\n")[1:3] == ["  exit /b 4", ")"]
    named = [line for line in before.split("\r\n") if "%KEEP%" in line or "%OWN%" in line or "OWN=" in line]
    assert named == ['set "OWN=%ProgramData%\\Lifeboat"', 'set "KEEP=%OWN%\\fixes"']


def test_the_command_file_looks_who_owns_it_closes_it_and_looks_again() -> None:
    lines = part(FILES["lifeboat-windows.cmd"], "private")
    looks = [number for number, line in enumerate(lines) if line == "call :owned"]
    shut = [lines.index(f"{command} >nul") for command in closing("%OWN%")]
    made = next(number for number, line in enumerate(lines) if 'mkdir "%KEEP%"' in line)
    assert looks[0] < min(shut) <= max(shut) < looks[1] < made
    for number in (*looks, *shut):
        assert lines[number + 1] == "if errorlevel 1 exit /b 1"


def test_the_powershell_script_does_the_same_before_its_fixes() -> None:
    text = FILES["lifeboat-windows.ps1"]
    body = text.split("function Set-Private {", 1)[1].split("\r\n}", 1)[0]
    order = [
        body.index("Test-Owned"),
        *(body.rindex(f"({quoted(one)} -f") for one in closing("{0}")),
        body.rindex("Test-Owned"),
    ]
    assert order == sorted(order)
    asked = text.index("-not (Set-Private)")
    assert "exit 4" in text[asked:].split("}", 1)[0]
    assert asked < text.index("try { Invoke-One $id }")


@pytest.mark.parametrize("name", ["lifeboat-windows.cmd", "lifeboat-windows.ps1"])
def test_only_system_and_administrators_may_own_it_and_no_link_is_followed(name: str) -> None:
    text = FILES[name]
    owners = re.search(r"@\(('S-[^)]*)\) -notcontains \$o", text)
    assert owners is not None
    assert re.findall(r"S-[\d-]+", owners[1]) == ["S-1-5-18", "S-1-5-32-544"]
    assert "[IO.FileAttributes]::ReparsePoint" in text
