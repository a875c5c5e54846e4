"""The plain prompts: lines in, lines out, no escape code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.screens import small
from tests.terminal.conftest import Start
from tests.terminal.pty_process import ROOT, environment

WALK = ["1", "", "secret", "practice:principal", "app-01, 10.1.0.11, Linux", "done"]
POLICY = ["contoso-policy", "", "", "no"]


def prompted(state: Path, *typed: str, flags: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run the prompts with these lines typed."""
    return subprocess.run(
        [sys.executable, "-m", "tests.terminal.program", str(state), "--plain", *flags],
        input="".join(line + "\n" for line in typed),
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        env=environment(TERM="dumb"),
        check=False,
    )


def test_a_whole_walk_by_lines(tmp_path: Path) -> None:
    done = prompted(tmp_path, *WALK, *POLICY, "yes", "")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Lifeboat  PRACTICE" in done.stdout
    assert "create  replication policy contoso-policy" in done.stdout
    assert "Every step is done." in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stderr == ""


def test_the_safe_answer_to_a_plan_is_no(tmp_path: Path) -> None:
    done = prompted(tmp_path, *WALK, *POLICY, "", "3")
    assert "Nothing was changed." in done.stdout
    assert "Saved: small, 3 of 5 steps done. Next: Replication policy." in done.stdout


def test_a_mistake_is_explained_and_asked_again(tmp_path: Path) -> None:
    done = prompted(tmp_path, *WALK, "contoso-policy", "5", "quit")
    assert "RPO threshold: 5 will not do: 15 to 1440 minutes" in done.stdout
    assert done.stdout.count("RPO threshold (minutes) [60]: ") == 2
    assert done.returncode == 0


def test_what_was_refused_is_no_default_of_the_next_start(tmp_path: Path) -> None:
    prompted(tmp_path, *WALK, "contoso-policy", "90", "back", "5", "quit")
    again = prompted(tmp_path, "1", "", "quit")
    assert "RPO threshold (minutes) [90]: " in again.stdout


def test_a_draft_of_a_page_that_will_not_do_is_named_and_not_offered(tmp_path: Path) -> None:
    prompted(tmp_path, *WALK, "quit")
    book = small.book(tmp_path / "practice")
    walk = book.walk(book.engagements()[0], lambda _event: None, None)
    walk.save(small.SMALL.step("policy"), {"rpo": 7})
    book.journal.close()
    again = prompted(tmp_path, "1", "contoso-policy", "quit")
    assert "what was typed before will not do: 7 will not do: 15 to 1440 minutes" in again.stdout
    assert "RPO threshold (minutes) [60]: " in again.stdout


def test_a_legal_acceptance_is_never_offered(tmp_path: Path) -> None:
    done = prompted(tmp_path, "1", "", "", "2026-09-21", flags=("--documented",))
    assert "Date of the notice: " in done.stdout
    assert "Date of the notice [" not in done.stdout
    assert "type that of the newest page shown here" in done.stdout.partition("Date of the notice: ")[0]
    assert "Date of the notice: needs a value" in done.stdout
    assert "Step 2 of " in done.stdout


def test_the_first_step_reads_out_both_sides(tmp_path: Path) -> None:
    done = prompted(tmp_path, "1", flags=("--documented",))
    before, _question, _after = done.stdout.partition("How to go on")
    words = " ".join(before.split())
    assert "Classic deprecation page, 2023-03-14" in words
    assert "Azure Stack article, 2026-09-21" in words
    assert "Six steps lead there" not in words


def test_help_and_back(tmp_path: Path) -> None:
    done = prompted(tmp_path, *WALK, "?", "contoso-policy", "back", "other-policy", "quit")
    assert "A name for the policy in the vault." in done.stdout
    assert "Name [contoso-policy]:" in done.stdout
    again = prompted(tmp_path, "1", "quit")
    assert "Name [other-policy]:" in again.stdout


def test_the_end_of_the_input_is_no_crash(tmp_path: Path) -> None:
    done = prompted(tmp_path, "1")
    assert done.returncode == 0
    assert "Enter goes on: \nSaved: small, 0 of 5 steps done." in done.stdout
    assert done.stdout.splitlines()[-1].startswith("To go on: lifeboat ")


def test_an_end_before_the_first_choice_says_so(tmp_path: Path) -> None:
    done = prompted(tmp_path)
    assert "Number [1]: \nNothing was begun.\n" in done.stdout


def test_accessible_means_plain(start: Start) -> None:
    child = start(ACCESSIBLE="1")
    child.read_until(b"Number [1]:")
    assert b"\x1b" not in child.written
    child.send(b"quit\n")
    assert child.wait() == 0


def test_a_secret_itself_is_asked_about_and_typed_without_echo(start: Start) -> None:
    child = start("--plain")
    for question, typed in (
        (b"Number [1]:", b""),
        (b"Enter goes on:", b""),
        (b"How to sign in [secret]:", b""),
        (b"Client secret [practice:principal]:", b"first-hunter"),
        (b"Type the secret itself now, without echo? (yes or no) [no]:", b"yes"),
    ):
        child.read_until(question)
        child.send(typed + b"\n")
    assert b"That is no reference, and it was not kept." in child.written
    child.read_until(b"Client secret: ")
    child.send(b"second-hunter\n")
    child.read_until(b"the answer is 'prompt'.")
    assert b"second-hunter" not in child.written


def test_a_no_to_the_secret_itself_asks_for_its_source_again(tmp_path: Path) -> None:
    done = prompted(tmp_path, "1", "", "secret", "first-hunter", "", "env:SECRET", "quit")
    assert done.stdout.count("Client secret [practice:principal]: ") == 2
    assert "first-hunter" not in done.stdout
    assert "Kept in memory" not in done.stdout


def test_on_a_terminal_no_word_is_broken_at_its_edge(start: Start) -> None:
    child = start("--plain", columns=50)
    child.read_until(b"Number [1]:")
    child.send(b"\n")
    child.read_until(b"Enter goes on:")
    child.send(b"\n")
    child.read_until(b"How to sign in [secret]:")
    child.send(b"device-code\n")
    child.read_until(b"[done]:")
    rows = child.written.decode().replace("\r", "").split("\n")
    assert [row for row in rows if len(row) > 50] == []
    assert "A machine is typed as: name, address, os, user," in [row.strip() for row in rows]
