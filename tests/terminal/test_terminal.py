"""The program on a real terminal: start, size, bytes, signals, what it leaves behind."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.terminal.conftest import Start
from tests.terminal.pty_process import ROOT, PtyProcess, environment
from tui.terminal import examine

ALTERNATE, BACK = b"\x1b[?1049h", b"\x1b[?1049l"
SHOWN_CURSOR = b"\x1b[?25h"
MOUSE = b"\x1b[?1003h"
MENU = b"A small set-up"
AT_ONCE = 3.5
"""Seconds: the grace, and what a busy machine adds."""


def opened(child: PtyProcess) -> PtyProcess:
    child.read_until(MENU)
    child.read_quiet()
    return child


def restored(child: PtyProcess) -> bool:
    """Whether the terminal was brought back after the last page."""
    end = child.written.rfind(BACK)
    return end > child.written.rfind(ALTERNATE) and SHOWN_CURSOR in child.written[end:]


def test_first_page_is_small_and_then_silent(start: Start) -> None:
    child = opened(start())
    assert len(child.written) < 30_000
    assert child.read_for(5) == b""


def test_a_page_with_a_text_field_is_silent_too(start: Start) -> None:
    child = opened(start())
    child.send(b"\r")
    child.read_until(b"How it is built")
    child.send(b"n")
    child.read_quiet()
    child.send(b"t")
    child.read_quiet()
    child.send(b"\x1b[B\x1b[B\r")
    child.read_until(b"The machines")
    child.read_quiet()
    assert child.read_for(5) == b""


def test_q_ends_with_0_and_restores_the_terminal(start: Start) -> None:
    child = opened(start())
    child.send(b"q")
    assert child.wait() == 0
    assert restored(child)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_end_at_once_and_restore_the_terminal(start: Start, number: signal.Signals) -> None:
    child = opened(start())
    child.signal(number)
    assert child.wait(AT_ONCE) == 128 + number
    assert restored(child)


def test_a_dropped_link_ends_the_program(start: Start) -> None:
    child = opened(start())
    child.hang_up()
    assert child.wait(AT_ONCE) == 128 + signal.SIGHUP


@pytest.mark.parametrize("how", ["q", "SIGTERM", "SIGHUP"])
def test_a_worker_that_hangs_holds_nobody(start: Start, how: str) -> None:
    child = opened(start("--hang"))
    reach_the_policy(child)
    child.send(b"contoso")
    child.read_quiet()
    child.send(b"\x1b")
    child.read_quiet(0.4)
    child.send(b"c")
    child.read_until(b"looking ...")
    begun = time.monotonic()
    if how == "q":
        # Only a look is lost, so nothing is asked.
        child.send(b"q")
        assert child.wait(AT_ONCE + 1) == 0
    else:
        number = signal.Signals[how]
        child.signal(number)
        assert child.wait(AT_ONCE + 1) == 128 + number
    assert time.monotonic() - begun < AT_ONCE
    assert restored(child)
    again = opened(start())
    reach_the_policy(again)
    again.read_until(b"contoso")


def reach_the_policy(child: PtyProcess) -> None:
    """From the welcome page to the step of the policy, by the list of commands."""
    child.send(b"\r")
    child.read_until(b"step 1 of 5")
    child.read_quiet(0.4)
    child.send(b"/")
    child.read_until(b"Find a command")
    child.read_quiet(0.3)
    child.send(b"Replication\r")
    child.read_until(b"step 4 of 5")
    child.read_quiet(0.4)


def test_ctrl_z_suspends_and_fg_brings_it_back(start: Start) -> None:
    child = opened(start())
    child.send(b"\x1a")
    assert child.stopped()
    assert restored(child)
    before = len(child.written)
    child.signal(signal.SIGCONT)
    child.read_quiet()
    assert ALTERNATE in child.written[before:]
    assert MENU in child.written[before:]
    child.send(b"q")
    assert child.wait() == 0


def test_resizing_never_crashes(start: Start) -> None:
    child = opened(start())
    for columns, rows in ((120, 40), (20, 5), (1, 1), (60, 16), (80, 24)):
        child.resize(columns, rows)
        child.read_quiet(0.3)
    child.send(b"q")
    assert child.wait() == 0


@pytest.mark.parametrize("size", [(0, 0), (200, 60), (40, 10)])
def test_any_size_starts(start: Start, size: tuple[int, int]) -> None:
    child = start(columns=size[0], rows=size[1])
    child.read_until(b"What now?")
    child.read_quiet()
    child.send(b"q")
    assert child.wait() == 0


def test_rehearse_starts_the_practice_world_in_place_of_the_live_one(start: Start) -> None:
    child = opened(start("--live"))
    assert b"PRACTICE" not in child.written
    child.send(b"\x1b[F")
    child.read_quiet(0.3)
    before = len(child.written)
    child.send(b"\r")
    child.read_until(b"PRACTICE")
    assert BACK in child.written[before:]
    child.read_until(MENU)
    child.read_quiet()
    child.send(b"q")
    assert child.wait() == 0
    assert restored(child)


def test_sixteen_colours_are_enough(start: Start) -> None:
    child = opened(start(TERM="linux", COLORTERM=""))
    assert b"38;2;" not in child.written
    assert b"38;5;" not in child.written


def test_no_color_leaves_the_terminals_own_colours(start: Start) -> None:
    """Any colour of ours, black on black above all, may be unreadable on the terminal's own."""
    child = opened(start(NO_COLOR="1", COLORTERM=""))
    child.send(b"\r")
    child.read_until(b"How it is built")
    child.read_quiet()
    codes = {
        int(code)
        for sequence in re.findall(rb"\x1b\[([0-9;]*)m", child.written)
        for code in sequence.split(b";")
        if code
    }
    own = {39, 49}
    assert own <= codes
    assert not {code for code in codes if 30 <= code <= 49 or 90 <= code <= 107} - own


@pytest.mark.parametrize(
    ("flags", "changes"),
    [
        (("--ascii",), {}),
        ((), {"PYTHONIOENCODING": "latin-1"}),
        ((), {"TERM": "linux"}),
        ((), {"LC_ALL": "C"}),
    ],
    ids=["asked", "latin-1", "linux-console", "locale-c"],
)
def test_ascii_where_unicode_would_not_arrive(
    start: Start, flags: tuple[str, ...], changes: dict[str, str]
) -> None:
    child = opened(start(*flags, **changes))
    assert child.written.isascii()
    assert b"-" * 80 in child.written


@pytest.mark.parametrize(
    ("locale", "plain"),
    [
        ({"LANG": "C"}, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True),
        ({"LANG": "de_DE.ISO-8859-15@euro", "LC_CTYPE": "C.UTF-8"}, True),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "POSIX"}, True),
        ({"LANG": "C", "LC_CTYPE": "en_US.utf8"}, False),
        ({"LANG": "C", "LC_ALL": "C.UTF-8"}, False),
        ({"LANG": "", "LC_CTYPE": "C.UTF-8"}, False),
        ({"LC_CTYPE": "UTF-8"}, False),
        ({}, False),
    ],
    ids=str,
)
def test_the_locale_says_what_the_terminal_reads(
    locale: dict[str, str], plain: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where Python, not the user, set LC_CTYPE, as the locale is C or is not installed."""
    monkeypatch.setattr(sys, "__stderr__", SimpleNamespace(encoding="utf-8"))
    assert examine(locale | {"TERM": "xterm"}).ascii is plain


def test_mouse_is_off_over_ssh(start: Start) -> None:
    assert MOUSE not in opened(start(SSH_CONNECTION="10.0.0.1 22 10.0.0.2 22")).written
    assert MOUSE in opened(start()).written


def test_without_a_terminal_it_says_so_and_ends_2(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.terminal.program", str(tmp_path)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=20,
        cwd=ROOT,
        env=environment(),
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "lifeboat --plain" in done.stderr
    assert "lifeboat run --answers FILE" in done.stderr
    assert "\x1b" not in done.stderr


def test_output_into_a_pipe_is_refused_from_a_terminal_too(tmp_path: Path) -> None:
    command = f"{sys.executable} -m tests.terminal.program {tmp_path} | cat; echo status ${{PIPESTATUS[0]}}"
    child = PtyProcess(["bash", "-c", command], environment())
    try:
        child.wait()
        child.read_quiet()
        assert b"status 2" in child.written
        assert b"Standard output is not a terminal" in child.written
        assert b"lifeboat run --answers FILE" in child.written
        assert ALTERNATE not in child.written
    finally:
        child.close()


@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_dumb_terminal_is_sent_to_the_plain_prompts(start: Start, term: str) -> None:
    child = start(TERM=term)
    assert child.wait() == 2
    assert b"--plain" in child.written
    assert b"\x1b" not in child.written
