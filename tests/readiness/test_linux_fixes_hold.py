"""Fixes of Linux files: the line that counts, what does not hold is taken back, and a file stays what it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.guests.model import Output
from services.problems.model import ProblemError, RefusedError
from services.readiness.fixes import engine, files, records
from services.readiness.fixes.model import Consent
from services.readiness.model import Finding, Status
from services.world.deadline import Deadline
from tests.readiness.linux_peer import GOOD, MACHINE, Peer, fix_of, peer, pytestmark

__all__ = ["pytestmark"]


def test_a_server_program_that_is_missing_is_replaced(tmp_path: Path) -> None:
    with peer(tmp_path, GOOD.replace("/usr/lib/openssh/", "/usr/libexec/openssh/")) as here:
        before = here.files()
        assert here.found()["sftp"].status is Status.FAILED
        assert here.fix("sftp").status is Status.OK
        assert b"Subsystem sftp /usr/lib/openssh/sftp-server\n" in here.config.read_bytes()
        assert here.undo("sftp").status is Status.FAILED
        assert here.files() == before


def test_a_commented_line_with_a_wrong_program_stays_a_comment(tmp_path: Path) -> None:
    with peer(tmp_path, GOOD.replace("Subsystem sftp /usr/lib/", "#Subsystem sftp /usr/libexec/")) as here:
        assert here.fix("sftp").status is Status.OK
        assert b"#Subsystem sftp /usr/libexec/openssh/sftp-server\n" in here.config.read_bytes()


def test_the_line_that_counts_is_changed_and_no_other(tmp_path: Path) -> None:
    """A Match block for another port has the same words and stands first among what might hold."""
    settings = GOOD.replace("PasswordAuthentication yes", "PasswordAuthentication no")
    other = "Match LocalPort 2222\n  PasswordAuthentication no\n"
    with peer(tmp_path, settings + other) as here:
        assert here.fix("ssh-password").status is Status.OK
        assert here.config.read_bytes().endswith(other.encode())


def test_a_setting_that_does_not_hold_is_taken_back(tmp_path: Path) -> None:
    """A file that is included from elsewhere comes first: what was written weakens nothing that anybody asked for."""
    (tmp_path / "first.conf").write_text("PasswordAuthentication no\n")
    with peer(tmp_path, f"Include {tmp_path}/first.conf\n{GOOD}") as here:
        before = here.files()
        with pytest.raises(ProblemError) as failed:
            here.fix("ssh-password")
        assert failed.value.problems[0].code == "not-kept"
        assert here.files() == before
        assert records.kept(here.journal, here.engagement)[0].state == "failed"


def test_a_piece_that_begins_with_a_hyphen_is_written_as_it_is(tmp_path: Path) -> None:
    with peer(tmp_path, GOOD) as here:
        lines = b"#" * (files.PIECE - 1) + b"\n" + b"-- mark\n"
        here.hosts.write_bytes(lines)
        assert here.fix("hosts-file").status is Status.OK
        assert here.hosts.read_bytes().startswith(lines)


class Labels:
    """A machine with SELinux, or without: each command is noted; chcon works only with it."""

    def __init__(self, labels: bool) -> None:
        self._labels = labels
        self.asked: list[str] = []

    def run(self, command: str, deadline: Deadline) -> Output:
        self.asked.append(command)
        return Output(command, "", "", int("chcon" in command and not self._labels))

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize(("labels", "last"), [(True, "mv -f"), (False, "restorecon")])
def test_the_label_of_selinux_goes_over_before_the_file_does(labels: bool, last: str) -> None:
    shell = Labels(labels)
    files.move_over(shell, "/etc/hosts.new", "/etc/hosts", Deadline(5))
    assert shell.asked[0].startswith("chcon --reference=/etc/hosts /etc/hosts.new")
    assert last in shell.asked[-1]


TWO = "PasswordAuthentication no\nPermitRootLogin prohibit-password\nSubsystem sftp internal-sftp\n"


def agreed(here: Peer, *names: str) -> dict[str, Consent]:
    """One look at all of these fixes, and a yes to each."""
    shown = {name: engine.preview_fix(MACHINE, fix_of(name), here.ground, Deadline(60)) for name in names}
    return {name: Consent(one.digest, "op", True, one.change) for name, one in shown.items()}


def made(here: Peer, name: str, yes: Consent) -> Finding:
    return engine.apply_fix(
        here.journal, here.engagement, MACHINE, fix_of(name), here.ground, Deadline(60), yes
    )


def test_two_fixes_of_one_file_are_made_after_one_look_and_taken_back(tmp_path: Path) -> None:
    with peer(tmp_path, TWO) as here:
        before = here.files()
        for name, yes in agreed(here, "ssh-password", "ssh-root-login").items():
            assert made(here, name, yes).status is Status.OK
        assert here.undo("ssh-root-login").status is Status.FAILED
        assert here.undo("ssh-password").status is Status.FAILED
        assert here.files() == before


def test_a_file_that_somebody_else_changed_between_two_fixes_is_left_alone(tmp_path: Path) -> None:
    with peer(tmp_path, TWO) as here:
        first, second = agreed(here, "ssh-password", "ssh-root-login").items()
        made(here, *first)
        here.config.write_bytes(here.config.read_bytes() + b"# theirs\n")
        with pytest.raises(RefusedError) as refused:
            made(here, *second)
        assert refused.value.problems[0].code == "preview-changed"
