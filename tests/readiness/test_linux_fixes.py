"""Linux checks and fixes against OpenSSH's own server: found, shown, made, seen to be right, taken back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from services.problems.model import RefusedError
from services.readiness.fixes import engine, records
from services.readiness.model import Status
from services.world.deadline import Deadline
from tests.readiness.linux_peer import BROKEN, GOOD, MACHINE, fix_of, peer, pytestmark

__all__ = ["pytestmark"]


def test_set_up_as_documented_is_ok(tmp_path: Path) -> None:
    with peer(tmp_path, GOOD) as here:
        found = here.found()
    for check in ("hosts-file", "ssh-packages", "ssh-password", "ssh-root-login", "sftp"):
        assert found[check].status in (Status.OK, Status.WARNING), found[check]
    assert found["ssh-password"].status is found["sftp"].status is found["hosts-file"].status is Status.OK
    assert any("sshd -T" in item.command for item in found["sftp"].evidence)


@pytest.mark.parametrize("way", BROKEN)
def test_each_broken_setting_is_found_fixed_and_taken_back(tmp_path: Path, way: str) -> None:
    check, settings = BROKEN[way]
    with peer(tmp_path, settings(str(tmp_path))) as here:
        if way == "password-include":
            (tmp_path / "config.d" / "60-cloud.conf").write_bytes(b"# \xfe\nPasswordAuthentication no\n")
        before = here.files()
        assert here.found()[check].status is Status.FAILED
        preview = engine.preview_fix(MACHINE, fix_of(check), here.ground, Deadline(60))
        assert here.files() == before
        assert any(line.startswith("+") and not line.startswith("+++") for line in preview.lines)
        fixed = here.fix(check, preview.digest)
        assert (fixed.id, fixed.status) == (check, Status.OK), fixed
        assert here.files() != before
        kept = records.kept(here.journal, here.engagement)
        assert [(one.state, one.by) for one in kept] == [("applied", "op")]
        assert here.undo(check).status is Status.FAILED
        assert here.files() == before
        assert records.kept(here.journal, here.engagement)[0].state == "undone"


def test_missing_hosts_lines_are_added_and_taken_back(tmp_path: Path) -> None:
    with peer(tmp_path, GOOD) as here:
        here.hosts.write_bytes(b"127.0.0.1 localhost # \xff no end of line")
        here.hosts.chmod(0o640)
        before = here.files()
        assert here.found()["hosts-file"].status is Status.FAILED
        assert here.fix("hosts-file").status is Status.OK
        assert here.hosts.read_bytes().startswith(b"127.0.0.1 localhost # \xff no end of line\n")
        assert here.hosts.stat().st_mode & 0o777 == 0o640
        here.undo("hosts-file")
        assert here.files() == before


def test_what_was_changed_since_is_not_put_back(tmp_path: Path) -> None:
    with peer(tmp_path, BROKEN["sftp-comment"][1]("")) as here:
        here.fix("sftp")
        here.config.write_bytes(here.config.read_bytes() + b"# by hand\n")
        with pytest.raises(RefusedError) as refused:
            here.undo("sftp")
        assert refused.value.problems[0].code == "changed-since"
        assert str(here.config) in refused.value.problems[0].what
        assert records.kept(here.journal, here.engagement)[0].standing


def test_what_differs_from_the_preview_is_refused(tmp_path: Path) -> None:
    with peer(tmp_path, BROKEN["sftp-comment"][1]("")) as here:
        shown = engine.preview_fix(MACHINE, fix_of("sftp"), here.ground, Deadline(60))
        here.config.write_bytes(here.config.read_bytes() + b"# by hand\n")
        before = here.files()
        with pytest.raises(RefusedError) as refused:
            here.fix("sftp", shown.digest)
        assert refused.value.problems[0].code == "preview-changed"
        assert here.files() == before
        assert records.kept(here.journal, here.engagement) == []


def test_a_weakening_needs_its_own_yes_and_a_read_only_world_none(tmp_path: Path) -> None:
    with peer(tmp_path, BROKEN["password-no"][1]("")) as here:
        before = here.files()
        with pytest.raises(RefusedError) as refused:
            here.fix("ssh-password", weakening=False)
        assert refused.value.problems[0].code == "weakens"
        here.ground = replace(here.ground, world=replace(here.ground.world, read_only=True))
        with pytest.raises(RefusedError) as refused:
            here.fix("ssh-password")
        assert refused.value.problems[0].code == "read-only"
        assert here.files() == before


def test_an_earlier_fix_of_the_same_file_waits_for_the_later_one(tmp_path: Path) -> None:
    settings = BROKEN["sftp-comment"][1]("").replace(
        "PasswordAuthentication yes", "PasswordAuthentication no"
    )
    with peer(tmp_path, settings) as here:
        before = here.files()
        here.fix("ssh-password")
        here.fix("sftp")
        with pytest.raises(RefusedError) as refused:
            here.undo("ssh-password")
        assert refused.value.problems[0].code == "later-fix"
        here.undo("sftp")
        here.undo("ssh-password")
        assert here.files() == before
